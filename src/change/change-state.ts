import type { Entry, Maker } from './journal.ts';
import type { Plan, Step } from './plan.ts';

/** How far a change has come, by its journal. */
export interface ChangeState {
  plan: Plan;
  /** `running` also for one whose zksh was killed: who holds the lock tells. */
  state: 'running' | 'stopped' | 'done' | 'aborted';
  done: readonly Step[];
  /** Begun, and not known to be done. */
  current: Step | undefined;
  /** The action of the current step was under way. */
  acting: boolean;
  /** It had returned before the journal ends. */
  acted: boolean;
  /** Why the current step is being taken back; undefined while it is made. */
  undoing: string | undefined;
  /** Somebody began to end it: it is not gone on with. */
  aborting: boolean;
  remaining: readonly Step[];
  /** What was written down before the action of the current step was tried. */
  facts: Readonly<Record<string, string>>;
  /** The committed version by the last reconfiguration of its own, else the plan's. */
  configVersion: bigint | undefined;
  /** Why it was stopped. */
  reason: string | undefined;
  /** Whose process makes it, or made it last. */
  by: Maker | undefined;
  /** Milliseconds since the epoch. */
  begun: number;
  last: number;
}

/** Reads the state off the entries: pure, so that what `status` says is what `resume` does. */
export function stateOf(entries: readonly Entry[]): ChangeState {
  const [first] = entries;
  if (first?.type !== 'plan') throw new Error('a journal begins with its plan');
  let { plan, by } = first;
  const done = new Set<string>();
  let current: string | undefined;
  let acting = false;
  let acted = false;
  let undoing: string | undefined;
  let aborting = false;
  let facts: Readonly<Record<string, string>> = {};
  let configVersion = plan.configVersion;
  let reason: string | undefined;
  let state: ChangeState['state'] = 'running';
  const leave = (): void => {
    [current, acting, acted, undoing] = [undefined, false, false, undefined];
  };
  for (const entry of entries) {
    if (entry.type === 'begin') {
      leave();
      current = entry.step;
    } else if (entry.type === 'act') [acting, facts] = [true, entry.facts];
    else if (entry.type === 'acted') {
      [acting, acted] = [false, true];
      if (entry.facts.configVersion !== undefined) configVersion = BigInt(`0x${entry.facts.configVersion}`);
    } else if (entry.type === 'done') {
      done.add(entry.step);
      leave();
    } else if (entry.type === 'undoing') undoing = entry.because;
    else if (entry.type === 'undone') {
      done.delete(entry.step);
      if (current === entry.step) leave();
    } else if (entry.type === 'mended' && current === entry.step) leave();
    else if (entry.type === 'stopped') [state, reason] = ['stopped', entry.reason];
    else if (entry.type === 'aborting') aborting = true;
    else if (entry.type === 'resumed') {
      [state, reason, by] = ['running', undefined, entry.by];
      if (entry.limits !== undefined) plan = { ...plan, limits: entry.limits };
    } else if (entry.type === 'end') state = entry.outcome;
  }
  return {
    plan,
    state,
    done: plan.steps.filter(({ id }) => done.has(id)),
    current: plan.steps.find(({ id }) => id === current),
    acting,
    acted,
    undoing,
    aborting,
    remaining: plan.steps.filter(({ id }) => !done.has(id) && id !== current),
    facts,
    configVersion,
    reason,
    by,
    begun: entries[0]?.at ?? 0,
    last: entries.at(-1)?.at ?? 0,
  };
}
