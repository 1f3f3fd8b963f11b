import type { EnsembleStatus } from '../../../ensemble/ensemble-status.ts';
import { ExitCode, ZkshError } from '../../../protocol/errors.ts';
import type { Plan, Step } from '../../plan.ts';
import { dueOf, inTurn } from '../../turns.ts';
import { listsAfter } from './lists-of-plan.ts';
import { type ListStep, listOf, listProblem, type MixedLists, toleranceWhile, votersDiffer } from './mixed-lists.ts';

/**
 * Goes through the steps in mind, in the order in which they are made when nobody but those who must stops leading, and with
 * the same judgement as the gates: what would get stuck must not be begun.
 *
 * @throws ZkshError `LISTS_UNSAFE`
 */
export function rehearsed(plan: Plan, status: EnsembleStatus): Plan {
  let leader = status.leader?.id;
  if (leader === undefined) throw unsafe('nobody leads, or more than one member does', undefined);
  let { least } = plan.tolerance;
  const { acks } = plan.lists ?? { acks: 'known' as const };
  const done: Step[] = [];
  const told: Step[] = [];
  const listsNow = (): MixedLists => listsAfter(plan, done);
  for (let left = plan.steps; left.length > 0; left = plan.steps.filter((step) => !done.includes(step))) {
    const [step] = inTurn(dueOf(left), ledBy(listsNow(), leader));
    if (step === undefined) break;
    const { member: target, gives } = step;
    const before = listsNow();
    done.push(step);
    const after = listsAfter(plan, done);
    const standing: ListStep = { before: after, after, target: NOBODY, leader, acks };
    if (target === undefined || gives === undefined) {
      const borne = borneBy(standing);
      told.push({ ...step, tolerance: { during: borne, after: borne } });
      continue;
    }
    const one: ListStep = { before, after, target, leader, acks };
    const problem = listProblem(one);
    if (problem !== undefined) throw unsafe(problem, step);
    const borne = { during: borneBy(one), after: borneBy(standing) };
    least = Math.min(least, borne.during, borne.after);
    told.push({ ...step, tolerance: borne });
    if (target === leader) leader = electedWithout(target, one.after) ?? leader;
  }
  const end = { before: listsNow(), after: listsNow(), target: NOBODY, leader, acks };
  return { ...plan, steps: told, tolerance: { ...plan.tolerance, least, after: toleranceWhile(end) } };
}

/** No member is away. */
const NOBODY = -1n;

/** While the lists differ an election may have no winner: the loss of one may be that of the leader. */
function borneBy(step: ListStep): number {
  return votersDiffer(step.after) ? Math.min(0, toleranceWhile(step)) : toleranceWhile(step);
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

function unsafe(problem: string, step: Step | undefined): ZkshError {
  return new ZkshError(
    `${step === undefined ? 'the change' : `the step "${step.title}"`} cannot be made safely: ${problem}`,
    {
      code: 'LISTS_UNSAFE',
      exitCode: ExitCode.unhealthy,
      hint: 'Nothing was changed. Three voters do not become two without an outage: put another in the place of one (member replace). With two, or where one of three is down, any restart stops the ensemble: bring back the one that is down first (a new machine may take its id, address and an empty data directory), or plan an outage.',
    },
  );
}
