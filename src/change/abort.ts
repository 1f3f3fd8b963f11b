import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { Action } from './actions/action.ts';
import { doingOf, performAll } from './actions/doings.ts';
import { type ChangeState, stateOf } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import { holdGates } from './hold-gates.ts';
import type { Journal } from './journal.ts';
import { listsBack } from './membership/static/lists-of-plan.ts';
import type { Step } from './plan.ts';
import { messageOf } from './roll-back.ts';
import { type Making, stopWhenAsked } from './run-change.ts';
import { backOf, inTurnNow } from './turns.ts';

/** Ends a change where it is, and touches nothing. */
export async function endAsIs(journal: Journal): Promise<void> {
  await journal.write({ type: 'end', outcome: 'aborted', report: { asIs: true } });
}

/**
 * Ends what a change had begun, and takes back what it had done, the last first.
 *
 * @throws ZkshError with where it stopped, and what stays done until it is gone on with
 */
export async function undoAll({ journal, lock, context, hooks }: Making): Promise<void> {
  const state = stateOf(journal.entries);
  const { plan, current, acting, acted, done } = state;
  // Killed from here on it must not be resumed: a step that was done may be half taken back.
  await journal.write({ type: 'aborting' });
  let at: Step | undefined;
  const take = async (step: Step, mend: readonly Action[]): Promise<void> => {
    stopWhenAsked(hooks);
    await lock.hold();
    at = step;
    await end(step, mend, journal, context);
    at = undefined;
  };
  try {
    const begun = current !== undefined && (acting || acted) && !(await neverHappened(state, context));
    if (begun) await take(current, current.mend ?? []);
    let left = [...done].reverse().filter(({ undo }) => undo.length > 0);
    while (left.length > 0) {
      const back = backOf(left);
      const [next] = plan.order === 'fixed' ? back : await inTurnNow(back, plan, context);
      if (next === undefined) break;
      await take(next, []);
      left = left.filter((step) => step !== next);
    }
  } catch (error) {
    const reason = messageOf(error);
    // Where not even that can be written, what is told must be why and where it stopped all the same.
    await journal.write({ type: 'stopped', step: at?.id, reason }).catch(() => undefined);
    throw endingStopped(reason, at, journal, error);
  }
  await journal.write({ type: 'end', outcome: 'aborted', report: {} });
}

function endingStopped(reason: string, at: Step | undefined, journal: Journal, cause: unknown): ZkshError {
  const { plan, done } = stateOf(journal.entries);
  const where = at === undefined ? 'between two steps' : `at ${at.title}`;
  const stays = `${done.length} of ${plan.steps.length} steps are done still`;
  const known = cause instanceof ZkshError && cause.hint !== undefined ? `${cause.hint} ` : '';
  return new ZkshError(`ending the ${plan.kind} stopped ${where}: ${reason}; ${stays}`, {
    code: cause instanceof ZkshError ? cause.code : 'CHANGE_STOPPED',
    exitCode: cause instanceof ZkshError ? cause.exitCode : ExitCode.unhealthy,
    hint: `${known}Look at the ensemble (zksh health), then go on taking back: zksh rolling abort ${plan.id}, or let it end where it is: zksh rolling abort ${plan.id} --as-is. Its journal is ${journal.path}.`,
    cause,
  });
}

const RESTARTING: readonly Action['do'][] = ['apply-config', 'restart', 'upgrade'];

/** Ends one step: whole by `mend`, or taken back. What takes a member away once more goes through its gates again. */
async function end(step: Step, mend: readonly Action[], journal: Journal, context: ChangeContext): Promise<void> {
  if (step.undo.length + mend.length === 0) return;
  const { plan, done, configVersion } = stateOf(journal.entries);
  const { limits, outsiders } = plan;
  const lists = (when: 'before' | 'after') => listsBack(plan, done, step, when);
  const gated = step.gives !== undefined || step.undo.some(({ do: what }) => RESTARTING.includes(what));
  // A server that is only stopped is not waited for.
  const returns = gated && step.undo.at(-1)?.do !== 'stop';
  const target = { limits, target: step.member, configVersion, outsiders, wanted: step.was };
  const settle = { within: limits.settle, stable: 0, lists: lists('before') };
  const recover = { within: limits.recover, stable: limits.stability, lists: lists('after') };
  if (gated) await holdGates(step.before, context, { ...target, ...settle });
  const mended = await performAll(mend, context);
  const undone = await performAll(step.undo, context);
  if (returns) await holdGates(step.after, context, { ...target, ...recover });
  // One entry when all of it is done: killed in the middle, the whole is done again.
  const evidence = [...mended, ...undone].join('; ');
  await journal.write({ type: step.undo.length > 0 ? 'undone' : 'mended', step: step.id, evidence });
}

/** A reconfiguration that was refused, or not yet asked for, must not be taken back: that would be another one. */
async function neverHappened({ current, acting, acted, facts }: ChangeState, context: ChangeContext): Promise<boolean> {
  if (current?.action.do !== 'reconfig' || acted) return false;
  if (!acting) return true;
  return (await doingOf(current.action).happened(context, current.action, facts)).answer === 'no';
}
