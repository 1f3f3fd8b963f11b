import { connect } from 'zksh';

const zk = await connect('zk1:2181,zk2:2181,zk3:2181/app');

const { path } = await zk.create('/jobs/job-', 'first', { mode: 'persistent_sequential' });
const { data, stat } = await zk.getData(path);
console.log(String(data), stat.mzxid);
await zk.setData(path, 'second', { version: stat.version });

await zk.multi([
  { type: 'check', path, version: 1 },
  { type: 'delete', path },
  { type: 'create', path: '/done' },
]);

for await (const event of zk.watch('/jobs', { recursive: true })) {
  // Changes of the session's state are in the stream too: after a gap, look again.
  if ('path' in event) console.log(event.type, event.path);
  if (event.type === 'NodeDeleted') break;
}
await zk.close();
