import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { quorumOf, type Tolerance, toleranceOf } from './quorum.ts';

/** A voter that is to come: `4`, and where there are quorum groups `4:GROUP` or `4:GROUP:WEIGHT`. */
export interface Joiner {
  id: bigint;
  group?: bigint | undefined;
  weight?: bigint | undefined;
}

/** The voters there are. */
export type Membership = Pick<DynamicConfig, 'servers' | 'groups' | 'weights'>;

/** Voters that go and voters that come. */
export interface QuorumChange {
  without: readonly bigint[];
  with: readonly Joiner[];
}

/** What a quorum is like at present, or would be. */
export interface Scenario extends Tolerance {
  /**
   * `stopped`: they keep their votes and do not give them, as after a crash or the loss of a rack. `removed`, `added`,
   * `replaced`: the configuration is another one, and those that came serve.
   */
  what: 'now' | 'stopped' | 'removed' | 'added' | 'replaced';
  voters: readonly bigint[];
  live: readonly bigint[];
}

/** Reads `--without`: ids joined by commas. @throws UsageError `BAD_SERVER_ID` */
export function parseIds(text: string): bigint[] {
  return text.split(',').map((part) => {
    if (/^\s*\d{1,19}\s*$/.test(part)) return BigInt(part.trim());
    throw badId(part, 'Members are named by id: --without 2,3.');
  });
}

/** Reads `--with`. @throws UsageError `BAD_SERVER_ID` */
export function parseJoiners(text: string): Joiner[] {
  return text.split(',').map((part) => {
    const [, id, group, weight] = /^\s*(\d{1,19})(?::(\d{1,19})(?::(\d{1,19}))?)?\s*$/.exec(part) ?? [];
    if (id === undefined) throw badId(part, 'Write it as 4, or with its group and weight as 4:2:1.');
    return { id: BigInt(id), group: big(group), weight: big(weight) };
  });
}

/**
 * The present, and what a change would make of it.
 *
 * @throws ZkshError `NO_MEMBER` for one to go that is none; UsageError for one to come that votes already
 */
export function scenariosOf(config: Membership, live: readonly bigint[], change: QuorumChange): Scenario[] {
  const stranger = change.without.find((id) => !config.servers.some((server) => server.id === id));
  if (stranger !== undefined) throw noMember(stranger, config);
  const scenarios = [scenario('now', config, live)];
  const left = live.filter((id) => !change.without.includes(id));
  if (change.without.length > 0) scenarios.push(scenario('stopped', config, left));
  if (change.without.length + change.with.length > 0) {
    const come = change.with.map(({ id }) => id);
    scenarios.push(scenario(nameOf(change), changed(config, change), [...left, ...come]));
  }
  return scenarios;
}

function nameOf(change: QuorumChange): Scenario['what'] {
  if (change.with.length === 0) return 'removed';
  return change.without.length === 0 ? 'added' : 'replaced';
}

function scenario(what: Scenario['what'], config: Membership, live: readonly bigint[]): Scenario {
  const quorum = quorumOf(config);
  const voting = quorum.voters.filter((id) => live.includes(id));
  return { what, voters: quorum.voters, live: voting, ...toleranceOf(quorum, new Set(voting)) };
}

function changed({ servers, groups, weights }: Membership, change: QuorumChange): Membership {
  const stays = (id: bigint): boolean => !change.without.includes(id);
  const next = {
    servers: servers.filter(({ id }) => stays(id)),
    groups: new Map([...groups].map(([group, ids]) => [group, ids.filter(stays)])),
    weights: new Map([...weights].filter(([id]) => stays(id))),
  };
  for (const joiner of change.with) join(next, joiner);
  for (const [group, ids] of next.groups) if (ids.length === 0) next.groups.delete(group);
  return next;
}

function join(
  next: { servers: Membership['servers'][number][]; groups: Map<bigint, bigint[]>; weights: Map<bigint, bigint> },
  { id, group, weight }: Joiner,
): void {
  const there = next.servers.find((server) => server.id === id);
  if (there?.role === 'participant') throw new UsageError(`server ${id} votes already`);
  // An observer that becomes a voter stays where it is.
  next.servers = [
    ...next.servers.filter((server) => server !== there),
    { addresses: [], ...there, id, role: 'participant' },
  ];
  if (group !== undefined) {
    const others = [...next.groups].map(([key, ids]): [bigint, bigint[]] => [key, ids.filter((one) => one !== id)]);
    next.groups = new Map(others);
    next.groups.set(group, [...(next.groups.get(group) ?? []), id]);
  }
  if (weight !== undefined) next.weights.set(id, weight);
}

function big(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : BigInt(text);
}

function badId(part: string, hint: string): UsageError {
  return new UsageError(`${JSON.stringify(part)} is no server id`, { code: 'BAD_SERVER_ID', hint });
}

function noMember(id: bigint, { servers }: Membership): ZkshError {
  return new ZkshError(`there is no member ${id}`, {
    code: 'NO_MEMBER',
    exitCode: ExitCode.notFound,
    hint: `The members are ${servers.map((server) => server.id).join(', ')}.`,
  });
}
