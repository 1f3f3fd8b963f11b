import { ConnectError, type Outcome } from '../client/errors.ts';
import { ExitCode, type ZkshError } from '../protocol/errors.ts';
import type { MemberObservation } from './observe-member.ts';

/** Which member is meant. */
export interface ProofMember {
  id: bigint | undefined;
  host: string;
}

/** A member through which nothing could be written, without that being a failed write. */
export interface Unproven {
  member: ProofMember;
  why:
    | 'unreachable'
    | 'not serving'
    | 'read-only'
    | 'credentials refused'
    | 'not permitted'
    | 'quota'
    | 'no parent'
    | 'local session';
  /** In a person's words. */
  reason: string;
  /** What to do about it. */
  hint?: string | undefined;
}

const OTHER_PARENT = 'Name a znode below which you may create and delete with --proof-path.';

/** What was seen of a member already tells that it takes no writes: it is not asked. */
export function unprovenAsSeen(seen: MemberObservation, member: ProofMember): Unproven | undefined {
  const { facts, address, missing } = seen;
  const role = facts.role?.value;
  if (role === 'not serving') return { member, why: 'not serving', reason: 'it is up and does not serve' };
  if (role === 'read-only')
    return { member, why: 'read-only', reason: 'it is cut off from the quorum and serves reads only' };
  if (address !== undefined) return undefined;
  return { member, why: 'unreachable', reason: missing[0]?.reason ?? 'it takes no clients' };
}

/** Why there is no session with it. */
export function unprovenSession(error: ZkshError, member: ProofMember): Unproven {
  const attempts = error instanceof ConnectError ? error.attempts : [];
  const reason = attempts[0]?.reason ?? error.message;
  const hint = error.hint;
  if (error.exitCode === ExitCode.refused) return { member, why: 'credentials refused', reason, hint };
  if (attempts.some(({ code }) => code === 'NOT_SERVING')) return { member, why: 'not serving', reason };
  if (attempts.some(({ code }) => code === 'NO_SESSION')) return { member, why: 'read-only', reason, hint };
  return { member, why: 'unreachable', reason, hint };
}

/** The write was refused for what it is; undefined where the member failed at it. */
export function unprovenWrite(error: ZkshError, member: ProofMember, parent: string): Unproven | undefined {
  switch (error.code) {
    case 'NO_AUTH':
      return {
        member,
        why: 'not permitted',
        reason: `the ACL of ${parent} forbids to create below it`,
        hint: OTHER_PARENT,
      };
    case 'QUOTA_EXCEEDED':
      return { member, why: 'quota', reason: `the quota at or above ${parent} is used up`, hint: OTHER_PARENT };
    case 'NO_NODE':
      return { member, why: 'no parent', reason: `there is no znode ${parent}`, hint: OTHER_PARENT };
    case 'NO_CHILDREN_FOR_EPHEMERALS':
      return {
        member,
        why: 'no parent',
        reason: `${parent} is ephemeral and can have no children`,
        hint: OTHER_PARENT,
      };
    case 'EPHEMERAL_ON_LOCAL_SESSION':
      return {
        member,
        why: 'local session',
        reason: 'it gives local sessions, which own no ephemeral znodes',
        hint: 'It needs localSessionsUpgradingEnabled=true.',
      };
    case 'NOT_READ_ONLY':
      return { member, why: 'read-only', reason: 'it is cut off from the quorum and serves reads only' };
    default:
      return undefined;
  }
}

/** What a failed write may have done. */
export function outcomeOf(error: ZkshError): Outcome {
  return 'outcome' in error && error.outcome === 'unknown' ? 'unknown' : 'none';
}
