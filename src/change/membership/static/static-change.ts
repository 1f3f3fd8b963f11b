import { type DynamicConfig, formatDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../../ensemble/ensemble-status.ts';
import type { ServerLine } from '../../../ensemble/server-line.ts';
import { formatServerLine } from '../../../ensemble/server-line.ts';
import { ExitCode, UsageError, ZkshError } from '../../../protocol/errors.ts';
import { type Plan, planId, type Step } from '../../plan.ts';
import { dueOf, inTurn } from '../../run-change.ts';
import { toleranceWithout } from '../../tolerance.ts';
import { type MembershipChange, votersNote } from '../membership.ts';
import { listsAfter, underMembership } from './lists-of-plan.ts';
import type { ListFile, MemberLists } from './member-lists.ts';
import { listOf, listProblem, type MixedLists, toleranceWhile } from './mixed-lists.ts';
import type { Acks } from './releases.ts';

/** What a change of the lists of members is worked out from. `status` has the part of each member by its list. */
export interface StaticChange extends MembershipChange {
  lists: MemberLists;
  acks: Acks;
  /** Why not by a reconfiguration. */
  why: string;
}

/** A change whose status is by the list that the files of the members hold. */
export function staticChange(
  change: MembershipChange,
  { lists, acks, why }: Pick<StaticChange, 'lists' | 'acks' | 'why'>,
): StaticChange {
  return { ...change, status: underMembership(change.status, lists.config), lists, acks, why };
}

/** The steps made so far, and what they come to. */
export interface Draft {
  steps: readonly Step[];
  config: DynamicConfig;
  files: ReadonlyMap<bigint, ListFile>;
  /** Where the next step may stand. */
  phase: number;
}

export function draftOf({ lists }: StaticChange): Draft {
  return { steps: [], config: lists.config, files: lists.files, phase: 0 };
}

const CHECK_MS = 1000;

/** The plan of these steps. @throws ZkshError `LISTS_UNSAFE` with the step that could not be made safely */
export function staticPlan(
  change: StaticChange,
  kind: string,
  draft: Draft,
  rest: { outsiders: readonly ServerLine[]; risks: readonly string[] },
): Plan {
  const { ensemble, status, limits, made, random, why, acks } = change;
  const { config, files, phase } = draft;
  const steps = [...inPlannedOrder(draft.steps, status), checkStep(files, phase)];
  const now = toleranceWithout(status, []) ?? 0;
  const plan: Plan = {
    id: planId(kind, made, random),
    kind,
    ensemble,
    made,
    order: 'leader-last',
    // Lists in files have no version that a change could be held to: the files are compared to the byte.
    configVersion: undefined,
    voters: status.quorum?.voters ?? [],
    tolerance: { now, least: now, after: now },
    steps,
    risks: [
      `Members are changed by the list in the file of each, and a restart of one after the other: ${why}.`,
      ...rest.risks,
      ...votersNote(status.quorum?.voters.length ?? 0, config),
    ],
    limits,
    outsiders: rest.outsiders.map(formatServerLine),
    lists: { ...listsNow(change), acks },
  };
  return rehearsed(plan, status.leader?.id);
}

/** Every member has the same list; one that is down may come back with it. */
function listsNow({ lists: { config }, status: { members } }: StaticChange): MixedLists {
  const list = formatDynamicConfig({ ...config, version: undefined });
  const serves = (id: bigint): boolean => members.some((one) => one.id === id && one.role !== 'unreachable');
  const ids = config.servers.map(({ id }) => id);
  return { of: Object.fromEntries(ids.map((id) => [`${id}`, list])), away: ids.filter((id) => !serves(id)) };
}

/** As they would be made if nobody but the present leader led. */
function inPlannedOrder(steps: readonly Step[], status: EnsembleStatus): Step[] {
  const ordered: Step[] = [];
  let left = steps;
  while (left.length > 0) {
    const [next] = inTurn(dueOf(left), status);
    if (next === undefined) break;
    ordered.push(next);
    left = left.filter((step) => step !== next);
  }
  return ordered;
}

/** Goes through the steps in mind, with the same judgement as the gates: what would get stuck must not be begun. */
function rehearsed(plan: Plan, leader: bigint | undefined): Plan {
  if (leader === undefined) throw unsafe('nobody leads, or more than one member does', undefined);
  let [least, leads] = [plan.tolerance.least, leader];
  const { acks } = plan.lists ?? { acks: 'known' as const };
  const done: Step[] = [];
  for (const step of plan.steps) {
    const { member: target, gives } = step;
    const before = listsAfter(plan, done);
    done.push(step);
    if (target === undefined || gives === undefined) continue;
    const one = { before, after: listsAfter(plan, done), target, leader: leads, acks };
    const problem = listProblem(one);
    if (problem !== undefined) throw unsafe(problem, step);
    least = Math.min(least, toleranceWhile(one));
    if (target === leads) leads = electedWithout(target, one.after) ?? leads;
  }
  return { ...plan, tolerance: { ...plan.tolerance, least, after: toleranceAfter(plan, done, leads) } };
}

/** Whom to expect to lead when one that led is away; whoever it is, the gates look at who it is. */
function electedWithout(id: bigint, lists: MixedLists): bigint | undefined {
  const electable = Object.keys(lists.of)
    .map(BigInt)
    .filter((one) => one !== id && !lists.away.includes(one));
  return electable.findLast((one) =>
    listOf(lists, one)?.servers.some((line) => line.id === one && line.role === 'participant'),
  );
}

function toleranceAfter(plan: Plan, done: readonly Step[], leader: bigint): number {
  const after = listsAfter(plan, done);
  return toleranceWhile({ before: after, after, target: -1n, leader, acks: 'known' });
}

function checkStep(files: ReadonlyMap<bigint, ListFile>, phase: number): Step {
  return {
    id: 'check-lists',
    title: 'see that every member has the new list',
    why: 'only now is it the membership of all of them',
    action: { do: 'check-lists', files: [...files].map(([member, { path, text }]) => ({ member, path, text })) },
    before: [],
    after: ['one-leader', 'others-serve', 'all-synced', 'lists-as-planned'],
    undo: [],
    expected: CHECK_MS,
    phase,
  };
}

/** Neither says to which group a new server belongs, nor does 3.4 count with one that it does not know. */
export function refuseGroups({ groups, weights }: DynamicConfig): void {
  if (groups.size === 0 && weights.size === 0) return;
  throw new UsageError('an ensemble with quorum groups or weights is not changed by lists', {
    code: 'BAD_QUORUM',
    hint: 'Work the new group and weight lines out by hand, with quorum --without for what they bear, and roll them out while nobody writes.',
  });
}

function unsafe(problem: string, step: Step | undefined): ZkshError {
  return new ZkshError(`${step === undefined ? 'it' : step.title} could not be made safely: ${problem}`, {
    code: 'LISTS_UNSAFE',
    exitCode: ExitCode.unhealthy,
    hint: 'Nothing was changed. With two voters, or where one of three is down, any restart stops the ensemble: bring the one that is down back first (a new machine may take its id, address and an empty data directory), or plan an outage.',
  });
}
