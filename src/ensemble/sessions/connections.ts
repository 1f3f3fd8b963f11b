import { fieldsOf, whole } from '../fields.ts';
import { type ClientAddress, parseClientAddress } from './client-address.ts';

/** A client's connection to a member, and the session on it. Times are milliseconds. */
export interface SessionConnection {
  readonly sessionId: bigint;
  /** Undefined where the server no longer knows it. */
  readonly client: ClientAddress | undefined;
  /** Requests waiting for their answers. */
  readonly queued: number | undefined;
  readonly received: number | undefined;
  readonly sent: number | undefined;
  /** The server's short name for it, such as `EXIS` or `PING`. */
  readonly lastOperation: string | undefined;
  /** Since the epoch: when this connection, not the session, began. */
  readonly established: number | undefined;
  /** Session timeout as negotiated. */
  readonly timeout: number | undefined;
  readonly lastZxid: bigint | undefined;
  readonly latencyMin: number | undefined;
  readonly latencyAvg: number | undefined;
  readonly latencyMax: number | undefined;
}

/** Names of the same facts: in `cons`, and in the AdminServer's `connections`. */
const NAMES = {
  queued: ['queued', 'outstanding_requests'],
  received: ['recved', 'packets_received'],
  sent: ['sent', 'packets_sent'],
  established: ['est', 'established'],
  timeout: ['to', 'session_timeout'],
  latencyMin: ['minlat', 'min_latency'],
  latencyAvg: ['avglat', 'avg_latency'],
  latencyMax: ['maxlat', 'max_latency'],
} as const;

/** Longest name of an operation that is shown; those of a server have four letters. */
const MAX_NAME = 32;

/**
 * Reads the answer to `cons`, one connection a line; those without a session, as the asker's own, are left out. It tells
 * of the port it was asked through alone.
 */
export function parseCons(text: string): SessionConnection[] {
  return text.split('\n').flatMap((line) => {
    const [, address, facts] = /^ *(.*)\[[0-9a-f]+\]\(([^()]*)\)\r?$/.exec(line) ?? [];
    if (address === undefined || facts === undefined) return [];
    const values = new Map(facts.split(',').map((pair) => splitAt(pair, pair.indexOf('='))));
    return connectionOf(address, values, whole(values.get('sid')), 0, whole(values.get('lzxid')), values.get('lop'));
  });
}

/** Reads the fields of the AdminServer's `connections`: those of the secure port too. */
export function parseConnections(fields: Readonly<Record<string, unknown>>): SessionConnection[] {
  const { connections, secure_connections: secure } = fields;
  return [connections, secure].flatMap((list) =>
    (Array.isArray(list) ? list : []).flatMap((one: unknown) => {
      const info = fieldsOf(one);
      const values = new Map(Object.entries(info));
      const id = whole(info.session_id);
      return connectionOf(info.remote_socket_address, values, id, 1, whole(info.last_zxid), info.last_operation);
    }),
  );
}

function connectionOf(
  address: unknown,
  values: ReadonlyMap<string, unknown>,
  id: bigint | undefined,
  dialect: 0 | 1,
  lastZxid: bigint | undefined,
  operation: unknown,
): SessionConnection[] {
  if (id === undefined || id === 0n) return [];
  const number = (name: keyof typeof NAMES) => finite(values.get(NAMES[name][dialect]));
  return [
    {
      sessionId: BigInt.asIntN(64, id),
      client: typeof address === 'string' ? parseClientAddress(address) : undefined,
      queued: number('queued'),
      received: number('received'),
      sent: number('sent'),
      lastOperation: typeof operation === 'string' && operation !== 'NA' ? operation.slice(0, MAX_NAME) : undefined,
      established: number('established'),
      timeout: number('timeout'),
      lastZxid,
      latencyMin: number('latencyMin'),
      latencyAvg: number('latencyAvg'),
      latencyMax: number('latencyMax'),
    },
  ];
}

function finite(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

function splitAt(text: string, at: number): [string, string] {
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
