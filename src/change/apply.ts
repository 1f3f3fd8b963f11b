import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { Action } from './actions/action.ts';
import { doingOf, performAll } from './actions/doings.ts';
import { Canary, type CanaryReport } from './canary/canary.ts';
import type { CanarySpec } from './canary/canary-session.ts';
import { type ChangeState, stateOf } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import { holdGates } from './hold-gates.ts';
import { Journal, readChanges } from './journal.ts';
import { ChangeLock, type LockOwner, refuseLocked } from './lock.ts';
import { listsBack } from './membership/static/lists-of-plan.ts';
import type { Plan, Step } from './plan.ts';
import { backOf, type ChangeHooks, inTurn, runChange } from './run-change.ts';

/** How a plan is carried out. */
export interface Applying {
  context: ChangeContext;
  /** Where journals are kept. */
  directory: string;
  lockPath: string;
  owner: Omit<LockOwner, 'plan' | 'kind' | 'since'>;
  /** Whether the zksh that holds the lock is known to be gone. */
  isDead(owner: LockOwner): boolean;
  hooks: ChangeHooks;
  /** Undefined where nobody shall watch what clients feel. */
  canary: CanarySpec | undefined;
}

/** What came of a change. */
export interface ChangeReport {
  state: ChangeState;
  journal: string;
  /** Milliseconds. */
  took: number;
  canary: CanaryReport | undefined;
}

/** Carries a plan out from its first step. @throws ZkshError `LOCKED`, `CHANGE_NOT_ENDED`, and as `runChange` does */
export async function applyPlan(plan: Plan, applying: Applying): Promise<ChangeReport> {
  const { directory, context } = applying;
  const create = async (): Promise<Journal> => {
    refuseBeside(plan.ensemble, (await readChanges(directory)).map(stateOf));
    return Journal.create(directory, plan, context.now);
  };
  return underLock(plan, applying, create, watched);
}

/**
 * Says who else is at it before anything is worked out: gates that a change under way has shut would say less.
 *
 * @throws ZkshError `LOCKED`, `CHANGE_NOT_ENDED`
 */
export async function refuseBusy(
  ensemble: string,
  { client }: Pick<ChangeContext, 'client'>,
  { directory, lockPath }: Pick<Applying, 'directory' | 'lockPath'>,
): Promise<void> {
  await refuseLocked(await client(), lockPath);
  refuseBeside(ensemble, (await readChanges(directory)).map(stateOf));
}

/** Two changes that are half made undo each other: the steps of the one were worked out for what the other found. */
function refuseBeside(ensemble: string, others: readonly ChangeState[]): void {
  const open = others.find(
    ({ plan, state, done, acting, acted }) =>
      plan.ensemble === ensemble &&
      (state === 'stopped' || state === 'running') &&
      // One that had done nothing yet leaves nothing to end.
      (done.length > 0 || acting || acted),
  );
  if (open === undefined) return;
  const { id, kind, steps } = open.plan;
  throw new ZkshError(`the ${kind} ${id} has not ended: ${open.done.length} of ${steps.length} steps are done`, {
    code: 'CHANGE_NOT_ENDED',
    exitCode: ExitCode.conflict,
    hint: `Go on with it: zksh rolling resume ${id}, take back what can be: zksh rolling abort ${id}, or let it end where it is: zksh rolling abort ${id} --as-is.`,
  });
}

/**
 * Goes on with a change from the last step that was proven.
 *
 * @throws as `applyPlan` does, and `NO_CHANGE`, `BAD_JOURNAL`, `ABORT_BEGUN`
 */
export async function resumePlan(plan: Plan, applying: Applying): Promise<ChangeReport> {
  const reopen = async (): Promise<Journal> => {
    const journal = await Journal.reopen(applying.directory, plan.id, applying.context.now);
    if (stateOf(journal.entries).aborting) {
      await journal.close();
      throw abortBegun(plan);
    }
    await journal.write({ type: 'resumed', limits: plan.limits });
    return journal;
  };
  return underLock(plan, applying, reopen, watched);
}

