import type { MemberStatus } from '../ensemble-status.ts';
import type { Reply } from '../sessions/lists.ts';

/** What a member has of the connections of clients. */
export interface MemberLoad {
  id: bigint | undefined;
  host: string;
  role: MemberStatus['role'];
  release: string | undefined;
  /** Undefined where nobody told. */
  connections: number | undefined;
  /** Who told: a list of connections, or a count, which has our own questions in it. */
  source: string | undefined;
  /** Of all connections told, 0 to 1. */
  share: number | undefined;
  /** Times the mean: 1 is as many as all have on average. */
  ofMean: number | undefined;
}

/** How unevenly clients are spread. */
export interface Skew {
  members: readonly MemberLoad[];
  total: number;
  mean: number;
  /** The most that a member has, in times the mean; 1 with no connections at all. */
  ratio: number;
}

/** What a member told of its connections. */
export interface Told {
  member: MemberStatus;
  /** The list of connections; else the count of the usual look stands for it. */
  reply: Reply<readonly unknown[]>;
}

/** Works out how the connections are spread over the members that take clients. */
export function skewOf(told: readonly Told[]): Skew {
  const counts = told.map(({ member, reply }) => {
    if ('value' in reply) return { member, connections: reply.value.length, source: reply.source };
    const { value, source } = member.facts.connections ?? {};
    return { member, connections: value, source };
  });
  const known = counts.flatMap(({ connections }) => connections ?? []);
  const total = known.reduce((sum, one) => sum + one, 0);
  const mean = known.length === 0 ? 0 : total / known.length;
  return {
    members: counts.map(({ member: { id, host, role, facts }, connections, source }) => ({
      id,
      host,
      role,
      release: facts.version?.value,
      connections,
      source,
      share: connections === undefined || total === 0 ? undefined : connections / total,
      ofMean: connections === undefined || mean === 0 ? undefined : connections / mean,
    })),
    total,
    mean,
    ratio: mean === 0 ? 1 : Math.max(...known) / mean,
  };
}

/** How far a rebalance may go. */
export interface RebalanceLimits {
  /** Percent over the mean that count as even. */
  within: number;
  /** Percent of its connections that a member sheds at most in one step. */
  percent: number;
  /** Steps at most. */
  steps: number;
  /** From one step to the next look, for clients to connect again; milliseconds. */
  pause: number;
}

/** One step: which member sheds how much. */
export interface Shed {
  host: string;
  id: bigint | undefined;
  /** Percent of its connections, about: the server throws a die for each. */
  percent: number;
  /** How many that are about. */
  about: number;
}

/** Members that have more than counts as even, the fullest first. */
export function overfull({ members, mean }: Skew, within: number): MemberLoad[] {
  return members
    .filter(({ connections = 0 }) => connections > mean * (1 + within / 100) && connections - mean >= 1)
    .sort((a, b) => (b.connections ?? 0) - (a.connections ?? 0));
}

/** The next step: of those that can, the fullest sheds what it has over the mean, and not more than is allowed at once. */
export function nextShed(
  skew: Skew,
  { within, percent: most }: RebalanceLimits,
  canShed: (load: MemberLoad) => boolean,
): Shed | undefined {
  const fullest = overfull(skew, within).find(canShed);
  if (fullest?.connections === undefined) return undefined;
  const { id, host, connections } = fullest;
  const over = Math.ceil((100 * (connections - skew.mean)) / connections);
  const percent = Math.min(most, over);
  return { id, host, percent, about: Math.max(1, Math.round((connections * percent) / 100)) };
}
