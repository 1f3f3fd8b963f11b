// zksh's own client, used as a program would use it.
import { connect } from '../../../src/index.ts';
import { DATA, serveLoad } from './load.ts';

const client = await connect(process.argv[2] ?? '', { sessionTimeout: 600_000 });

await serveLoad({
  version: 'this checkout',
  ask: (work, path, done) => {
    request(work, path).then(() => done(), done);
  },
});
await client.close();

function request(work: string, path: string): Promise<unknown> {
  switch (work) {
    case 'get':
      return client.getData(path);
    case 'set':
      return client.setData(path, DATA);
    case 'create':
      return client.create(path, DATA);
    default:
      return client.delete(path);
  }
}
