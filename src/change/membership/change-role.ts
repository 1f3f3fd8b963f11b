import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { quorumOf } from '../../ensemble/quorum.ts';
import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { AFTER_RECONFIG, BEFORE_RECONFIG, type GateName } from '../gates/gates.ts';
import type { Plan, Step } from '../plan.ts';
import {
  committedConfig,
  type MembershipChange,
  memberLine,
  membershipPlan,
  RECONFIG_MS,
  reconfigActions,
} from './membership.ts';

/** What must be known of a server before it is given a vote. */
export const BEFORE_VOTE: readonly GateName[] = ['member-serves', 'broadcasting', 'counted-non-voting', 'lag-stable'];

/**
 * Works out how an observer is made a participant, or a participant an observer, by one reconfiguration with the same line.
 *
 * @throws ZkshError `NO_MEMBER`, `NO_CONFIG_VERSION`, `SAME_ROLE`, `VOTE_NEEDED`; UsageError `NO_VOTERS`, or for quorum groups
 */
export function planRole(change: MembershipChange, id: bigint, role: ServerLine['role']): Plan {
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
  if (promoting) refuseNeededVote(config, id);
  const leads = status.leader?.id === id;
  const wanted = { kind: 'incremental' as const, add: [{ ...line, role }], remove: [] };
  const { action, undo, next } = reconfigActions(config, wanted, line);
  const step: Step = {
    id: `${promoting ? 'promote' : 'demote'}-${id}`,
    title: `make member ${id} ${promoting ? 'a participant' : 'an observer'}`,
    why: promoting ? 'it has caught up: its vote is worth something' : whyDemoted(leads),
    member: id,
    action,
    before: [
      ...BEFORE_RECONFIG,
      ...(promoting ? [...BEFORE_VOTE, 'commits-through-member' as const] : ['rest-is-quorum' as const]),
    ],
    after: [...AFTER_RECONFIG, 'role-as-configured', 'lag-stable'],
    undo: [undo],
    expected: RECONFIG_MS,
  };
  const risks = leads ? ['It leads: leadership moves with the reconfiguration, and nobody can write meanwhile.'] : [];
  return membershipPlan(change, promoting ? 'member promote' : 'member demote', {
    steps: [step],
    next,
    outsiders: [],
    risks,
  });
}

/** Leader.isQuorumSynced counts none that observes: with the votes there are, the next quorum must be met. */
function refuseNeededVote(config: DynamicConfig, id: bigint): void {
  const { voters } = quorumOf(config);
  if (voters.length > 1) return;
  throw new ZkshError(
    `member ${id} cannot be given a vote: with one voter a quorum of two would need the vote of an observer`,
    {
      code: 'VOTE_NEEDED',
      exitCode: ExitCode.refused,
      hint: 'The leader does not count observers as synced. Remove it, and add it anew as a participant: member add starts it as a follower without a vote.',
    },
  );
}

function whyDemoted(leads: boolean): string {
  return leads ? 'it leads: another is elected in the same step' : 'what is left is a quorum without its vote';
}
