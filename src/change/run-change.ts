import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { doingOf } from './actions/doings.ts';
import { type ChangeState, stateOf } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import type { GateName } from './gates/gates.ts';
import { GateShut, holdGates, type Verdicts } from './hold-gates.ts';
import type { Journal } from './journal.ts';
import type { ChangeLock } from './lock.ts';
import { listsAround } from './membership/static/lists-of-plan.ts';
import type { Step } from './plan.ts';
import { messageOf, rollBack } from './roll-back.ts';
import { nextStep } from './turns.ts';

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
      stopWhenAsked(hooks);
      await lock.hold();
      await makeStep(state.current ?? (await nextStep(state, context)), state, { journal, lock, context, hooks });
    } catch (failure) {
      // What ended it says more than the wait that it broke off.
      const error = context.signal.aborted ? context.signal.reason : failure;
      const reason = messageOf(error);
      const now = stateOf(journal.entries);
      // Where not even that can be written, what is told must be why and where it stopped all the same.
      await journal.write({ type: 'stopped', step: now.current?.id, reason }).catch(() => undefined);
      throw new ChangeStopped(reason, now, journal, error);
    }
  }
}

/** Between two steps nothing is half done. @throws ZkshError when a person asked for it, or a budget is spent */
export function stopWhenAsked(hooks: ChangeHooks): void {
  const why = hooks.stopBecause();
  if (typeof why === 'string') throw new ZkshError(why, { code: 'CHANGE_STOPPED', exitCode: ExitCode.unhealthy });
  if (why !== undefined) throw why;
}

/** What a change is made with, and ended. */
export interface Making {
  journal: Journal;
  lock: ChangeLock;
  context: ChangeContext;
  hooks: ChangeHooks;
}

async function makeStep(step: Step, state: ChangeState, { journal, lock, context, hooks }: Making): Promise<void> {
  const { done, acted, acting, undoing } = state;
  hooks.tell({ type: 'step', step, done, after: state.remaining.filter((one) => one !== step) });
  // What a zksh that was killed had half taken back would pass for done by its gates: it is as well as before.
  if (undoing !== undefined) throw await rollBack(step, state, journal, context, { message: undoing });
  const fresh = state.current === undefined;
  if (fresh || !(acted || acting)) {
    await journal.write({ type: 'begin', step: step.id, before: {} });
    await pass('before', step, state, journal, context, hooks);
    // The gates may have waited longer than a session lives.
    await lock.hold();
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
