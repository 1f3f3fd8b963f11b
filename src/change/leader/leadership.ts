import type { MemberStatus } from '../../ensemble/ensemble-status.ts';
import { metricNumber } from '../../ensemble/metrics.ts';
import { ZkshError } from '../../protocol/errors.ts';
import type { MembershipChange } from '../membership/membership.ts';
import type { Plan } from '../plan.ts';
import { planLeaderMove } from './move-leader.ts';

/** A voter that does not lead: could it? */
export interface Candidate {
  id: bigint | undefined;
  host: string;
  role: MemberStatus['role'];
  /** Transactions behind the leader. */
  lag: bigint | undefined;
  /** It follows, and is not behind by more than counts as caught up. */
  ready: boolean;
}

/** Who leads, who could, and what handing over would cost. */
export interface Leadership {
  leader: MemberStatus | undefined;
  /** Milliseconds it has led for; told from 3.6 on. */
  ledFor: number | undefined;
  /** Counts the leaders there have been: the upper half of a zxid. */
  epoch: bigint | undefined;
  /** How many followers the leader counts as synced, where it tells. */
  synced: number | undefined;
  candidates: readonly Candidate[];
  /** A hand-over as it would be made now; else why there is none. */
  move: { plan: Plan } | { refused: ZkshError };
}

/** Works out what `leader show` tells. Whether the leader takes reconfigurations is for a gate to try. */
export function leadershipOf(change: MembershipChange): Leadership {
  const { leader, members } = change.status;
  const { lag } = change.limits;
  const zxid = leader?.facts.zxid?.value;
  return {
    leader,
    ledFor: metricNumber(leader?.observation.metrics, 'leader_uptime'),
    epoch: zxid === undefined ? undefined : zxid >> 32n,
    synced: leader?.facts.syncedFollowers?.value,
    candidates: members
      .filter((one) => one !== leader && one.configured !== 'observer' && one.role !== 'observer')
      .map(({ id, host, role, lag: behind }) => ({
        id,
        host,
        role,
        lag: behind,
        ready: role === 'follower' && behind !== undefined && behind <= BigInt(lag),
      })),
    move: moveOf(change),
  };
}

function moveOf(change: MembershipChange): Leadership['move'] {
  try {
    return { plan: planLeaderMove(change, undefined) };
  } catch (error) {
    if (error instanceof ZkshError) return { refused: error };
    throw error;
  }
}
