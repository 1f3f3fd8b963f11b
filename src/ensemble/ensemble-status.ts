import { UsageError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import type { Facts, Role } from './facts.ts';
import type { EnsembleObservation } from './observe.ts';
import type { MemberObservation } from './observe-member.ts';
import { hostOf } from './observed-member.ts';
import { type Quorum, quorumOf, type Tolerance, toleranceOf } from './quorum.ts';

/** A member's line of `status`. */
export interface MemberStatus {
  id: bigint | undefined;
  host: string;
  role: Role | 'unreachable';
  /** Transactions behind the leader; undefined without a leader, and for who does not serve. */
  lag: bigint | undefined;
  facts: Facts;
  /** Its part in the committed configuration; undefined where that is not known, or it is not in it. */
  configured: 'participant' | 'observer' | undefined;
  observation: MemberObservation;
}

/** An ensemble at one moment. */
export interface EnsembleStatus {
  members: readonly MemberStatus[];
  /** The one leader; undefined when there is none, or more than one. */
  leader: MemberStatus | undefined;
  /** Some member serves as one of a quorum (or alone, as a standalone server). */
  serving: boolean;
  config: DynamicConfig | undefined;
  /** Voters of the configuration that nobody asked, as `--members` names some members alone: they may serve or not. */
  unasked: readonly bigint[];
  /** Undefined without a configuration, for one that no server would start with, and while voters were not asked. */
  quorum: (Tolerance & { kind: Quorum['kind']; voters: readonly bigint[]; live: readonly bigint[] }) | undefined;
  took: number;
}

/** Takes clients, and may change things. */
export const SERVING: readonly (string | undefined)[] = ['leader', 'follower', 'observer', 'standalone', 'serving'];
const FOLLOWING: readonly (string | undefined)[] = ['leader', 'follower', 'observer', 'serving'];
/** A voter that serves has followed the leader's history: it acknowledges. */
export const VOTING: readonly string[] = ['leader', 'follower', 'serving'];

/** Works out what only the members together tell. */
export function ensembleStatus({ members: seen, config, took }: EnsembleObservation): EnsembleStatus {
  const roles = seen.map((observation) => observation.facts.role?.value ?? 'unreachable');
  const leading = seen.filter((_, i) => roles[i] === 'leader');
  const leaderZxid = leading.length === 1 ? leading[0]?.facts.zxid?.value : undefined;
  const members = seen.map((observation, i): MemberStatus => {
    const { member, facts } = observation;
    return {
      id: member.id,
      host: hostOf(observation),
      role: roles[i] ?? 'unreachable',
      lag: FOLLOWING.includes(facts.role?.value) ? lagOf(facts.zxid?.value, leaderZxid) : undefined,
      facts,
      configured: member.configured,
      observation,
    };
  });
  const unasked = config === undefined ? [] : unaskedVoters(config, members);
  return {
    members,
    leader: leading.length === 1 ? members[roles.indexOf('leader')] : undefined,
    serving: roles.some((role) => SERVING.includes(role)),
    config,
    unasked,
    quorum: config && unasked.length === 0 ? quorumStatus(config, members) : undefined,
    took,
  };
}

/**
 * Transactions a serving member is behind the leader. The lower half of a zxid counts them within an epoch; who serves has
 * all of the epochs before. The two were not told in the same instant: ahead of an older answer is not behind.
 */
export function lagOf(zxid: bigint | undefined, leader: bigint | undefined): bigint | undefined {
  if (zxid === undefined || leader === undefined || zxid >> 32n > leader >> 32n) return undefined;
  const have = zxid >> 32n === leader >> 32n ? BigInt.asUintN(32, zxid) : 0n;
  const lag = BigInt.asUintN(32, leader) - have;
  return lag > 0n ? lag : 0n;
}

function unaskedVoters({ servers }: DynamicConfig, members: readonly MemberStatus[]): bigint[] {
  const asked = new Set(members.flatMap(({ id, configured }) => (configured === undefined ? [] : (id ?? []))));
  return servers.filter(({ id, role }) => role === 'participant' && !asked.has(id)).map(({ id }) => id);
}

/** Ids of the voters that serve. */
function liveVoters(members: readonly Pick<MemberStatus, 'id' | 'role'>[], { voters }: Quorum): bigint[] {
  return voters.filter((id) => members.some((member) => member.id === id && VOTING.includes(member.role)));
}

function quorumStatus(config: DynamicConfig, members: readonly MemberStatus[]): EnsembleStatus['quorum'] {
  try {
    const quorum = quorumOf(config);
    const live = liveVoters(
      members.filter(({ configured }) => configured !== undefined),
      quorum,
    );
    return { ...toleranceOf(quorum, new Set(live)), kind: quorum.kind, voters: quorum.voters, live };
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
