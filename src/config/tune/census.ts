import type { MemberObservation } from '../../ensemble/observe-member.ts';

/** The clients of one member: its connections with a session. */
export interface ClientCensus {
  readonly sessions: number;
  /** Of the address with the most. */
  readonly busiest: number;
  /** The longest session timeout anybody was granted, in milliseconds, and how many have it. */
  readonly longest: number;
  readonly withLongest: number;
}

interface Client {
  readonly address: string;
  readonly timeout: number;
}

/** A server with more is asked no further. */
const MAX_CLIENTS = 200_000;

/** Counts clients by `connections` of the AdminServer, else by `cons`; undefined where neither answered. */
export function censusOf({ further }: MemberObservation): ClientCensus | undefined {
  const fields = further.admin.get('connections');
  const cons = further.words.get('cons');
  if (fields === undefined && cons === undefined) return undefined;
  const clients = fields === undefined ? clientsOfCons(cons ?? '') : clientsOfFields(fields);
  const counts = new Map<string, number>();
  for (const { address } of clients) counts.set(address, (counts.get(address) ?? 0) + 1);
  const longest = clients.reduce((most, { timeout }) => Math.max(most, timeout), 0);
  return {
    sessions: clients.length,
    busiest: [...counts.values()].reduce((most, count) => Math.max(most, count), 0),
    longest,
    withLongest: clients.filter(({ timeout }) => timeout === longest).length,
  };
}

function clientsOfFields(fields: Readonly<Record<string, unknown>>): Client[] {
  const lists = [fields.connections, fields.secure_connections].flatMap((list): unknown[] =>
    Array.isArray(list) ? list : [],
  );
  return lists.slice(0, MAX_CLIENTS).flatMap((one) => {
    if (typeof one !== 'object' || one === null) return [];
    const {
      remote_socket_address: address,
      session_timeout: timeout,
      session_id: session,
    } = one as Record<string, unknown>;
    // Without a session it is a question such as this one.
    if (typeof address !== 'string' || typeof timeout !== 'number' || !session) return [];
    return [{ address: hostOf(address), timeout }];
  });
}

/** ` /10.0.0.7:58806[1](queued=0,…,sid=0x3…,to=60000,…)`; without a session it is a question such as this. */
function clientsOfCons(text: string): Client[] {
  const found = text.matchAll(/^ *\/?(\S+)\[\d+\]\([^)]*\bsid=0x[^)]*\bto=(\d{1,10})\b/gm);
  return [...found].slice(0, MAX_CLIENTS).map(([, address = '', timeout]) => ({
    address: hostOf(address),
    timeout: Number(timeout),
  }));
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^.*\//, '');
}
