import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { type QuorumPlace, withServer } from '../../ensemble/next-membership.ts';
import { isQuorum, quorumOf } from '../../ensemble/quorum.ts';
import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { GateName } from '../gates/gates.ts';
import type { Plan } from '../plan.ts';
import { committedConfig, type MembershipChange, memberLine, membershipPlan, reconfigStep } from './membership.ts';

/** What must be known of a server before it is given a vote. */
export const BEFORE_VOTE: readonly GateName[] = ['member-serves', 'broadcasting', 'counted-non-voting', 'lag-stable'];

/**
 * Works out how an observer is made a participant, or a participant an observer, by one reconfiguration with the same line.
 *
 * @param place where it votes from then on, in an ensemble with quorum groups
 * @throws ZkshError `NO_MEMBER`, `NO_CONFIG_VERSION`, `SAME_ROLE`, `VOTE_NEEDED`, `GROUP_EMPTY`; UsageError `NO_VOTERS`,
 * `GROUP_NEEDED`, `NO_GROUPS`
 */
export function planRole(
  change: MembershipChange,
  id: bigint,
  role: ServerLine['role'],
  place?: QuorumPlace | undefined,
): Plan {
  const { status } = change;
  const config = committedConfig(status);
  const line = memberLine(config, id);
  if (line.role === role) {
    throw new ZkshError(`member ${id} is ${role === 'observer' ? 'an observer' : 'a participant'} already`, {
      code: 'SAME_ROLE',
      exitCode: ExitCode.conflict,
      hint: `It is configured as ${formatServerLine(line)}.`,
    });
  }
  const promoting = role === 'participant';
  const next = withServer(config, { ...line, role }, place);
  if (promoting) refuseNeededVote(config, next, id);
  const leads = status.leader?.id === id;
  const step = reconfigStep(config, next, {
    id: `${promoting ? 'promote' : 'demote'}-${id}`,
    title: `make member ${id} ${promoting ? 'a participant' : 'an observer'}`,
    why: promoting ? 'it has caught up: its vote is worth something' : whyDemoted(leads),
    member: id,
    before: promoting ? [...BEFORE_VOTE, 'commits-through-member'] : ['rest-is-quorum'],
    after: ['role-as-configured', 'lag-stable'],
    serving: line,
  });
  const risks = leads ? ['It leads: leadership moves with the reconfiguration, and nobody can write meanwhile.'] : [];
  return membershipPlan(change, promoting ? 'member promote' : 'member demote', {
    steps: [step],
    next,
    outsiders: [],
    risks,
  });
}

/** Leader.isQuorumSynced counts none that observes: with the votes there are, the next quorum must be met. */
function refuseNeededVote(config: DynamicConfig, next: DynamicConfig, id: bigint): void {
  if (isQuorum(quorumOf(next), new Set(quorumOf(config).voters))) return;
  throw new ZkshError(
    `member ${id} cannot be given a vote: the voters there are would be no quorum with it, which would need the vote of an observer`,
    {
      code: 'VOTE_NEEDED',
      exitCode: ExitCode.unhealthy,
      hint: 'The leader does not count observers as synced. Remove it, and add it anew as a participant: member add starts it as a follower without a vote.',
    },
  );
}

function whyDemoted(leads: boolean): string {
  return leads ? 'it leads: another is elected in the same step' : 'what is left is a quorum without its vote';
}
