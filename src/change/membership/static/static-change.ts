import { type DynamicConfig, formatDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../../ensemble/ensemble-status.ts';
import { quorumOf } from '../../../ensemble/quorum.ts';
import type { ServerLine } from '../../../ensemble/server-line.ts';
import { formatServerLine } from '../../../ensemble/server-line.ts';
import { ExitCode, UsageError, ZkshError } from '../../../protocol/errors.ts';
import { type Plan, planId, type Step } from '../../plan.ts';
import { dueOf, inTurn } from '../../run-change.ts';
import { toleranceWithout } from '../../tolerance.ts';
import { type MembershipChange, votersNote } from '../membership.ts';
import { listsAfter, underMembership } from './lists-of-plan.ts';
import type { ListFile, MemberLists } from './member-lists.ts';
import { type ListStep, listOf, listProblem, type MixedLists, toleranceWhile } from './mixed-lists.ts';
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
  const steps = [...draft.steps, checkStep(files, phase)];
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
      ...(sameVoters(config, change.lists.config) ? [] : [STUCK]),
      ...votersNote(status.quorum?.voters.length ?? 0, config),
    ],
    limits,
    outsiders: rest.outsiders.map(formatServerLine),
    lists: { ...listsOf(change), acks },
  };
  return rehearsed(plan, status);
}

/** Every member has the same list; one that is down may come back with it. */
function listsOf({ lists: { config }, status: { members } }: StaticChange): MixedLists {
  const list = formatDynamicConfig({ ...config, version: undefined });
  const serves = (id: bigint): boolean => members.some((one) => one.id === id && one.role !== 'unreachable');
  const ids = config.servers.map(({ id }) => id);
  return { of: Object.fromEntries(ids.map((id) => [`${id}`, list])), away: ids.filter((id) => !serves(id)) };
}

/**
 * Goes through the steps in mind, in the order in which they are made when nobody but those who must stops leading, and with
 * the same judgement as the gates: what would get stuck must not be begun.
 *
 * @throws ZkshError `LISTS_UNSAFE`
 */
function rehearsed(plan: Plan, status: EnsembleStatus): Plan {
  let leader = status.leader?.id;
  if (leader === undefined) throw unsafe('nobody leads, or more than one member does', undefined);
  let { least } = plan.tolerance;
  const { acks } = plan.lists ?? { acks: 'known' as const };
  const done: Step[] = [];
  const listsNow = (): MixedLists => listsAfter(plan, done);
  for (let left = plan.steps; left.length > 0; left = plan.steps.filter((step) => !done.includes(step))) {
    const [step] = inTurn(dueOf(left), ledBy(listsNow(), leader));
    if (step === undefined) break;
    const { member: target, gives } = step;
    const before = listsNow();
    done.push(step);
    if (target === undefined || gives === undefined) continue;
    const one: ListStep = { before, after: listsNow(), target, leader, acks };
    const problem = listProblem(one);
    if (problem !== undefined) throw unsafe(problem, step);
    least = Math.min(least, toleranceWhile(one), votersDiffer(one.after) ? 0 : least);
    if (target === leader) leader = electedWithout(target, one.after) ?? leader;
  }
  const end = { before: listsNow(), after: listsNow(), target: -1n, leader, acks };
  return { ...plan, steps: done, tolerance: { ...plan.tolerance, least, after: toleranceWhile(end) } };
}

/** Who votes by one list may not elect whom another one names: what the quorum bears is not what an election bears. */
const STUCK =
  'While the lists differ, an election may have no winner: when the leader fails then, nobody can write until it is back. Should it be lost for good, all lists must be made the same by hand before another can be elected.';

function votersDiffer(lists: MixedLists): boolean {
  const [first, ...others] = Object.keys(lists.of).flatMap((id) => listOf(lists, BigInt(id)) ?? []);
  return first !== undefined && others.some((one) => !sameVoters(first, one));
}

function sameVoters(a: DynamicConfig, b: DynamicConfig): boolean {
  return quorumOf(a).voters.join() === quorumOf(b).voters.join();
}

/** Who is what when that one leads. */
function ledBy(lists: MixedLists, leader: bigint): Parameters<typeof inTurn>[1] {
  const roleOf = (id: bigint): 'leader' | 'follower' | 'observer' => {
    const own = listOf(lists, id)?.servers.find((line) => line.id === id);
    return id === leader ? 'leader' : own?.role === 'observer' ? 'observer' : 'follower';
  };
  const running = Object.keys(lists.of)
    .map(BigInt)
    .filter((id) => !lists.away.includes(id));
  return { members: running.map((id) => ({ id, role: roleOf(id) })) };
}

/** Whom all that are left could elect; whoever it is in the end, the gates look at who it is. */
function electedWithout(id: bigint, lists: MixedLists): bigint | undefined {
  const others = Object.keys(lists.of)
    .map(BigInt)
    .filter((one) => one !== id && !lists.away.includes(one));
  const votesIn = (one: bigint, other: bigint): boolean =>
    listOf(lists, other)?.servers.some((line) => line.id === one && line.role === 'participant') === true;
  const voting = others.filter((one) => votesIn(one, one));
  return voting.findLast((one) => voting.every((other) => votesIn(one, other)));
}

function checkStep(files: ReadonlyMap<bigint, ListFile>, phase: number): Step {
  return {
    id: 'check-lists',
    title: 'see that every member has the new list',
    why: 'only now is it the membership of all of them',
    action: { do: 'check-lists', files: [...files].map(([member, { path, text }]) => ({ member, path, text })) },
    before: [],
    after: ['one-leader', 'others-serve', 'all-synced', 'lists-as-planned', 'role-as-listed'],
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
    hint: 'Nothing was changed. Three voters do not become two without an outage: put another in the place of one (member replace). With two, or where one of three is down, any restart stops the ensemble: bring back the one that is down first (a new machine may take its id, address and an empty data directory), or plan an outage.',
  });
}
