import { JuteWriter } from '../../src/jute/writer.ts';
import { adler32 } from '../../src/storage/adler32.ts';
import type { FileFacts, StorageReader } from '../../src/storage/storage-reader.ts';

/** One made-up transaction. */
export interface Made {
  zxid: bigint;
  type?: number;
  /** What stands behind the header. */
  body?: Buffer;
  time?: bigint;
}

export function record(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  write(writer);
  return Buffer.from(writer.take());
}

export function entry({
  zxid,
  type = -10,
  body = record((w) => w.int(4000)),
  time = 1_700_000_000_000n,
}: Made): Buffer {
  const bytes = record((w) => {
    w.long(0x1000n);
    w.int(1);
    w.long(zxid);
    w.long(time);
    w.int(type);
    w.raw(body);
  });
  return record((w) => {
    w.long(BigInt(adler32(1, bytes)));
    w.buffer(bytes);
    w.raw(Buffer.from('B'));
  });
}

/** A log, with zeros behind it. */
export function logFile(entries: readonly Made[], zeros = 0): Buffer {
  const head = record((w) => {
    w.raw(Buffer.from('ZKLG'));
    w.int(2);
    w.long(0n);
  });
  return Buffer.concat([head, ...entries.map(entry), Buffer.alloc(zeros)]);
}

export interface MadeNode {
  path: string;
  data?: Buffer | string | null;
  owner?: bigint;
}

/** A snapshot; `digest` and `lastZxid` as newer releases add them. */
export function snapshotFile(
  nodes: readonly MadeNode[],
  { digest = false, lastZxid = undefined as bigint | undefined } = {},
): Buffer {
  const writer = new JuteWriter(1 << 20);
  const parts: Buffer[] = [];
  const flush = (): void => void parts.push(Buffer.from(writer.take()));
  const seal = (): void => {
    flush();
    writer.long(BigInt(adler32(1, Buffer.concat(parts))));
    writer.string('/');
    flush();
  };
  writer.raw(Buffer.from('ZKSN'));
  writer.int(2);
  writer.long(-1n);
  writer.int(1);
  writer.long(0x1000n);
  writer.int(4000);
  writer.int(1);
  writer.long(1n);
  writer.int(1);
  writer.int(31);
  writer.string('world');
  writer.string('anyone');
  for (const { path, data = 'x', owner = 0n } of nodes) {
    writer.string(path);
    writer.buffer(typeof data === 'string' ? Buffer.from(data) : data);
    writer.long(1n);
    for (const value of [1n, 2n, 3n, 4n]) writer.long(value);
    for (const value of [5, 6, 7]) writer.int(value);
    writer.long(owner);
    writer.long(8n);
  }
  writer.string('/');
  seal();
  if (digest) {
    writer.long(2n);
    writer.int(2);
    writer.long(77n);
    seal();
  }
  if (lastZxid !== undefined) {
    writer.long(lastZxid);
    seal();
  }
  return Buffer.concat(parts);
}

export const NODES: readonly MadeNode[] = [
  { path: '' },
  { path: '/zookeeper', data: null },
  { path: '/zookeeper/config', data: 'server.1=zk1:2888:3888:participant;0.0.0.0:2181\nversion=100000000' },
  { path: '/a' },
  { path: '/a/b', owner: 0x1000n },
  { path: '/c', owner: -(2n ** 63n) },
];

/** Files in memory; it counts the bytes that are held in one piece. */
export function filesOf(files: Readonly<Record<string, Buffer | Error>>): StorageReader & { largest: number } {
  const find = (path: string): Buffer => {
    const found = files[path];
    if (found instanceof Error) throw found;
    if (found === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return found;
  };
  const isDirectory = (path: string): boolean => Object.keys(files).some((name) => name.startsWith(`${path}/`));
  const made = {
    largest: 0,
    list: async (directory: string) => {
      if (!isDirectory(directory)) throw Object.assign(new Error(`no ${directory}`), { code: 'ENOENT' });
      const below = Object.keys(files).filter((name) => name.startsWith(`${directory}/`));
      return [...new Set(below.map((name) => name.slice(directory.length + 1).split('/')[0]!))];
    },
    facts: async (path: string): Promise<FileFacts> => {
      if (isDirectory(path)) return { kind: 'directory', size: 0, modified: 0 };
      return { kind: 'file', size: find(path).length, modified: 0 };
    },
    open: async (path: string) => {
      const bytes = find(path);
      return {
        read: async (position: number, length: number) => {
          made.largest = Math.max(made.largest, length);
          return Buffer.from(bytes.subarray(position, position + length));
        },
        close: async () => undefined,
      };
    },
  };
  return made;
}
