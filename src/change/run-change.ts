import type { MemberStatus } from '../ensemble/ensemble-status.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { doingOf, performAll } from './actions/doings.ts';
import { type ChangeState, stateOf } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import type { GateName } from './gates/gates.ts';
import { GateShut, holdGates, type Verdicts } from './hold-gates.ts';
import type { Journal } from './journal.ts';
import type { ChangeLock } from './lock.ts';
import { listsAround, listsBack } from './membership/static/lists-of-plan.ts';
import type { Step } from './plan.ts';

/** What a screen or a log is told while a change is made. */
export type ChangeEvent =
  /** `done` are those before it, `after` those that come, in the order that is likely by now. */
  | { type: 'step'; step: Step; done: readonly Step[]; after: readonly Step[] }
  | { type: 'waiting'; step: Step; when: 'before' | 'after'; shut: readonly [GateName, string][] }
  | { type: 'acting'; step: Step }
  | { type: 'acted'; step: Step; evidence: string }
  | { type: 'done'; step: Step };

/** How a change is watched and stopped. */
export interface ChangeHooks {
  tell(event: ChangeEvent): void;
  /** Why it shall stop before the next step: a person asked, or a budget is spent. */
  stopBecause(): string | ZkshError | undefined;
}

/** A change that ended before its plan did; nothing is half done that the journal does not name. */
class ChangeStopped extends ZkshError {
  readonly state: ChangeState;

  constructor(reason: string, state: ChangeState, journal: Journal, cause?: unknown) {
    const at = state.current === undefined ? 'between two steps' : `at ${state.current.title}`;
    const gone = `${state.done.length} of ${state.plan.steps.length} steps are done`;
    const left = state.remaining.map(({ title }) => title).join(', ');
    super(`the ${state.plan.kind} stopped ${at}: ${reason}; ${gone}${left === '' ? '' : `, left undone: ${left}`}`, {
      code: cause instanceof ZkshError ? cause.code : 'CHANGE_STOPPED',
      exitCode: cause instanceof ZkshError ? cause.exitCode : ExitCode.unhealthy,
      hint: `Look at the ensemble (zksh health), then go on with: zksh rolling resume ${state.plan.id}, or end it with: zksh rolling abort ${state.plan.id}. Its journal is ${journal.path}.`,
      cause,
    });
    this.state = state;
  }
}

/**
 * Makes a change, or goes on with one, step by step; each entry is in the journal before the next thing is done. Returns
 * when every step is done and its gates held.
 *
 * @throws ChangeStopped with where and why; ZkshError `JOURNAL_FAILED`
 */
export async function runChange(
  journal: Journal,
  lock: ChangeLock,
  context: ChangeContext,
  hooks: ChangeHooks,
): Promise<ChangeState> {
  for (;;) {
    const state = stateOf(journal.entries);
    if (state.current === undefined && state.remaining.length === 0) return state;
    try {
      const why = hooks.stopBecause();
      if (typeof why === 'string') throw new ZkshError(why, { code: 'CHANGE_STOPPED', exitCode: ExitCode.unhealthy });
      if (why !== undefined) throw why;
      await lock.hold();
      await makeStep(state.current ?? (await nextStep(state, context)), state, journal, context, hooks);
    } catch (error) {
      const reason = messageOf(error);
      const now = stateOf(journal.entries);
      await journal.write({ type: 'stopped', step: now.current?.id, reason });
      throw new ChangeStopped(reason, now, journal, error);
    }
  }
}

async function makeStep(
  step: Step,
  state: ChangeState,
  journal: Journal,
  context: ChangeContext,
  hooks: ChangeHooks,
): Promise<void> {
  const { done, acted, acting, undoing } = state;
  hooks.tell({ type: 'step', step, done, after: state.remaining.filter((one) => one !== step) });
  // What a zksh that was killed had half taken back would pass for done by its gates: it is as well as before.
  if (undoing !== undefined) throw await rollBack(step, state, journal, context, { message: undoing });
  const fresh = state.current === undefined;
  if (fresh || !(acted || acting)) {
    await journal.write({ type: 'begin', step: step.id, before: {} });
    await pass('before', step, state, journal, context, hooks);
  }
  try {
    if (!acted) await act(step, state, journal, context, hooks);
    await pass('after', step, stateOf(journal.entries), journal, context, hooks);
  } catch (error) {
    const now = stateOf(journal.entries);
    // Who ends it at once wants nothing more to be done.
    if (step.rollBack !== true || !(now.acting || now.acted) || context.signal.aborted) throw error;
    const because = messageOf(error);
    await journal.write({ type: 'undoing', step: step.id, because });
    throw await rollBack(step, now, journal, context, { message: because, cause: error });
  }
  await journal.write({ type: 'done', step: step.id });
  hooks.tell({ type: 'done', step });
}

