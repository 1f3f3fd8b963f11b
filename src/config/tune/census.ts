import type { MemberObservation } from '../../ensemble/observe-member.ts';
import { parseConnections, parseCons } from '../../ensemble/sessions/connections.ts';

/** The clients of one member: its connections with a session. */
export interface ClientCensus {
  readonly sessions: number;
  /** Of the address with the most. */
  readonly busiest: number;
  /** The longest session timeout anybody was granted, in milliseconds, and how many have it. */
  readonly longest: number;
  readonly withLongest: number;
}

/** Counts clients by `connections` of the AdminServer, else by `cons`; undefined where neither answered. */
export function censusOf({ further }: MemberObservation): ClientCensus | undefined {
  const fields = further.admin.get('connections');
  const cons = further.words.get('cons');
  if (fields === undefined && cons === undefined) return undefined;
  const clients = fields === undefined ? parseCons(cons ?? '') : parseConnections(fields);
  const counts = new Map<string, number>();
  for (const { client } of clients)
    if (client !== undefined) counts.set(client.host, (counts.get(client.host) ?? 0) + 1);
  const longest = clients.reduce((most, { timeout = 0 }) => Math.max(most, timeout), 0);
  return {
    sessions: clients.length,
    busiest: [...counts.values()].reduce((most, count) => Math.max(most, count), 0),
    longest,
    withLongest: clients.filter(({ timeout }) => timeout === longest).length,
  };
}
