import type { Plan } from '../plan.ts';
import { SERVING } from '../serving.ts';
import { additionSteps, FILES_STAY, type Joining, refuseKnownId } from './add-member.ts';
import { committedConfig, type MembershipChange, memberLine, membershipPlan } from './membership.ts';
import { removalRisks, removalSteps } from './remove-member.ts';

/**
 * Works out how a new server takes the place of a member. It joins first, so that the ensemble bears as many failures as
 * before all the time; the place of a member that is down is given up first, since its vote only counts against the others.
 *
 * @throws ZkshError `NO_MEMBER`, `ID_IN_USE`, `NO_CONFIG_VERSION`; UsageError `GROUP_NEEDED`, `NO_GROUPS`
 */
export function planReplacement(change: MembershipChange, id: bigint, joiner: Joining, keepService: boolean): Plan {
  const { status } = change;
  const config = committedConfig(status);
  const old = memberLine(config, id);
  refuseKnownId(change, joiner.line.id);
  const seen = status.members.find((one) => one.id === id);
  const serves = SERVING.includes(seen?.role ?? '');
  const leads = status.leader?.id === id;
  const risks = [
    ...removalRisks(old, leads, keepService),
    FILES_STAY,
    ...(serves ? [] : [`Member ${id} is ${seen?.role ?? 'not seen'}: it is taken out before the new one joins.`]),
  ];
  const kind = 'member replace';
  const outsiders = [joiner.line, old];
  if (serves) {
    const come = additionSteps(config, joiner);
    const go = removalSteps({ ...come.next, version: config.version }, old, leads, keepService);
    return membershipPlan(change, kind, { steps: [...come.steps, ...go.steps], next: go.next, outsiders, risks });
  }
  const go = removalSteps(config, old, leads, keepService);
  const come = additionSteps({ ...go.next, version: config.version }, joiner);
  return membershipPlan(change, kind, { steps: [...go.steps, ...come.steps], next: come.next, outsiders, risks });
}