/** Takes a step back that failed. Returns what to stop with. */
async function rollBack(
  step: Step,
  { plan, done, configVersion }: ChangeState,
  journal: Journal,
  context: ChangeContext,
  { message, cause }: { message: string; cause?: unknown },
): Promise<ZkshError> {
  const { limits, outsiders } = plan;
  const patience = { limits, target: step.member, configVersion, outsiders };
  try {
    // One that serves is a vote, which is taken away once more: others may have failed meanwhile.
    const { members } = await context.observe();
    if (SERVING.includes(members.find(({ id }) => id === step.member)?.role ?? ''))
      await holdGates(step.before, context, {
        ...patience,
        lists: listsBack(plan, done, step, 'before'),
        within: limits.settle,
        stable: 0,
      });
    const evidence = (await performAll(step.undo, context)).join('; ');
    const lists = listsBack(plan, done, step, 'after');
    const held = { ...patience, wanted: step.was, lists, within: limits.recover, stable: limits.stability };
    await holdGates(step.after, context, held);
    await journal.write({ type: 'undone', step: step.id, evidence });
    return new ZkshError(`${step.title} failed and was taken back, all is as before it; what failed: ${message}`, {
      code: 'ROLLED_BACK',
      exitCode: ExitCode.unhealthy,
      cause,
    });
  } catch (further) {
    return new ZkshError(
      `${step.title} failed, and taking it back failed too (${messageOf(further)}); what failed: ${message}`,
      { code: 'ROLLBACK_FAILED', exitCode: ExitCode.unhealthy, cause },
    );
  }
}

const SERVING: readonly string[] = ['leader', 'follower', 'observer'];

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function act(
  step: Step,
  state: ChangeState,
  journal: Journal,
  context: ChangeContext,
  hooks: ChangeHooks,
): Promise<void> {
  const doing = doingOf(step.action);
  if (state.acting) {
    const { answer, evidence, facts = {} } = await doing.happened(context, step.action, state.facts);
    if (answer === 'unknown') {
      throw new ZkshError(`whether it happened is not known (${evidence}): a person has to look`, {
        code: 'OUTCOME_UNKNOWN',
        exitCode: ExitCode.unhealthy,
      });
    }
    if (answer === 'yes') return acted(step, { evidence: `it had happened: ${evidence}`, facts }, journal, hooks);
    // What held when it was begun may not hold any more.
    await pass('before', step, state, journal, context, hooks);
  }
  const facts = await doing.before(context, step.action);
  await journal.write({ type: 'act', step: step.id, facts });
  hooks.tell({ type: 'acting', step });
  const { evidence, facts: after = {} } = await doing.perform(context, step.action, state.configVersion);
  await acted(step, { evidence, facts: after }, journal, hooks);
}

async function acted(
  step: Step,
  { evidence, facts }: { evidence: string; facts: Readonly<Record<string, string>> },
  journal: Journal,
  hooks: ChangeHooks,
): Promise<void> {
  await journal.write({ type: 'acted', step: step.id, evidence, facts });
  hooks.tell({ type: 'acted', step, evidence });
}

async function pass(
  when: 'before' | 'after',
  step: Step,
  { plan, done, configVersion }: ChangeState,
  journal: Journal,
  context: ChangeContext,
  hooks: ChangeHooks,
): Promise<void> {
  const names = step[when];
  if (names.length === 0) return;
  const { limits, outsiders } = plan;
  const waiting = (verdicts: Verdicts): void => {
    const shut = [...verdicts].flatMap(([name, { pass: open, evidence }]): [GateName, string][] =>
      open ? [] : [[name, evidence]],
    );
    if (shut.length > 0) hooks.tell({ type: 'waiting', step, when, shut });
  };
  const record = async (verdicts: Verdicts): Promise<void> => {
    for (const [gate, { pass: open, evidence }] of verdicts)
      await journal.write({ type: 'gate', step: step.id, gate, when, pass: open, evidence });
  };
  try {
    const within = when === 'before' ? limits.settle : limits.recover;
    const stable = when === 'before' ? 0 : limits.stability;
    await record(
      await holdGates(names, context, {
        limits,
        target: step.member,
        configVersion,
        wanted: step.wanted,
        outsiders,
        lists: listsAround(plan, done, step, when),
        within,
        stable,
        onLook: waiting,
      }),
    );
  } catch (error) {
    if (error instanceof GateShut) await record(error.verdicts);
    throw error;
  }
}

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
async function nextStep({ plan, remaining }: ChangeState, context: ChangeContext): Promise<Step> {
  const [first] = remaining;
  if (first === undefined) throw new Error('there is no step left');
  const due = dueOf(remaining);
  if (plan.order === 'fixed' || due.length === 1) return due[0] ?? first;
  return inTurn(due, await context.observe())[0] ?? first;
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
    const seen = members.find(({ id }) => id === member);
    if (first === true && seen?.role !== 'leader') return -1;
    return seen === undefined ? 0 : Math.max(0, TURN.indexOf(seen.role));
  };
  return [...steps].sort((a, b) => turn(a) - turn(b));
}
