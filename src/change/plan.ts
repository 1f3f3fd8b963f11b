import type { Action } from './actions/action.ts';
import type { GateName } from './gates/gates.ts';
import type { MixedLists } from './membership/static/mixed-lists.ts';
import type { Acks } from './membership/static/releases.ts';

/** One step of a change. All of it is data: a plan is written to the journal and read again by another process. */
export interface Step {
  /** Unique in the plan, such as `restart-3`. */
  id: string;
  /** What is done: a fragment, `restart member 3`. */
  title: string;
  /** Why it stands where it does. */
  why: string;
  /** The member it takes away or brings back; undefined for what concerns the ensemble. */
  member?: bigint | undefined;
  action: Action;
  /** What must hold before it, and what must hold after it until the next one may begin. */
  before: readonly GateName[];
  after: readonly GateName[];
  /** What takes it back when the change is aborted, also when it was done. Done twice it does no harm. */
  undo: readonly Action[];
  /** What ends it whole when the change is aborted in the middle of it, where it cannot be taken back. As harmless. */
  mend?: readonly Action[] | undefined;
  /** When it fails, or what must hold after it does not, `undo` is done at once, and the change stops. */
  rollBack?: boolean | undefined;
  /** Comes before the others whatever their roles, unless its member leads. */
  first?: boolean | undefined;
  /** What gates must find when it is done, and when it is taken back. */
  wanted?: Wanted | undefined;
  was?: Wanted | undefined;
  /** Steps of an earlier phase come before it, whoever leads. */
  phase?: number | undefined;
  /** Comes just before the last of the others of its phase. */
  late?: boolean | undefined;
  /** The list of members that its member has then, as a dynamic file has it; undefined when it has left. `away`: it is stopped. */
  gives?: { list?: string | undefined; away?: boolean | undefined } | undefined;
  /** Milliseconds it is expected to take. */
  expected: number;
  /** How many more voters may fail while it is made, and after it; −1 when there is no quorum. */
  tolerance?: { during: number; after: number } | undefined;
}

/** What a gate must know besides the member that a step is about. */
export interface Wanted {
  /** Who shall lead. */
  leader?: bigint | undefined;
  /** The release that the member shall run, `3.9.5`. */
  version?: string | undefined;
}

/** How far a change may go before it is stopped. Durations are milliseconds. */
export interface ChangeLimits {
  /** For the gates before a step to hold: the step before it may still settle. */
  settle: number;
  /** For a member to come back, or a joiner to catch up. */
  recover: number;
  /** How long the gates after a step must hold without a break. */
  stability: number;
  /** Transactions a member may be behind the leader and be called caught up. */
  lag: number;
  /** Writes may be impossible for that long in all; undefined for no budget. */
  maxUnavailable?: number | undefined;
}

export const DEFAULT_CHANGE_LIMITS: ChangeLimits = { settle: 30_000, recover: 120_000, stability: 3000, lag: 100 };

/** A change of an ensemble, worked out and not yet made. */
export interface Plan {
  /** Also the name of its journal. */
  id: string;
  /** What it is: `rolling restart`, `member add`. */
  kind: string;
  /** The ensemble as the inventory names it. */
  ensemble: string;
  /** Milliseconds since the epoch. */
  made: number;
  /** `leader-last`: who leads is asked before each step, and whoever leads then comes last. */
  order: 'fixed' | 'leader-last';
  /** The committed version it was worked out against; undefined where there is none, as on 3.4. */
  configVersion: bigint | undefined;
  /** Voters as they are now. */
  voters: readonly bigint[];
  /** How many more voters may fail now, at the least while it is made, and after it. */
  tolerance: { now: number; least: number; after: number };
  steps: readonly Step[];
  /** What a person should know before they say yes. */
  risks: readonly string[];
  limits: ChangeLimits;
  /** Server lines of those that are looked at though they are not in the committed configuration: they join, or leave. */
  outsiders?: readonly string[] | undefined;
  /** Server lines of whom clients shall name from then on, and whom no more. */
  joined?: string | undefined;
  left?: string | undefined;
  /** Where members are given another list one by one: the lists they begin with, and whose acknowledgements count. */
  lists?: (MixedLists & { acks: Acks }) | undefined;
}

/** Makes a name that sorts by time and is safe as a file's. */
export function planId(kind: string, made: number, random: () => number): string {
  const when = new Date(made).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const mark = Math.floor(random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${when}-${kind.replaceAll(' ', '-')}-${mark}`;
}

/** Milliseconds a plan is expected to take, with the windows in which it only watches. */
export function expectedDuration({ steps, limits }: Plan): number {
  return steps.reduce((sum, { expected, after }) => sum + expected + (after.length > 0 ? limits.stability : 0), 0);
}
