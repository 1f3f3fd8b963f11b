import type { Entry, NewEntry } from '../../src/change/journal.ts';
import { DEFAULT_CHANGE_LIMITS, type Plan, type Step } from '../../src/change/plan.ts';

/** A step that restarts a member, or as `over` has it. */
export function restartOf(member: bigint, over: Partial<Step> = {}): Step {
  return {
    id: `restart-${member}`,
    title: `restart member ${member}`,
    why: 'a follower',
    member,
    action: { do: 'restart', member },
    before: ['one-leader'],
    after: ['member-serves'],
    undo: [],
    expected: 1000,
    ...over,
  };
}

/** A plan of these steps. */
export function planWith(steps: readonly Step[], over: Partial<Plan> = {}): Plan {
  return {
    id: '20260101-000000-rolling-restart-abcd',
    kind: 'rolling restart',
    ensemble: 'prod',
    made: Date.UTC(2026, 0, 1),
    order: 'leader-last',
    configVersion: 0x100000000n,
    voters: [1n, 2n, 3n],
    tolerance: { now: 1, least: 0, after: 1 },
    steps,
    risks: [],
    limits: DEFAULT_CHANGE_LIMITS,
    ...over,
  };
}

/** The entries as a journal has them, a second after each other. */
export function journalOf(plan: Plan, ...rest: readonly NewEntry[]): Entry[] {
  const all: NewEntry[] = [{ type: 'plan', plan }, ...rest];
  return all.map((entry, i) => ({ at: plan.made + 1000 * i, ...entry }) as Entry);
}
