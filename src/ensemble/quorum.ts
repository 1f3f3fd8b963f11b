import { UsageError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';

/**
 * Voters whose weights count together. With majority quorums there is one group of all voters, each of weight 1.
 * `total` may be more than the voters': an observer that a group lists counts in the total and never acknowledges.
 */
interface Group {
  readonly total: bigint;
  readonly weights: ReadonlyMap<bigint, bigint>;
}

/** Who votes and which sets of voters are a quorum: QuorumMaj and QuorumHierarchical. */
export interface Quorum {
  readonly kind: 'majority' | 'hierarchical';
  /** Participants, in ascending order of ids. */
  readonly voters: readonly bigint[];
  /** Those of weight above 0 in a group of weight above 0: the others' acknowledgements change nothing. */
  readonly groups: ReadonlyMap<bigint, Group>;
}

/** What the voters that are left can still bear. */
export interface Tolerance {
  /** Whether they are a quorum. */
  quorum: boolean;
  /** How many more may fail, whichever they are; 0 when there is no quorum. */
  tolerance: number;
  /** The fewest further losses that end the quorum, one example; empty when there is none. */
  fatal: readonly bigint[];
  /** The voters each of whose loss alone would end it. */
  critical: readonly bigint[];
}

/**
 * The quorum system of a configuration.
 *
 * @throws UsageError `BAD_QUORUM` for what a server would not start with: a voter in no group, a member in two
 */
export function quorumOf({ servers, groups, weights }: Pick<DynamicConfig, 'servers' | 'groups' | 'weights'>): Quorum {
  const voters = servers.filter(({ role }) => role === 'participant').map(({ id }) => id);
  voters.sort(ascending);
  // QuorumPeerConfig: a single group or weight line makes it hierarchical.
  if (groups.size === 0 && weights.size === 0) {
    const all = new Map(voters.map((id) => [id, 1n]));
    return { kind: 'majority', voters, groups: new Map([[0n, { total: BigInt(voters.length), weights: all }]]) };
  }
  return { kind: 'hierarchical', voters, groups: weighGroups(voters, groups, weights) };
}

/** Whether those members are a quorum; others than voters among them count for nothing. */
export function isQuorum(quorum: Quorum, members: ReadonlySet<bigint>): boolean {
  const won = [...quorum.groups.values()].filter((group) => hasMajority(group, members)).length;
  return won > halfOf(quorum);
}

/** What a quorum bears when just those members live. */
export function toleranceOf(quorum: Quorum, live: ReadonlySet<bigint>): Tolerance {
  if (!isQuorum(quorum, live)) return { quorum: false, tolerance: 0, fatal: [], critical: [] };
  const costs = [...quorum.groups.values()]
    .filter((group) => hasMajority(group, live))
    .map((group) => fewestToLose(group, live))
    .sort((a, b) => a.length - b.length);
  // Groups fall independently of each other, so the cheapest ones that bring it to half or less are the fewest losses.
  const fatal = costs.slice(0, costs.length - halfOf(quorum)).flat();
  const critical =
    fatal.length > 1 ? [] : quorum.voters.filter((id) => live.has(id) && !isQuorum(quorum, without(live, id)));
  return { quorum: true, tolerance: fatal.length - 1, fatal: fatal.sort(ascending), critical };
}

function weighGroups(
  voters: readonly bigint[],
  groups: ReadonlyMap<bigint, readonly bigint[]>,
  weights: ReadonlyMap<bigint, bigint>,
): Map<bigint, Group> {
  const groupOf = new Map<bigint, bigint>();
  for (const [group, ids] of groups) {
    for (const id of ids) {
      if (groupOf.has(id)) throw bad(`server ${id} is in two groups`);
      groupOf.set(id, group);
    }
  }
  const lost = voters.find((id) => !groupOf.has(id));
  if (lost !== undefined) throw bad(`server ${lost} is in no group`);
  return new Map([...groups].map(([group, ids]) => [group, weigh(ids, voters, weights)]));
}

function weigh(ids: readonly bigint[], voters: readonly bigint[], weights: ReadonlyMap<bigint, bigint>): Group {
  const all = ids.map((id): [bigint, bigint] => {
    const weight = weights.get(id) ?? (voters.includes(id) ? 1n : undefined);
    // QuorumHierarchical has no weight of its own for it, and fails with a NullPointerException.
    if (weight === undefined) throw bad(`server ${id} is in a group, but is no voter and has no weight`);
    return [id, weight];
  });
  const total = all.reduce((sum, [, weight]) => sum + weight, 0n);
  return { total, weights: new Map(all.filter(([id]) => voters.includes(id))) };
}

function hasMajority({ total, weights }: Group, members: ReadonlySet<bigint>): boolean {
  return weightOf(weights, members) > total / 2n;
}

function weightOf(weights: ReadonlyMap<bigint, bigint>, members: ReadonlySet<bigint>): bigint {
  let sum = 0n;
  for (const [id, weight] of weights) if (members.has(id)) sum += weight;
  return sum;
}

/** Groups of weight 0 are none. More groups than this must have a majority each. */
function halfOf({ groups }: Quorum): number {
  return Math.floor([...groups.values()].filter(({ total }) => total > 0n).length / 2);
}

/** The fewest live members without which a group has no majority: the heaviest first. */
function fewestToLose({ total, weights }: Group, live: ReadonlySet<bigint>): bigint[] {
  const heaviest = [...weights]
    .filter(([id]) => live.has(id))
    .sort(([a, x], [b, y]) => ascending(y, x) || ascending(a, b));
  let left = weightOf(weights, live);
  const lost: bigint[] = [];
  for (const [id, weight] of heaviest) {
    if (left <= total / 2n) break;
    left -= weight;
    lost.push(id);
  }
  return lost;
}

function without(members: ReadonlySet<bigint>, id: bigint): Set<bigint> {
  return new Set([...members].filter((one) => one !== id));
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

function bad(why: string): UsageError {
  return new UsageError(`these are no quorum groups: ${why}`, {
    code: 'BAD_QUORUM',
    hint: 'Every voter stands in exactly one group.N line once there is a group or weight line.',
  });
}
