import { describe, expect, it } from 'vitest';
import type { StorageReader } from '../../src/storage/storage-reader.ts';
import { readTransactionLog } from '../../src/storage/transaction-log.ts';
import { entry, filesOf, logFile, record } from './made-files.ts';

const THREE = [1n, 2n, 3n].map((counter) => ({ zxid: (1n << 32n) + counter }));
const read = (bytes: Buffer) => readTransactionLog(filesOf({ log: bytes }), 'log');
const lengthAt = (bytes: Buffer, offset: number, length: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed.writeInt32BE(length, offset + 8);
  return changed;
};

describe('a transaction log', () => {
  it('tells what is in it and where it ends', async () => {
    const seen: bigint[] = [];
    const bytes = logFile(THREE, 5000);
    const log = await readTransactionLog(filesOf({ log: bytes }), 'log', ({ header }) => seen.push(header.zxid));
    expect(seen).toEqual([0x100000001n, 0x100000002n, 0x100000003n]);
    expect(log).toMatchObject({
      size: bytes.length,
      format: { version: 2, dbid: 0n },
      transactions: 3,
      first: { zxid: 0x100000001n, clientId: 0x1000n, cxid: 1, time: 1_700_000_000_000n, type: -10 },
      last: { zxid: 0x100000003n },
      end: { kind: 'whole', offset: bytes.length - 5000 },
    });
  });

  it('may end anywhere: what stands before the cut is told, and nothing is thrown', async () => {
    const bytes = logFile(THREE);
    const [, one, two, three] = [0, 1, 2, 3].map((count) => logFile(THREE.slice(0, count)).length);
    for (let size = 0; size <= bytes.length; size++) {
      const { transactions, end } = await read(bytes.subarray(0, size));
      const whole = size < one! ? 0 : size < two! ? 1 : size < three! ? 2 : 3;
      expect(transactions).toBe(whole);
      const kind = size < 16 ? 'corrupt' : [16, one, two, three].includes(size) ? 'whole' : 'cut';
      // Of the next checksum nothing but its leading zeros may be there: that is as good as written in advance.
      expect(kind === 'cut' ? ['cut', 'whole'] : [kind]).toContain(end.kind);
      if (size >= 16) expect(end.offset).toBe(logFile(THREE.slice(0, whole)).length);
    }
  });

  it('with any byte changed holds nothing that was not written', async () => {
    const bytes = logFile(THREE, 100);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x5a;
      const seen: bigint[] = [];
      const log = await readTransactionLog(filesOf({ log: changed }), 'log', ({ header }) => seen.push(header.zxid));
      expect(seen).toEqual(THREE.slice(0, seen.length).map(({ zxid }) => zxid));
      const inFormat = at >= 4 && at < 16;
      if (!inFormat) expect([log.end.kind === 'whole', log.end.leftover === undefined]).not.toEqual([true, true]);
    }
  });

  it.each([
    [-1, 'cut', 'a transaction of length -1'],
    [-2, 'corrupt', 'a transaction of -2 bytes'],
    [0x7fffffff, 'corrupt', 'a transaction of 2147483647 bytes'],
    [0x07000000, 'corrupt', 'a transaction of 117440512 bytes'],
    [0x00100400, 'corrupt', 'a transaction of 1049600 bytes'],
    [0x00100000, 'cut', 'the file ends in a transaction of 1048576 bytes'],
  ])('whose transaction claims a length of %i is %s', async (length, kind, reason) => {
    const bytes = logFile(THREE, 100);
    const second = logFile(THREE.slice(0, 1)).length;
    expect(await read(lengthAt(bytes, second, length))).toMatchObject({
      transactions: 1,
      end: { kind, reason, offset: second },
    });
  });

  it('says when bytes follow its end that no server reads', async () => {
    const bytes = logFile(THREE);
    const second = logFile(THREE.slice(0, 1)).length;
    const changed = Buffer.from(bytes);
    changed[logFile(THREE.slice(0, 2)).length - 1] = 0;
    const { end } = await read(changed);
    expect(end).toMatchObject({ kind: 'cut', offset: second });
    expect(end.leftover).toBeGreaterThanOrEqual(logFile(THREE.slice(0, 2)).length);
    const hidden = Buffer.concat([logFile(THREE), Buffer.alloc(100_000), entry({ zxid: 9n })]);
    expect((await read(hidden)).end).toMatchObject({ kind: 'whole', offset: bytes.length });
    expect((await read(hidden)).end.leftover).toBeGreaterThanOrEqual(bytes.length + 100_000);
  });

  it.each([
    [Buffer.alloc(0), 'the file is empty'],
    [Buffer.from('ZKLG'), 'the file ends after 4 bytes, in its header'],
    [Buffer.alloc(4096), 'it does not begin as a transaction log'],
    [Buffer.from('ZKSN000000000000000000'), 'it does not begin as a transaction log'],
  ])('that is none is corrupt', async (bytes, reason) => {
    expect(await read(bytes)).toMatchObject({ transactions: 0, format: undefined, end: { kind: 'corrupt', reason } });
  });

  it('with a kind of transaction that nobody knows is corrupt there', async () => {
    const odd = { zxid: 0x100000004n, type: 99, body: record((w) => w.int(1)) };
    const { transactions, end } = await read(logFile([...THREE, odd]));
    expect([transactions, end.kind, end.reason]).toEqual([3, 'corrupt', 'transactions of type 99 are not known']);
  });

  it('of any size is read in small pieces', { timeout: 120_000 }, async () => {
    const block = Buffer.concat(
      Array.from({ length: 5000 }, (_, i) => entry({ zxid: BigInt(i + 1), body: Buffer.alloc(200) })),
    );
    const head = logFile([]);
    const size = head.length + block.length * 100;
    // The same block over and over: more than any buffer may hold of it.
    const endless: StorageReader = {
      list: async () => [],
      facts: async () => ({ kind: 'file', size, modified: 0 }),
      open: async () => ({
        read: async (position, length) => {
          if (position >= size) return Buffer.alloc(0);
          const bytes = Buffer.allocUnsafe(Math.min(length, size - position));
          for (let filled = 0; filled < bytes.length; ) {
            const at = position + filled;
            const from = at < head.length ? head : block;
            const offset = at < head.length ? at : (at - head.length) % block.length;
            filled += from.copy(bytes, filled, offset, offset + bytes.length - filled);
          }
          return bytes;
        },
        close: async () => undefined,
      }),
    };
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const log = await readTransactionLog(endless, 'log', ({ header }) => {
      if (header.zxid === 1n) peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    });
    expect(log).toMatchObject({ transactions: 500_000, end: { kind: 'whole', offset: size } });
    expect(peak).toBeLessThan(128 * 1024 * 1024);
  });
});
