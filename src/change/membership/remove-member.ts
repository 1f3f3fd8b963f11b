import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { withoutServer } from '../../ensemble/next-membership.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import { UsageError } from '../../protocol/errors.ts';
import type { GateName } from '../gates/gates.ts';
import type { Plan, Step } from '../plan.ts';
import { committedConfig, type MembershipChange, memberLine, membershipPlan, reconfigStep } from './membership.ts';

const STOP_MS = 5000;

/** Before the service of a server that left may be stopped, and after. */
const BESIDE_STOP: readonly GateName[] = ['one-leader', 'others-serve', 'all-synced', 'config-settled'];

/**
 * Works out how a member is taken out and its service stopped, unless that is kept.
 *
 * @throws ZkshError `NO_MEMBER`, `NO_CONFIG_VERSION`, `GROUP_EMPTY`; UsageError `NO_VOTERS`
 */
export function planRemoval(change: MembershipChange, id: bigint, keepService: boolean): Plan {
  const { status } = change;
  const config = committedConfig(status);
  const line = memberLine(config, id);
  const leads = status.leader?.id === id;
  const { steps, next } = removalSteps(config, line, leads, keepService);
  const risks = removalRisks(line, leads, keepService);
  return membershipPlan(change, 'member remove', { steps, next, outsiders: [line], risks });
}

/** The steps by which a member leaves that membership. */
export function removalSteps(
  config: DynamicConfig,
  line: ServerLine,
  leads: boolean,
  keepService: boolean,
): { steps: readonly Step[]; next: DynamicConfig } {
  const { id } = line;
  const next = withoutServer(config, id);
  const reconfig = reconfigStep(config, next, {
    id: `remove-${id}`,
    title: `take member ${id} out of the membership`,
    why: whyRemoved(line, leads),
    member: id,
    before: ['rest-is-quorum'],
    after: ['not-a-member'],
    serving: line,
  });
  return { steps: keepService ? [reconfig] : [reconfig, stopStep(line)], next };
}

function whyRemoved({ role }: ServerLine, leads: boolean): string {
  if (role === 'observer') return 'it has no vote: no quorum stands on it';
  return leads ? 'it leads: another is elected in the same step' : 'its vote must be gone before it is';
}

function stopStep({ id }: ServerLine): Step {
  return {
    id: `stop-${id}`,
    title: `stop the service of member ${id}`,
    why: 'nobody needs it any more: a write was committed without its vote',
    member: id,
    action: { do: 'stop', member: id },
    before: [...BESIDE_STOP, 'not-a-member', 'activated'],
    after: BESIDE_STOP,
    // It does not start again with a membership that does not have it: it is added anew.
    undo: [],
    expected: STOP_MS,
  };
}

/** What a removal means for clients. */
export function removalRisks({ id }: ServerLine, leads: boolean, keepService: boolean): string[] {
  return [
    ...(leads
      ? [
          `Member ${id} leads: leadership moves to another with the reconfiguration, and nobody can write meanwhile; the canary measures how long.`,
        ]
      : []),
    keepService
      ? `The service of member ${id} is left as it is. While it runs it follows without a vote; its clients stay with it.`
      : `Clients of member ${id} move to another one when it stops. Its data stays where it is.`,
  ];
}

/** The ids of the command line. @throws UsageError `BAD_SERVER_ID` */
export function memberId(text: string): bigint {
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  throw new UsageError(`${JSON.stringify(text)} is no member id`, {
    code: 'BAD_SERVER_ID',
    hint: 'Ids are whole numbers; member list shows them.',
  });
}
