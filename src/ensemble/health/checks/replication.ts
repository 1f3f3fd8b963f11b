import { shortDuration } from '../../../protocol/measures.ts';
import { hex64 } from '../../../protocol/zxid.ts';
import type { EnsembleStatus, MemberStatus } from '../../ensemble-status.ts';
import { type Check, eachMember, found, unjudged } from '../check.ts';
import { firstMetric, metric, nameOf } from '../evidence.ts';

const DAY = 86_400_000;
const COUNTER = 2 ** 32;

/** Checks about whether the members hold the same history. */
export const REPLICATION_CHECKS: readonly Check[] = [
  {
    code: 'not-synced',
    title: 'the leader does not count every serving follower as synced',
    severity: 'warning',
    why: 'A follower that is not synced acknowledges nothing: the quorum rests on fewer members than serve.',
    todo: 'Look at the log of the follower that is behind; a large snapshot may be on its way to it.',
    judge: ({ status }) => {
      const { leader, members, config } = status;
      if (leader === undefined) return leaderless(status);
      const synced = leader.facts.syncedFollowers;
      // Without a configuration, as on 3.4, every follower is a voter.
      const voting = members.filter(
        ({ role, configured }) => role === 'follower' && (configured !== undefined || config === undefined),
      );
      if (synced === undefined)
        return unjudged('the leader does not tell synced_followers (mntr or its AdminServer would)', [leader]);
      // Followers that are not in the configuration yet are counted among the synced ones (from 3.6 on also by themselves).
      const extra = metric(leader, 'synced_non_voting_followers', '3.6');
      const count = synced.value - ('value' in extra ? extra.value : 0);
      return found(
        count >= voting.length
          ? undefined
          : {
              members: [leader],
              message: `the leader counts ${count} of ${voting.length} serving followers as synced`,
              evidence: `synced_followers ${synced.value}, ${synced.source}`,
            },
      );
    },
  },
  {
    code: 'pending-syncs',
    title: 'sync requests of clients that wait at the leader',
    severity: 'advice',
    why: 'A sync is answered when what was proposed before it is committed. A few come and go; many that stay mean that commits are slow.',
    todo: 'Look again in some seconds; if they stay, look at the fsync times of all members.',
    judge: ({ status }) => {
      const { leader } = status;
      if (leader === undefined) return leaderless(status);
      const told = metric(leader, 'pending_syncs');
      if ('reason' in told) return unjudged(told.reason, [leader]);
      return found(
        told.value === 0
          ? undefined
          : {
              members: [leader],
              message: `${told.value} pending syncs at the leader`,
              evidence: `${told.value} ${told.source}`,
            },
      );
    },
  },
  {
    code: 'zxid-lag',
    title: 'a member that is behind the leader',
    severity: 'warning',
    why: 'Clients of that member read old data, and when it has to lead or to replace another it must catch up first.',
    todo: 'Look at its disk (fsync times), its network and its load. A member that does not catch up is replaced.',
    judge: (view) => {
      const { status, limits } = view;
      const leader = status.leader?.facts.zxid;
      if (status.leader === undefined || leader === undefined) return leaderless(status);
      return eachMember(
        view,
        (member) => lagTold(member, status),
        ({ lag, behindEpoch }, source, member) => {
          // The two are not told in the same instant: right after an election, those of one quorum may be an epoch apart.
          if (lag <= BigInt(Math.floor(limits.lag))) return undefined;
          return {
            severity: behindEpoch ? 'critical' : undefined,
            message: behindEpoch
              ? `${nameOf(member)} serves an epoch before the leader's`
              : `${nameOf(member)} is ${lag} transactions behind`,
            evidence: `zxid ${hex64(member.facts.zxid?.value ?? 0n)} (${source}), leader ${hex64(leader.value)} (${leader.source})`,
          };
        },
      );
    },
  },
  {
    code: 'digest-mismatch',
    title: 'a member whose data differs from what the leader computed',
    severity: 'critical',
    why: 'Members that hold different data answer the same read differently, and the difference stays after a restart.',
    todo: 'Compare with zksh hash. Take the member out of service, move its data away and let it sync from the leader; keep the old data for the analysis.',
    judge: (view) =>
      eachMember(
        view,
        (member) =>
          member.observation.further.admin.get('system_properties')?.['zookeeper.digest.enabled'] === 'false'
            ? { reason: 'it computes no digests (zookeeper.digest.enabled=false)' }
            : metric(member, 'digest_mismatches_count', '3.6'),
        (count, source, member) =>
          count === 0
            ? undefined
            : { message: `${nameOf(member)} counted ${count} digest mismatches`, evidence: `${count} ${source}` },
      ),
  },
  {
    code: 'zxid-rollover',
    title: 'the transaction counter of this epoch will be full',
    severity: 'warning',
    why: 'A zxid counts 2^32 transactions an epoch. When it is full the leader steps down by itself and clients wait for an election, at a moment nobody chose.',
    todo: 'Choose the moment: restart the leader in a quiet hour, which begins a new epoch.',
    judge: ({ status, limits }) => {
      // Only a leader steps down for it (Leader.propose): a standalone server counts on into the epoch.
      const { leader } = status;
      if (leader === undefined) return leaderless(status);
      const zxid = leader.facts.zxid;
      if (zxid === undefined) return unjudged('the leader does not tell its zxid', [leader]);
      const used = Number(BigInt.asUintN(32, zxid.value));
      // A leader's first transaction of the epoch came with its election; before 3.6 only the process's start is told.
      const uptime = firstMetric(leader, ['leader_uptime', 'uptime'], '3.6');
      const evidence = `zxid ${hex64(zxid.value)}, ${zxid.source}: ${((100 * used) / COUNTER).toFixed(1)} % of 2^32 used`;
      const share = used / COUNTER;
      if ('reason' in uptime || uptime.value < 60_000) {
        const hit = { members: [leader], message: `${(100 * share).toFixed(0)} % of the counter is used`, evidence };
        if (share >= 0.8) return found({ ...hit, severity: share >= 0.95 ? 'critical' : 'warning' });
        // Far from full, it takes longer than any rate of writes makes it.
        return share < 0.5 ? found() : unjudged('how fast it grows is not known: no uptime is told', [leader]);
      }
      const left = ((COUNTER - used) / Math.max(used, 1)) * uptime.value;
      if (left > limits.rollover * DAY || share < 0.01) return found();
      return found({
        members: [leader],
        severity: left < DAY ? 'critical' : 'warning',
        message: `the counter is full in about ${shortDuration(left)}`,
        evidence: `${evidence}, ${used} transactions in ${shortDuration(uptime.value)} (${uptime.source})`,
      });
    },
  },
];

interface Lag {
  lag: bigint;
  behindEpoch: boolean;
}

function lagTold(
  member: MemberStatus,
  { leader }: EnsembleStatus,
): { value: Lag; source: string } | { reason: string } | undefined {
  if (member === leader || !['follower', 'observer', 'serving'].includes(member.role)) return undefined;
  const zxid = member.facts.zxid;
  const leaders = leader?.facts.zxid?.value;
  if (zxid === undefined || leaders === undefined) return { reason: 'its zxid is not told' };
  if (member.lag === undefined)
    return { reason: 'it is in a later epoch than the leader told: an election was under way' };
  return { value: { lag: member.lag, behindEpoch: zxid.value >> 32n < leaders >> 32n }, source: zxid.source };
}

function leaderless({ serving, members }: EnsembleStatus): ReturnType<Check['judge']> {
  if (!serving) return { skipped: 'nothing serves' };
  if (members.every(({ role }) => role === 'standalone')) return { skipped: 'a standalone server has no ensemble' };
  return unjudged('no one leader is known');
}
