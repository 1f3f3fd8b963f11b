import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { endAsIs, undoAll } from './abort.ts';
import { Canary, type CanaryReport } from './canary/canary.ts';
import type { CanarySpec } from './canary/canary-session.ts';
import { type ChangeState, stateOf } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import { Journal, readChanges } from './journal.ts';
import { ChangeLock, type LockOwner, refuseLocked } from './lock.ts';
import type { Plan } from './plan.ts';
import { type ChangeHooks, runChange } from './run-change.ts';

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
    return Journal.create(directory, plan, context.now, applying.owner);
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
  applying: Pick<Applying, 'directory' | 'lockPath' | 'owner' | 'isDead'>,
): Promise<void> {
  const { directory, lockPath } = applying;
  await refuseLocked(await client(), lockPath, await isOver(applying));
  refuseBeside(ensemble, (await readChanges(directory)).map(stateOf));
}

/**
 * Tells whether who has the lock is gone: a process of ours that is dead, whose change is this one or has ended. A dead
 * process alone is no proof: one in another container has another's number.
 */
async function isOver(
  { directory, owner: { who }, isDead }: Pick<Applying, 'directory' | 'owner' | 'isDead'>,
  plan?: string,
): Promise<(owner: LockOwner) => boolean> {
  const states = (await readChanges(directory)).map(stateOf);
  const ended = new Set(
    states.flatMap(({ state, plan: { id } }) => (state === 'done' || state === 'aborted' ? [id] : [])),
  );
  return (other) => other.who === who && isDead(other) && (other.plan === plan || ended.has(other.plan));
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
 * @throws as `applyPlan` does, and `NO_CHANGE`, `BAD_JOURNAL`, `CHANGE_ENDED`, `ABORT_BEGUN`
 */
export async function resumePlan(plan: Plan, applying: Applying): Promise<ChangeReport> {
  const open = async (): Promise<Journal> => {
    const journal = await reopen(plan, applying);
    if (stateOf(journal.entries).aborting) {
      await journal.close();
      throw abortBegun(plan);
    }
    await journal.write({ type: 'resumed', limits: plan.limits, by: applying.owner });
    return journal;
  };
  return underLock(plan, applying, open, watched);
}

/**
 * Ends a change that was stopped: what the begun steps did is taken back, the last first. `as-is` takes nothing back, for
 * what cannot be: a machine that is gone.
 *
 * @throws as `resumePlan` does; with what could not be taken back, which the journal names
 */
export async function abortPlan(
  plan: Plan,
  applying: Applying,
  how: 'take-back' | 'as-is' = 'take-back',
): Promise<Ended> {
  return underLock(
    plan,
    applying,
    () => reopen(plan, applying),
    async (_plan, { context, hooks }, journal, lock) => {
      await (how === 'as-is' ? endAsIs(journal) : undoAll({ journal, lock, context, hooks }));
      return { state: stateOf(journal.entries), journal: journal.path };
    },
  );
}

/** Another process may have ended it since it was chosen, and while a person was asked. */
async function reopen({ id }: Plan, { directory, context }: Applying): Promise<Journal> {
  const journal = await Journal.reopen(directory, id, context.now);
  const { state } = stateOf(journal.entries);
  if (state !== 'done' && state !== 'aborted') return journal;
  await journal.close();
  throw new ZkshError(`the change ${id} has ended meanwhile: it is ${state}`, {
    code: 'CHANGE_ENDED',
    exitCode: ExitCode.notFound,
    hint: 'Nothing was changed. zksh rolling status shows what became of it.',
  });
}

interface Ended {
  state: ChangeState;
  journal: string;
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
  const lock = await ChangeLock.acquire(context.client, lockPath, own, await isOver(applying, plan.id));
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