/**
 * Ends a change that was stopped: what the begun steps did is taken back, the last first. `as-is` takes nothing back, for
 * what cannot be: a machine that is gone.
 *
 * @throws as `applyPlan` does; what could not be taken back, which the journal names
 */
export async function abortPlan(
  plan: Plan,
  applying: Applying,
  how: 'take-back' | 'as-is' = 'take-back',
): Promise<Ended> {
  return underLock(
    plan,
    applying,
    async () => Journal.reopen(applying.directory, plan.id, applying.context.now),
    how === 'as-is' ? endAsIs : undoAll,
  );
}

interface Ended {
  state: ChangeState;
  journal: string;
}

async function endAsIs(_plan: Plan, _applying: Applying, journal: Journal): Promise<Ended> {
  await journal.write({ type: 'end', outcome: 'aborted', report: { asIs: true } });
  return { state: stateOf(journal.entries), journal: journal.path };
}

async function undoAll(_plan: Plan, { context }: Applying, journal: Journal): Promise<Ended> {
  const state = stateOf(journal.entries);
  const { current, acting, acted, done } = state;
  // Killed from here on it must not be resumed: a step that was done may be half taken back.
  await journal.write({ type: 'aborting' });
  const begun = current !== undefined && (acting || acted) && !(await neverHappened(state, context));
  if (begun) await end(current, current.mend ?? [], journal, context);
  let left = [...done].reverse().filter(({ undo }) => undo.length > 0);
  while (left.length > 0) {
    const back = backOf(left);
    const [next] = stateOf(journal.entries).plan.order === 'fixed' ? back : inTurn(back, await context.observe());
    if (next === undefined) break;
    await end(next, [], journal, context);
    left = left.filter((step) => step !== next);
  }
  await journal.write({ type: 'end', outcome: 'aborted', report: {} });
  return { state: stateOf(journal.entries), journal: journal.path };
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

function abortBegun({ id, kind }: Plan): ZkshError {
  return new ZkshError(`the ${kind} is not gone on with: somebody began to end it, and some of it may be taken back`, {
    code: 'ABORT_BEGUN',
    exitCode: ExitCode.conflict,
    hint: `End it with: zksh rolling abort ${id}`,
  });
}

async function underLock<T>(
  plan: Plan,
  applying: Applying,
  openJournal: () => Promise<Journal>,
  work: (plan: Plan, applying: Applying, journal: Journal, lock: ChangeLock) => Promise<T>,
): Promise<T> {
  const { context, lockPath, owner } = applying;
  const own = { ...owner, plan: plan.id, kind: plan.kind, since: context.now() };
  const lock = await ChangeLock.acquire(context.client, lockPath, own, applying.isDead);
  try {
    const journal = await openJournal();
    try {
      return await work(plan, applying, journal, lock);
    } finally {
      await journal.close();
    }
  } finally {
    // Where the ensemble is gone the lock goes with its session.
    await lock.release().catch(() => undefined);
  }
}

async function watched(plan: Plan, applying: Applying, journal: Journal, lock: ChangeLock): Promise<ChangeReport> {
  const { context, hooks } = applying;
  const started = context.now();
  const canary = applying.canary && new Canary(applying.canary);
  await canary?.start();
  try {
    if (applying.canary !== undefined) await context.sleep(applying.canary.beside);
    canary?.changeBegins();
    const stopBecause = (): ReturnType<ChangeHooks['stopBecause']> => hooks.stopBecause() ?? overBudget(plan, canary);
    await runChange(journal, lock, context, { ...hooks, stopBecause });
    canary?.changeEnds();
    if (applying.canary !== undefined) await context.sleep(applying.canary.beside);
    const report = await canary?.finish();
    await journal.write({ type: 'end', outcome: 'done', report: { canary: report } });
    return { state: stateOf(journal.entries), journal: journal.path, took: context.now() - started, canary: report };
  } finally {
    await canary?.finish();
  }
}

function overBudget({ limits: { maxUnavailable } }: Plan, canary: Canary | undefined): string | undefined {
  const spent = canary?.unavailable() ?? 0;
  if (maxUnavailable === undefined || spent <= maxUnavailable) return undefined;
  return `writes were impossible for ${spent} ms in all, which is over the budget of ${maxUnavailable} ms`;
}
