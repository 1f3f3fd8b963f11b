import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { type DynamicConfig, formatDynamicConfig, parseDynamicConfig } from './dynamic-config.ts';
import { hasGroups } from './next-membership.ts';
import { formatServerLine, parseServerLine, type ServerLine } from './server-line.ts';

/** A change of membership as a person words it: by what joins and leaves, or as the whole that shall be. */
export type WantedChange =
  | { kind: 'incremental'; add: readonly ServerLine[]; remove: readonly bigint[] }
  | { kind: 'whole'; members: DynamicConfig };

/** What a change does to one member. */
export interface MemberChange {
  id: bigint;
  what: 'add' | 'remove' | 'change' | 'same';
  before: ServerLine | undefined;
  after: ServerLine | undefined;
}

/** A change of membership, worked out against the committed configuration. */
export interface Reconfiguration {
  /** The version it was worked out against: the ensemble refuses it when it has another by then. */
  fromVersion: bigint;
  changes: readonly MemberChange[];
  /** Participants before and after. */
  voters: { before: number; after: number };
  next: DynamicConfig;
  /** The three fields of the request. */
  request: { joining?: string; leaving?: string; members?: string };
}

/** Reads `-add`: server lines joined by commas. @throws UsageError `BAD_SERVER_LINE` */
export function parseJoining(text: string): ServerLine[] {
  const lines = text.split(',').map(parseServerLine);
  // PrepRequestProcessor answers a bare "bad arguments" to this one.
  const silent = lines.find(({ client, secureClient }) => client === undefined && secureClient === undefined);
  if (silent === undefined) return lines;
  throw new UsageError(`server.${silent.id} has no client port`, {
    code: 'BAD_SERVER_LINE',
    hint: `Name it after a semicolon: ${formatServerLine(silent)};2181`,
  });
}

/** Reads `-remove`: ids joined by commas. @throws UsageError `BAD_SERVER_ID` */
export function parseLeaving(text: string): bigint[] {
  return text.split(',').map((part) => {
    const id = /^\s*(?:server\.)?(\d{1,19})\s*$/.exec(part)?.[1];
    if (id !== undefined) return BigInt(id);
    throw new UsageError(`${JSON.stringify(part)} is no server id`, {
      code: 'BAD_SERVER_ID',
      hint: 'Members are removed by id: -remove 2,3.',
    });
  });
}

/** Reads `-members` or a file: server, group and weight lines, joined by commas or line feeds. */
export function parseMembers(text: string): DynamicConfig {
  const config = parseDynamicConfig(text.replaceAll(',', '\n'));
  if (config.servers.length === 0) throw new UsageError('the new membership names no server');
  return config;
}

/**
 * Works a change out against the committed configuration.
 *
 * @throws UsageError or ZkshError when it can't be meant: a member that is not there, nobody left to vote
 */
export function planReconfiguration(current: DynamicConfig, wanted: WantedChange): Reconfiguration {
  const { version: fromVersion } = current;
  if (fromVersion === undefined || current.servers.length === 0) {
    throw new ZkshError('there is no membership to change: this is a standalone server', {
      code: 'STANDALONE',
      exitCode: ExitCode.failure,
      hint: 'Reconfiguration needs an ensemble whose members are named by server lines.',
    });
  }
  const next = wanted.kind === 'whole' ? { ...wanted.members, version: undefined } : applied(current, wanted);
  const changes = difference(current.servers, next.servers);
  const voters = { before: count(current), after: count(next) };
  if (voters.after === 0) throw new UsageError('nobody would be left to vote', { code: 'NO_VOTERS' });
  return { fromVersion, changes, voters, next, request: requestOf(wanted, next) };
}

/** True when the membership is the one that was wanted: the answer to "did it happen?" after a lost connection. */
export function sameMembership(a: DynamicConfig, b: DynamicConfig): boolean {
  return canonical(a) === canonical(b);
}

/** In the order of ids, and with a weight for each voter, as QuorumHierarchical prints it. */
function canonical({ servers, groups, weights }: DynamicConfig): string {
  const byId = <T>(entries: Iterable<readonly [bigint, T]>): Map<bigint, T> =>
    new Map([...entries].sort(([x], [y]) => (x < y ? -1 : Number(x > y))));
  const sorted = [...groups].map(([group, ids]) => [group, [...ids].sort((x, y) => (x < y ? -1 : 1))] as const);
  const voters = hasGroups({ groups, weights }) ? servers.filter(({ role }) => role === 'participant') : [];
  const all = [...voters.map(({ id }) => [id, 1n] as const), ...weights];
  return formatDynamicConfig({ servers, groups: byId(sorted), weights: byId(all) });
}

/**
 * What to ask for to come from one membership to another. With groups servers take the whole alone (PrepRequestProcessor).
 * Without, what differs is asked for: the whole makes the leader look its own name up anew, and when that has another
 * address by then it gives leadership up (Leader.getDesignatedLeader).
 */
export function requestBetween(current: DynamicConfig, next: DynamicConfig): Reconfiguration['request'] {
  if (hasGroups(current) || hasGroups(next)) return requestOf({ kind: 'whole', members: next }, next);
  const changes = difference(current.servers, next.servers);
  const add = changes.flatMap(({ what, after }) => (what === 'same' || after === undefined ? [] : [after]));
  const remove = changes.filter(({ what }) => what === 'remove').map(({ id }) => id);
  return requestOf({ kind: 'incremental', add, remove }, next);
}

function applied(current: DynamicConfig, wanted: Extract<WantedChange, { kind: 'incremental' }>): DynamicConfig {
  if (hasGroups(current)) {
    throw new UsageError('an ensemble with quorum groups is changed as a whole only', {
      hint: 'Give the complete membership with -file or -members.',
    });
  }
  const servers = new Map(current.servers.map((server) => [server.id, server]));
  for (const id of wanted.remove) {
    if (!servers.delete(id)) {
      throw new ZkshError(`there is no member ${id} to remove`, {
        code: 'NO_MEMBER',
        exitCode: ExitCode.notFound,
        hint: `The members are ${current.servers.map((server) => server.id).join(', ')}.`,
      });
    }
  }
  for (const server of wanted.add) servers.set(server.id, server);
  return { ...current, version: undefined, servers: [...servers.values()] };
}

function difference(before: readonly ServerLine[], after: readonly ServerLine[]): MemberChange[] {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))].sort((a, b) => (a < b ? -1 : 1));
  return ids.map((id) => {
    const old = before.find((server) => server.id === id);
    const now = after.find((server) => server.id === id);
    return { id, what: kindOf(old, now), before: old, after: now };
  });
}

function kindOf(before: ServerLine | undefined, after: ServerLine | undefined): MemberChange['what'] {
  if (before === undefined) return 'add';
  if (after === undefined) return 'remove';
  return formatServerLine(before) === formatServerLine(after) ? 'same' : 'change';
}

function count({ servers }: DynamicConfig): number {
  return servers.filter(({ role }) => role === 'participant').length;
}

function requestOf(wanted: WantedChange, next: DynamicConfig): Reconfiguration['request'] {
  if (wanted.kind === 'whole') return { members: formatDynamicConfig(next).trim().replaceAll('\n', ',') };
  return {
    ...(wanted.add.length === 0 ? {} : { joining: wanted.add.map(formatServerLine).join(',') }),
    ...(wanted.remove.length === 0 ? {} : { leaving: wanted.remove.join(',') }),
  };
}
