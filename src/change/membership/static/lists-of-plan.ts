import type { DynamicConfig } from '../../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../../ensemble/ensemble-status.ts';
import { ensembleStatus } from '../../../ensemble/ensemble-status.ts';
import type { ChangeState } from '../../change-state.ts';
import type { Plan, Step } from '../../plan.ts';
import { listOf, type MixedLists, votersDiffer } from './mixed-lists.ts';
import type { Acks } from './releases.ts';

/** What a phase of a step has to do with the lists of the members: as they are, and as the step makes them. */
export interface ListsNow {
  now: MixedLists;
  next: MixedLists;
  acks: Acks;
  /** It runs with the one or the other: a kill, or what failed, may have come before its restart. */
  unsure?: bigint | undefined;
}

/** Which list each server has after these steps; those of one member in the order of the plan. */
export function listsAfter({ lists, steps }: Pick<Plan, 'lists' | 'steps'>, done: readonly Step[]): MixedLists {
  const of: Record<string, string> = { ...lists?.of };
  const away = new Set(lists?.away);
  for (const { member, gives } of steps.filter(({ id }) => done.some((step) => step.id === id))) {
    if (member === undefined || gives === undefined) continue;
    if (gives.list === undefined) delete of[`${member}`];
    else of[`${member}`] = gives.list;
    if (gives.away === true) away.add(member);
    else away.delete(member);
  }
  return { of, away: [...away] };
}

/** Before a step the lists as they are and as it makes them; after it those it has made. Undefined where no lists change. */
export function listsAround(
  plan: Plan,
  done: readonly Step[],
  step: Step,
  when: 'before' | 'after',
): ListsNow | undefined {
  if (plan.lists === undefined) return undefined;
  const next = listsAfter(plan, [...done, step]);
  return { now: when === 'before' ? listsAfter(plan, done) : next, next, acks: plan.lists.acks };
}

/** The same for taking a step back that was done, or begun. */
export function listsBack(
  plan: Plan,
  done: readonly Step[],
  step: Step,
  when: 'before' | 'after',
): ListsNow | undefined {
  if (plan.lists === undefined) return undefined;
  const others = done.filter(({ id }) => id !== step.id);
  const next = listsAfter(plan, others);
  const { acks } = plan.lists;
  if (when === 'after') return { now: next, next, acks };
  return { now: listsAfter(plan, [...others, step]), next, acks, unsure: step.member };
}

/** Whether members are left with lists by which not the same ones vote, as far as the journal tells. */
export function leavesListsApart({ plan, done, current }: Pick<ChangeState, 'plan' | 'done' | 'current'>): boolean {
  const ends = [done, ...(current === undefined ? [] : [[...done, current]])];
  return plan.lists !== undefined && ends.some((end) => votersDiffer(listsAfter(plan, end)));
}

/**
 * The ensemble as the list that counts has it: each member tells its own meanwhile, and 3.4 tells none. What counts is the
 * list of who leads; where that one is about to go, the one that the others will elect by.
 */
export function underLists(
  status: EnsembleStatus,
  { now, next }: ListsNow,
  target: bigint | undefined,
): EnsembleStatus {
  const leader = status.leader?.id;
  const list =
    (leader === undefined || leader === target ? undefined : listOf(now, leader)) ??
    (target === undefined ? undefined : listOf(next, target)) ??
    firstOf(now);
  return list === undefined ? status : underMembership(status, list);
}

function firstOf(lists: MixedLists): DynamicConfig | undefined {
  const [id] = Object.keys(lists.of);
  return id === undefined ? undefined : listOf(lists, BigInt(id));
}

/** The same look, with each member's part as this membership has it. */
export function underMembership({ members, took }: EnsembleStatus, config: DynamicConfig): EnsembleStatus {
  // One that moves is looked at where it was and where it will be.
  const twice = (id: bigint | undefined): boolean =>
    id !== undefined && members.some((one) => one.id === id && one.role !== 'unreachable');
  const there = members.filter(({ id, role }) => role !== 'unreachable' || !twice(id));
  const seen = there.map(({ observation }) => {
    const { member } = observation;
    const configured = config.servers.find(({ id }) => id === member.id)?.role;
    return { ...observation, member: { ...member, configured } };
  });
  return ensembleStatus({ members: seen, config, took });
}
