import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { type EnsembleStatus, type MemberStatus, VOTING } from './ensemble-status.ts';
import { type Quorum, quorumOf } from './quorum.ts';
import { type Membership, type QuorumChange, type Scenario, scenariosOf } from './quorum-scenarios.ts';

/** A member as a voter. */
export interface Voter {
  id: bigint;
  host: string;
  role: MemberStatus['role'];
  votes: boolean;
  /** Undefined with majority quorums. */
  group: bigint | undefined;
  /** 0 for who has no vote. */
  weight: bigint;
}

/** The quorum of an ensemble: who votes, and how much it bears. */
export interface QuorumReport {
  kind: Quorum['kind'];
  /** Nobody told the configuration: those listed are taken for its voters. */
  assumed: boolean;
  members: readonly Voter[];
  /** Followers the leader counts as synced; undefined where it does not tell. */
  synced: number | undefined;
  scenarios: readonly Scenario[];
}

/** @throws ZkshError `STANDALONE`; UsageError `BAD_QUORUM`, where voters were not asked, and what `scenariosOf` throws */
export function quorumReport(status: EnsembleStatus, change: QuorumChange): QuorumReport {
  const { members, config, leader, unasked } = status;
  if (unasked.length > 0) {
    throw new UsageError(`the quorum is not known without asking ${unasked.join(', ')}, which vote too`, {
      hint: 'Leave --members away, or name all voters with it.',
    });
  }
  const membership = config ?? assumed(members);
  const known = config === undefined ? numbered(members) : members;
  const live = known.flatMap(({ id, role, configured }) =>
    id !== undefined && VOTING.includes(role) && (config === undefined || configured !== undefined) ? [id] : [],
  );
  const { kind } = quorumOf(membership);
  return {
    kind,
    assumed: config === undefined,
    members: membership.servers.map(({ id, role }) => {
      const seen = known.find((member) => member.id === id);
      const votes = role === 'participant';
      const group = [...membership.groups].find(([, ids]) => ids.includes(id))?.[0];
      const weight = votes ? (membership.weights.get(id) ?? 1n) : 0n;
      return { id, host: seen?.host ?? '', role: seen?.role ?? 'unreachable', votes, group, weight };
    }),
    synced: leader?.facts.syncedFollowers?.value,
    scenarios: scenariosOf(membership, live, change),
  };
}

/** The status with a quorum of those listed, for somebody who says that they are all of the voters; else as it is. */
export function withListedVoters(status: EnsembleStatus): EnsembleStatus {
  const { members, config, quorum } = status;
  if (config !== undefined || quorum !== undefined || members.length < 2) return status;
  if (members.some(({ role }) => role === 'standalone')) return status;
  const { kind, scenarios } = quorumReport(status, { without: [], with: [] });
  const [now] = scenarios;
  return now === undefined ? status : { ...status, quorum: { ...now, kind } };
}

/** On 3.4, and where no server has a quorum, nobody tells who votes. */
function assumed(members: readonly MemberStatus[]): Membership {
  if (members.every(({ role }) => role === 'standalone')) {
    throw new ZkshError('there is no quorum: this is a standalone server', {
      code: 'STANDALONE',
      exitCode: ExitCode.failure,
      hint: 'It serves alone, and nothing serves when it fails.',
    });
  }
  const servers = numbered(members).map(({ id, role }) => ({
    id: id ?? 0n,
    addresses: [],
    role: role === 'observer' ? ('observer' as const) : ('participant' as const),
  }));
  return { servers, groups: new Map(), weights: new Map() };
}

/** Members whose ids nobody told are counted from the first number that is free. */
function numbered(members: readonly MemberStatus[]): MemberStatus[] {
  const taken = new Set(members.flatMap(({ id }) => id ?? []));
  let next = 1n;
  return members.map((member) => {
    if (member.id !== undefined) return member;
    while (taken.has(next)) next += 1n;
    taken.add(next);
    return { ...member, id: next };
  });
}
