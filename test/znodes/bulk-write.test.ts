import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { Errno, isServerError } from '../../src/protocol/server-errors.ts';
import { type BulkItem, type BulkOptions, bulkWrite } from '../../src/znodes/bulk-write.ts';
import { useChroot } from '../support/chroot.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const create = (path: string, data?: Uint8Array): BulkItem => ({ path, ops: [{ type: 'create', path, data }] });
const exists: BulkOptions<BulkItem>['settled'] = (_, error, uncertain) =>
  uncertain && isServerError(error, Errno.nodeExists);
const numbered = (root: string, count: number) => Array.from({ length: count }, (_, i) => `${root}/n${i}`);

describe('writing many znodes', () => {
  const zk = useChroot('bulk-write');

  async function behindProxy() {
    const [host = '', port = ''] = zk.client.servers.split(':');
    const proxy = await TcpProxy.start({ host, port: Number(port) });
    const client = await connect(`127.0.0.1:${proxy.port}${zk.client.chroot}`);
    return { proxy, client, stop: () => client.close().then(() => proxy.stop()) };
  }

  it('writes all, parents before children, also from a source that is read as it is needed', async () => {
    async function* items() {
      yield create('/all');
      for (const parent of numbered('/all', 60)) {
        yield create(parent);
        for (const path of numbered(parent, 60)) yield create(path);
      }
    }
    const done: number[] = [];
    const report = await bulkWrite(zk.client, items(), { progress: (count) => done.push(count) });
    expect(report).toEqual({ written: 3661, already: 0, failed: 0, failures: [] });
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(done.at(-1)).toBe(3661);
    expect(await zk.client.getAllChildrenNumber('/all')).toBe(3660);
  });

  it.each([1, 3, 20])('lets what is refused fail alone, with what needs it: %i bad among 3000', async (bad) => {
    const root = `/some-${bad}`;
    const items = [create(root), ...numbered(root, 3000).map((path) => create(path))];
    for (let i = 0; i < bad; i++) items.splice(700 + i * 100, 0, create(`/missing/x${i}`), create(`/missing/x${i}/y`));
    const report = await bulkWrite(zk.client, items);
    expect(report).toMatchObject({ written: 3001, already: 0, failed: bad * 2 });
    expect(report.failures.map(({ item }) => item.path)).toEqual(
      Array.from({ length: bad }, (_, i) => [`/missing/x${i}`, `/missing/x${i}/y`]).flat(),
    );
    expect(report.failures[0]?.error).toMatchObject({ code: 'NO_NODE' });
    expect((await zk.client.exists(root))?.numChildren).toBe(3000);
  });

  it('keeps the operations of one item together', async () => {
    await zk.client.create('/guarded');
    for (const path of numbered('/guarded', 10)) await zk.client.create(path);
    await zk.client.setData('/guarded/n4', 'changed');
    const items = numbered('/guarded', 10).map((path): BulkItem => {
      return {
        path,
        ops: [
          { type: 'check', path, version: 0 },
          { type: 'delete', path },
        ],
      };
    });
    const report = await bulkWrite(zk.client, items, { batchSize: 6 });
    expect(report).toMatchObject({ written: 9, failed: 1 });
    expect(report.failures[0]).toMatchObject({ item: { path: '/guarded/n4' }, error: { code: 'BAD_VERSION' } });
    expect(await zk.client.getChildren('/guarded')).toMatchObject({ children: ['n4'] });
  });

  it('takes for done what is so already, where the caller says so', async () => {
    await zk.client.create('/again');
    const paths = numbered('/again', 500);
    for (const path of paths.slice(100, 400)) await zk.client.create(path);
    const settled: BulkOptions<BulkItem>['settled'] = (_, error) => isServerError(error, Errno.nodeExists);
    const report = await bulkWrite(
      zk.client,
      paths.map((path) => create(path)),
      { settled },
    );
    expect(report).toEqual({ written: 200, already: 300, failed: 0, failures: [] });
  });

  it('does again what was lost with a connection, and asks whether it was done before', async () => {
    const { proxy, client, stop } = await behindProxy();
    await client.create('/lost');
    let cuts = 0;
    const asked: boolean[] = [];
    const report = await bulkWrite(
      client,
      numbered('/lost', 5000).map((path) => create(path)),
      {
        batchSize: 100,
        progress: (done) => {
          if (done >= (cuts + 1) * 1000 && cuts < 4) {
            cuts += 1;
            proxy.cut();
          }
        },
        settled: (item, error, uncertain) => {
          asked.push(uncertain);
          return exists(item, error, uncertain);
        },
      },
    );
    expect(cuts).toBe(4);
    expect(asked.every(Boolean)).toBe(true);
    expect(report).toMatchObject({ failed: 0 });
    expect(report.written + report.already).toBe(5000);
    expect((await client.exists('/lost'))?.numChildren).toBe(5000);
    await stop();
  });

  it('gets transactions through that are over the limit of the server, and fails what is so alone', async () => {
    await zk.client.create('/large');
    const half = Buffer.alloc(500_000);
    const items = [
      create('/large/a', half),
      create('/large/b', half),
      create('/large/over', Buffer.alloc(1_200_000)),
      create('/large/c', half),
    ];
    const report = await bulkWrite(zk.client, items, { batchBytes: 100_000_000, settled: exists });
    expect(report.failures.map(({ item, error }) => [item.path, error.code])).toEqual([
      ['/large/over', 'CONNECTION_LOST'],
    ]);
    expect(await zk.client.getChildren('/large')).toMatchObject({
      children: expect.arrayContaining(['a', 'b', 'c']),
      stat: { numChildren: 3 },
    });
  });

  it('stops when told to, with what is written written', async () => {
    await zk.client.create('/stop');
    const stop = new AbortController();
    const ended = bulkWrite(
      zk.client,
      numbered('/stop', 5000).map((path) => create(path)),
      { batchSize: 10, signal: stop.signal, progress: (done) => done >= 200 && stop.abort() },
    );
    await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const { numChildren } = (await zk.client.exists('/stop')) ?? { numChildren: 0 };
    expect(numChildren).toBeGreaterThanOrEqual(200);
    expect(numChildren).toBeLessThan(5000);
  });
});
