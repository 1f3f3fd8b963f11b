// The commonest ZooKeeper client for Node.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DATA, serveLoad } from './load.ts';

type Done = (error?: unknown) => void;

/** What is used of it; it comes without types. */
interface PeerClient {
  once(event: 'connected', listener: () => void): void;
  connect(): void;
  getData(path: string, done: Done): void;
  setData(path: string, data: Buffer, done: Done): void;
  create(path: string, data: Buffer, done: Done): void;
  remove(path: string, done: Done): void;
  close(): void;
}

const require = createRequire(import.meta.url);
const zookeeper = require('node-zookeeper-client') as {
  createClient(servers: string | undefined, options: { sessionTimeout: number }): PeerClient;
};
const manifest = readFileSync(require.resolve('node-zookeeper-client/package.json'), 'utf8');

const client = zookeeper.createClient(process.argv[2], { sessionTimeout: 600_000 });
await new Promise<void>((resolve) => {
  client.once('connected', resolve);
  client.connect();
});

await serveLoad({
  version: (JSON.parse(manifest) as { version: string }).version,
  ask: (work, path, done) => {
    if (work === 'get') client.getData(path, done);
    else if (work === 'set') client.setData(path, DATA, done);
    else if (work === 'create') client.create(path, DATA, done);
    else client.remove(path, done);
  },
});
client.close();
