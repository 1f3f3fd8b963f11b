import type { MemberStatus } from '../ensemble/ensemble-status.ts';
import { parseServerLine } from '../ensemble/server-line.ts';
import type { ChangeState } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import type { Plan, Step } from './plan.ts';

const TURN: readonly string[] = [
  'unreachable',
  'not serving',
  'read-only',
  'observer',
  'follower',
  'serving',
  'leader',
];

/** The next step: with `leader-last`, of those that are left the one whose member is the least needed, by a look just now. */
export async function nextStep({ plan, remaining }: ChangeState, context: ChangeContext): Promise<Step> {
  const [first] = remaining;
  if (first === undefined) throw new Error('there is no step left');
  const due = dueOf(remaining);
  if (plan.order === 'fixed' || due.length === 1) return due[0] ?? first;
  return (await inTurnNow(due, plan, context))[0] ?? first;
}

/** Of the earliest phase that is left, what may come next: what is late comes before the last of the others. */
export function dueOf(remaining: readonly Step[]): Step[] {
  const phase = Math.min(...remaining.map((step) => step.phase ?? 0));
  const inPhase = remaining.filter((step) => (step.phase ?? 0) === phase);
  const prompt = inPhase.filter(({ late }) => late !== true);
  return prompt.length === inPhase.length || prompt.length > 1 ? prompt : inPhase.filter(({ late }) => late === true);
}

/** Of what was done, what is taken back next: the latest phase first, and in it what was late. */
export function backOf(done: readonly Step[]): Step[] {
  const phase = Math.max(...done.map((step) => step.phase ?? 0));
  const inPhase = done.filter((step) => (step.phase ?? 0) === phase);
  const late = inPhase.filter((step) => step.late === true);
  return late.length > 0 ? late : inPhase;
}

/** Missing and unhealthy first, then observers, followers, and the leader last; among equals as the plan has them. */
export function inTurn(
  steps: readonly Step[],
  { members }: { members: readonly Pick<MemberStatus, 'id' | 'role'>[] },
): Step[] {
  const turn = ({ member, first }: Step): number => {
    const seen = seenOf(members, member);
    if (first === true && seen?.role !== 'leader') return -1;
    return seen === undefined ? 0 : Math.max(0, TURN.indexOf(seen.role));
  };
  return [...steps].sort((a, b) => turn(a) - turn(b));
}

/** The same by a look just now, also at those that join or have moved. */
export async function inTurnNow(steps: readonly Step[], { outsiders }: Plan, context: ChangeContext): Promise<Step[]> {
  return inTurn(steps, await context.observe(outsiders?.map(parseServerLine)));
}

/** Where a member was seen: one that moves is looked at where it was and where it will be. */
export function seenOf<M extends Pick<MemberStatus, 'id' | 'role'>>(
  members: readonly M[],
  member: bigint | undefined,
): M | undefined {
  const places = members.filter(({ id }) => id === member);
  return places.find(({ role }) => role !== 'unreachable') ?? places[0];
}
