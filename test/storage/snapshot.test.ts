import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../src/storage/snapshot.ts';
import { filesOf, NODES, record, snapshotFile } from './made-files.ts';

const read = (bytes: Buffer, name = 'snapshot.5') => readSnapshot(filesOf({ [name]: bytes }), name);

/** snappy-java's stream around one block that is a literal. */
function snappy(bytes: Buffer): Buffer {
  const size = Buffer.from([(bytes.length & 0x7f) | 0x80, bytes.length >> 7]);
  const literal = Buffer.from([61 << 2, (bytes.length - 1) & 0xff, (bytes.length - 1) >> 8]);
  const block = Buffer.concat([size, literal, bytes]);
  return record((w) => {
    w.raw(Buffer.from('\x82SNAPPY\0', 'latin1'));
    w.int(1);
    w.int(1);
    w.buffer(block);
  });
}

describe('a snapshot', () => {
  it('tells what is in it without building its tree', async () => {
    const seen: string[] = [];
    const files = filesOf({ 'snapshot.5': snapshotFile(NODES, { digest: true, lastZxid: 9n }) });
    const found = await readSnapshot(files, 'snapshot.5', {
      session: (id, timeout) => seen.push(`session ${id} ${timeout}`),
      acl: (key, entries) => seen.push(`acl ${key} ${JSON.stringify(entries)}`),
      wantsData: (path) => path === '/a',
      node: ({ path, data, dataLength, stat }) => seen.push(`${path} ${data} ${dataLength} ${stat.version}`),
    });
    expect(found).toEqual({
      path: 'snapshot.5',
      size: snapshotFile(NODES, { digest: true, lastZxid: 9n }).length,
      compression: 'none',
      plausible: true,
      sessions: 1,
      acls: 1,
      nodes: 6,
      ephemerals: 1,
      dataBytes: 69,
      config: 'server.1=zk1:2888:3888:participant;0.0.0.0:2181\nversion=100000000',
      digest: { zxid: 2n, version: 2, value: 77n },
      lastZxid: 9n,
      damage: undefined,
    });
    expect(seen.slice(0, 2)).toEqual(['session 4096 4000', 'acl 1 [{"perms":31,"scheme":"world","id":"anyone"}]']);
    expect(seen).toContain('/a x 1 5');
    expect(seen).toContain('/a/b undefined 1 5');
    expect(seen).toContain('/zookeeper null 0 5');
  });

  it.each([
    ['before 3.6', {}],
    ['with a digest', { digest: true }],
    ['with the last zxid and no digest', { lastZxid: 9n }],
    ['with both', { digest: true, lastZxid: 9n }],
  ])('%s is whole', async (_release, extra: { digest?: boolean; lastZxid?: bigint }) => {
    const found = await read(snapshotFile(NODES, extra));
    const digest = extra.digest === true ? 77n : undefined;
    expect([found.damage, found.digest?.value, found.lastZxid]).toEqual([undefined, digest, extra.lastZxid]);
  });

  it('packed with gzip or Snappy is the same', async () => {
    const bytes = snapshotFile(NODES, { digest: true });
    for (const [name, packed] of [
      ['snapshot.5.gz', gzipSync(bytes)],
      ['snapshot.5.snappy', snappy(bytes)],
    ] as const) {
      expect(await read(packed, name)).toMatchObject({ plausible: true, nodes: 6, damage: undefined });
      for (let size = 0; size < packed.length; size += 7) {
        expect((await read(packed.subarray(0, size), name)).damage).toBeDefined();
      }
      for (let at = 0; at < packed.length; at += 3) {
        const changed = Buffer.from(packed);
        changed[at]! ^= 0xff;
        // Time, flags and the like in gzip's header do not matter to anybody.
        await read(changed, name);
      }
    }
  });

  it('cut anywhere, or with any byte changed, is damaged, and nothing is thrown', async () => {
    const bytes = snapshotFile(NODES, { digest: true, lastZxid: 9n });
    const plain = snapshotFile(NODES).length;
    const sealed = [plain, plain + 33];
    for (let size = 0; size < bytes.length; size++) {
      const { damage } = await read(bytes.subarray(0, size));
      expect(damage === undefined).toBe(sealed.includes(size));
    }
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x5a;
      const { damage } = await read(changed);
      // The path of a seal is read and not looked at, by servers either; the next seal sums it up.
      const inLastSeal = at >= bytes.length - 5;
      if (!inLastSeal) expect(damage, `byte ${at}`).toBeDefined();
    }
  });

  it.each([
    ['data', 0x7fffffff],
    ['data', -2],
  ])('whose %s claims %i bytes is damaged there, and no memory is taken for it', async (_what, length) => {
    const bytes = snapshotFile([{ path: '', data: 'y'.repeat(100) }]);
    bytes.writeInt32BE(length, bytes.indexOf('y') - 4);
    const files = filesOf({ 'snapshot.5': bytes });
    const before = process.memoryUsage().arrayBuffers;
    expect((await readSnapshot(files, 'snapshot.5')).damage?.reason).toMatch(/the file ends here|data of -2 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('with a znode whose parent is missing is refused, as servers do', async () => {
    const { damage } = await read(snapshotFile([{ path: '' }, { path: '/a' }, { path: '/b/c' }]));
    expect(damage?.reason).toBe('a znode without its parent: "/b/c"');
    expect((await read(snapshotFile([{ path: '' }, { path: '/a/b' }]))).damage).toBeDefined();
    expect(
      (await read(snapshotFile([{ path: '' }, { path: '/a' }, { path: '/a/b' }, { path: '/c' }]))).damage,
    ).toBeUndefined();
  });

  it('does not even look like one without its seal', async () => {
    const bytes = snapshotFile(NODES);
    expect((await read(bytes.subarray(0, -1))).plausible).toBe(false);
    expect((await read(Buffer.alloc(9))).plausible).toBe(false);
    expect((await read(bytes, 'snapshot.5.gz')).plausible).toBe(false);
  });
});
