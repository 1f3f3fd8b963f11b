import type { MemberStatus } from '../../ensemble/ensemble-status.ts';
import { metricNumber } from '../../ensemble/metrics.ts';
import { quorumOf, toleranceOf } from '../../ensemble/quorum.ts';
import { listOf } from '../membership/static/mixed-lists.ts';
import { type Gate, type GateView, label, verdict } from './gate.ts';

const VOTING: readonly string[] = ['leader', 'follower'];

/** What must hold before a member is touched. */
export const BEFORE = {
  'one-leader': {
    name: 'one-leader',
    reason: 'Without exactly one known leader nobody can tell whose turn it is, or what the quorum stands on.',
    judge: ({ status }) => {
      const leaders = status.members.filter(({ role }) => role === 'leader');
      if (leaders.length === 1) return verdict(true, `${leaders.map(label)} leads (${leaders[0]?.facts.role?.source})`);
      return verdict(
        false,
        leaders.length === 0
          ? 'no member says that it leads'
          : `${leaders.map(label).join(' and ')} say that they lead`,
      );
    },
  },
  'others-serve': {
    name: 'others-serve',
    reason:
      'A voter that is down already is the one failure the ensemble can bear: taking another would be the second.',
    judge: (view) => {
      const away = view.lists?.now.away ?? [];
      const others = votersOf(view).filter(({ id }) => id !== view.target && !away.some((one) => one === id));
      const absent = others.filter(({ role }) => !VOTING.includes(role));
      if (absent.length > 0) return verdict(false, absent.map((one) => `${label(one)} is ${one.role}`).join(', '));
      return verdict(true, `all ${others.length} ${view.target === undefined ? '' : 'other '}voters serve`);
    },
  },
  'all-synced': {
    name: 'all-synced',
    reason: 'A follower that is not synced acknowledges nothing: it serves, and the quorum does not stand on it.',
    judge: (view) => judgeSynced(view),
  },
  'config-settled': {
    name: 'config-settled',
    reason:
      'A reconfiguration that has not reached all members, or that somebody else made, changes who votes under our feet.',
    judge: ({ status, configVersion }) => {
      const told = status.members.flatMap((member) => {
        const version = member.observation.config?.version;
        return version === undefined || member.configured === undefined ? [] : [{ member, version }];
      });
      const versions = new Set(told.map(({ version }) => version));
      const later = [...versions].find((version) => configVersion !== undefined && version > configVersion);
      if (later !== undefined && configVersion !== undefined) {
        return {
          ...verdict(
            false,
            `somebody else changed the membership: version ${later.toString(16)}, this change was worked out against ${configVersion.toString(16)}`,
          ),
          hopeless: 'conflict' as const,
        };
      }
      if (versions.size > 1) {
        return verdict(
          false,
          told.map(({ member, version }) => `${label(member)} has version ${version.toString(16)}`).join(', '),
        );
      }
      // Where conf is closed one session tells it, for all of them.
      const version = [...versions][0] ?? status.config?.version;
      if (configVersion !== undefined && version !== undefined && version !== configVersion) {
        return verdict(
          false,
          `the committed version is ${version.toString(16)}, this change was worked out against ${configVersion.toString(16)}`,
        );
      }
      if (version === undefined) return verdict(configVersion === undefined, 'no member tells a committed version');
      return verdict(
        true,
        `version ${version.toString(16)}, told by ${told.length === 0 ? 'a session' : `${told.length} members`}`,
      );
    },
  },
  'quorum-without-target': {
    name: 'quorum-without-target',
    reason:
      'What is left while the member is away must be a quorum, groups and weights counted, of voters that are synced.',
    judge: ({ status, target }) => {
      if (status.config === undefined) return judgeWithoutConfig(status.members, target);
      const quorum = quorumOf(status.config);
      const left = new Set(
        status.members.flatMap(({ id, role, configured }) =>
          id !== undefined && id !== target && configured === 'participant' && VOTING.includes(role) ? [id] : [],
        ),
      );
      const { quorum: holds, tolerance, critical } = toleranceOf(quorum, left);
      if (!holds)
        return verdict(false, `${left.size} of ${quorum.voters.length} voters would be left, which is no quorum`);
      const bears =
        tolerance > 0
          ? `${tolerance} more may fail meanwhile`
          : `none more may fail meanwhile: not ${critical.join(', not ')}`;
      return verdict(true, `${left.size} of ${quorum.voters.length} voters are left, ${bears}`);
    },
  },
} as const satisfies Record<string, Gate>;

/** The voters of the committed configuration; where nobody tells one (3.4), everybody that was listed and is no observer. */
function votersOf({ status }: Pick<GateView, 'status'>): MemberStatus[] {
  const { members, config } = status;
  if (config === undefined) return members.filter(({ role }) => role !== 'observer');
  return members.filter(({ configured }) => configured === 'participant');
}

/** Whom the leader takes for voters: by its own list, where each member has its own. */
function countedBy({ id }: MemberStatus, view: GateView): MemberStatus[] {
  const own = id === undefined ? undefined : view.lists && listOf(view.lists.now, id);
  if (own === undefined) return votersOf(view);
  const { voters } = quorumOf(own);
  return view.status.members.filter((member) => member.id !== undefined && voters.includes(member.id));
}

function judgeSynced(view: GateView): ReturnType<NonNullable<Gate['judge']>> {
  const { leader } = view.status;
  if (leader === undefined) return verdict(false, 'there is no one leader to ask');
  const followers = countedBy(leader, view).filter(({ role }) => role === 'follower');
  const synced = leader.facts.syncedFollowers;
  const pending = metricNumber(leader.observation.metrics, 'pending_syncs') ?? 0;
  if (synced !== undefined) {
    // The leader counts those that follow without a vote, too: one that was just removed must not stand for a voter.
    const voteless = metricNumber(leader.observation.metrics, 'synced_non_voting_followers') ?? 0;
    const voting = synced.value - voteless;
    const evidence = `synced_followers ${synced.value}${voteless > 0 ? ` less ${voteless} without a vote` : ''} of ${followers.length}, pending_syncs ${pending} (${synced.source})`;
    return verdict(voting >= followers.length && pending === 0, evidence);
  }
  // srvr alone: a server calls itself follower only after it has synced; how far behind it is by now, zxids tell.
  const behind = followers.find(({ lag }) => lag === undefined || lag > BigInt(view.limits.lag));
  if (behind !== undefined)
    return verdict(
      false,
      `${label(behind)} is ${behind.lag ?? 'an unknown number of'} transactions behind, and the leader does not tell whom it counts as synced`,
    );
  return verdict(
    true,
    `${followers.length} followers within ${view.limits.lag} transactions; the leader does not tell whom it counts as synced`,
  );
}

function judgeWithoutConfig(
  members: readonly MemberStatus[],
  target: bigint | undefined,
): ReturnType<NonNullable<Gate['judge']>> {
  const voters = votersOf({ status: { members, config: undefined } as unknown as GateView['status'] });
  const left = voters.filter(({ id, role }) => id !== target && VOTING.includes(role)).length;
  return verdict(2 * left > voters.length, `${left} of ${voters.length} voters listed would be left`);
}
