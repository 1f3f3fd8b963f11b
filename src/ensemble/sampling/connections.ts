import type { MemberStatus } from '../ensemble-status.ts';
import { shortName } from '../member.ts';
import { formatClientAddress } from '../sessions/client-address.ts';
import { parseConnections, parseCons, type SessionConnection } from '../sessions/connections.ts';
import { type Moment, secondsBetween } from './rates.ts';
import type { Sample } from './sample.ts';

/** A client's connection with what happened on it since the sample before. */
export interface ClientConnection extends SessionConnection {
  /** Of its member: the id, or the address where it has none. */
  member: string;
  /** Packets per second; undefined where the sample before did not have it. */
  receivedRate: number | undefined;
  sentRate: number | undefined;
}

/** All connections that come from one host. */
export interface ClientHost {
  /** `?` for connections whose address is not told. */
  host: string;
  /** The members it is connected to. */
  members: readonly string[];
  connections: number;
  queued: number | undefined;
  receivedRate: number | undefined;
  sentRate: number | undefined;
  /** Milliseconds: of its connections' averages, the mean weighted by packets; and the greatest. */
  latencyAvg: number | undefined;
  latencyMax: number | undefined;
  /** Of its connection with the latest transaction. */
  lastOperation: string | undefined;
}

/** What one sample tells of connections. */
export interface Connections {
  /** Undefined where nobody was asked. */
  told: readonly ClientConnection[] | undefined;
  /** Members that told nothing, and why. */
  silent: readonly { member: string; reason: string }[];
  /** Some member that answers has no AdminServer to tell them: `cons` may. */
  wantsWord: boolean;
  moments: ReadonlyMap<string, Moment & { byKey: ReadonlyMap<string, SessionConnection> }>;
}

/** Connections as a sample has them that was taken with the wish for `connections` or `cons`. */
export function connectionsOf({ at, status }: Sample, before: Connections | undefined): Connections {
  const told: ClientConnection[] = [];
  const silent: Connections['silent'][number][] = [];
  const moments = new Map<string, Moment & { byKey: ReadonlyMap<string, SessionConnection> }>();
  let asked = false;
  let wantsWord = false;
  for (const member of status.members) {
    const { admin, words, missing } = member.observation.further;
    const fields = admin.get('connections');
    const text = words.get('cons');
    const name = shortName(member);
    if (fields === undefined && member.role !== 'unreachable') wantsWord = true;
    if (fields === undefined && text === undefined) {
      if (member.role !== 'unreachable') silent.push({ member: name, reason: whyNone(member) });
      asked ||= missing.length > 0;
      continue;
    }
    asked = true;
    const connections = fields === undefined ? parseCons(text ?? '') : parseConnections(fields);
    const moment = { at, member, byKey: new Map(connections.map((one) => [keyOf(one), one])) };
    moments.set(name, moment);
    const past = before?.moments.get(name);
    const seconds = past && secondsBetween(past, moment);
    for (const one of connections) {
      const was = past?.byKey.get(keyOf(one));
      told.push({
        ...one,
        member: name,
        receivedRate: rate(was?.received, one.received, seconds),
        sentRate: rate(was?.sent, one.sent, seconds),
      });
    }
  }
  return { told: asked ? told : undefined, silent, wantsWord, moments };
}

/** Adds up what comes from one host. */
export function byHost(connections: readonly ClientConnection[]): ClientHost[] {
  const hosts = new Map<string, ClientConnection[]>();
  for (const one of connections) {
    const host = one.client?.host ?? '?';
    const known = hosts.get(host);
    if (known === undefined) hosts.set(host, [one]);
    else known.push(one);
  }
  return [...hosts].map(([host, all]) => ({
    host,
    members: [...new Set(all.map(({ member }) => member))].sort(),
    connections: all.length,
    queued: sum(all.map(({ queued }) => queued)),
    receivedRate: sum(all.map(({ receivedRate }) => receivedRate)),
    sentRate: sum(all.map(({ sentRate }) => sentRate)),
    latencyAvg: weightedMean(all),
    latencyMax: most(all.map(({ latencyMax }) => latencyMax)),
    lastOperation: all.reduce((a, b) => ((b.lastZxid ?? -1n) > (a.lastZxid ?? -1n) ? b : a)).lastOperation,
  }));
}

function whyNone({ observation }: MemberStatus): string {
  const { missing } = observation.further;
  const admin = observation.missing.find(({ source }) => source === 'admin');
  const reasons = [...missing, ...(admin === undefined ? [] : [admin])];
  return reasons.map(({ source, reason }) => `${source.replace(/^4lw:/, '')}: ${reason}`).join('; ') || 'not asked yet';
}

/** A session that moved to another connection is another connection. */
function keyOf({ sessionId, client, established }: SessionConnection): string {
  return `${sessionId} ${client === undefined ? '' : formatClientAddress(client)} ${established ?? ''}`;
}

function rate(was: number | undefined, is: number | undefined, seconds: number | undefined): number | undefined {
  if (was === undefined || is === undefined || seconds === undefined || is < was) return undefined;
  return (is - was) / seconds;
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((total, value) => (value === undefined ? total : (total ?? 0) + value), undefined);
}

function most(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
}

function weightedMean(all: readonly ClientConnection[]): number | undefined {
  let [weight, total] = [0, 0];
  for (const { latencyAvg, received } of all) {
    if (latencyAvg === undefined) continue;
    weight += received || 1;
    total += latencyAvg * (received || 1);
  }
  return weight === 0 ? undefined : total / weight;
}
