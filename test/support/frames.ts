import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encode } from '../../src/jute/codec.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import { ReplyHeader, WatcherEvent } from '../../src/protocol/records.ts';

const golden = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));

/** A frame as it was on the wire, and each of its records as ZooKeeper's own classes read it. */
export interface GoldenFrame {
  /** With the length prefix. */
  hex: string;
  decoded: Readonly<Record<string, unknown>>;
}

/** One request and its reply; a notification has the reply alone, a lost connection the request alone. */
export interface GoldenExchange {
  from: { client: string; server: string };
  scenario: string;
  step: string;
  call: Readonly<Record<string, unknown>>;
  outcome: { returned?: unknown; thrown?: { code: number; name: string; path: string | null }; results?: unknown[] };
  request?: GoldenFrame;
  response?: GoldenFrame;
}

export type GoldenName = OperationName | 'connect' | 'notification' | 'unknown';

/** The recorded exchanges by operation. */
export function goldenExchanges(): Map<GoldenName, readonly GoldenExchange[]> {
  const files = readdirSync(golden).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((file) => {
      const { operation, exchanges } = JSON.parse(readFileSync(golden + file, 'utf8'));
      return [operation as GoldenName, exchanges as GoldenExchange[]];
    }),
  );
}

/** One recorded connection: whole frames of both sides in the order they passed. */
export interface GoldenConnection {
  name: string;
  frames: readonly { from: 'client' | 'server'; bytes: Buffer }[];
}

/** Every recorded connection, optionally of one scenario-release such as `znodes-3.9.5`. */
export function goldenConnections(only?: string): GoldenConnection[] {
  const files = readdirSync(`${golden}sessions`).filter((file) => only === undefined || file === `${only}.json`);
  return files.flatMap((file) => {
    const { name, connections } = JSON.parse(readFileSync(`${golden}sessions/${file}`, 'utf8')) as {
      name: string;
      connections: { frames: { from: 'client' | 'server'; hex: string }[] }[];
    };
    return connections.map(({ frames }, i) => ({
      name: `${name}#${i + 1}`,
      frames: frames.map(({ from, hex }) => ({ from, bytes: Buffer.from(hex, 'hex') })),
    }));
  });
}

/** The golden files' JSON as values: `"5n"` is a bigint, `{hex}` bytes. */
export function revive(json: unknown): unknown {
  if (typeof json === 'string') return /^-?\d+n$/.test(json) ? BigInt(json.slice(0, -1)) : json;
  if (Array.isArray(json)) return json.map(revive);
  if (json === null || typeof json !== 'object') return json;
  if ('hex' in json) return Buffer.from(json.hex as string, 'hex');
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, revive(value)]));
}

/** Values as the golden files write them; the inverse of {@link revive}. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

/** A frame: the length, then the parts. */
export function frameOf(...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
}

/** A reply's frame; `body` is its record or ready bytes, or missing as with an error. */
export function replyFrame(header: { xid: number; zxid?: bigint; err?: number }, body?: Uint8Array): Buffer {
  const full = { zxid: 1n, err: 0, ...header };
  return frameOf(encode(ReplyHeader, full), body ?? Buffer.alloc(0));
}

/** An event's frame. */
export function eventFrame(event: { type: number; state?: number; path: string }): Buffer {
  return replyFrame({ xid: -1, zxid: -1n }, encode(WatcherEvent, { state: 3, ...event }));
}

/** Big-endian ints one after the other. */
export function int(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value, 4 * i);
  return bytes;
}
