import type { ChangeContext } from '../context.ts';

/** What a step does, as data: another process may have to finish it. */
export type Action = { do: 'restart'; member: bigint };

export type ActionOf<Name extends Action['do']> = Extract<Action, { do: Name }>;

/** Facts of the world, written to the journal before and after something is done. */
export type ActionFacts = Readonly<Record<string, string>>;

/** How a kind of action is done, and how it is found out whether it was. */
export interface Doing<A extends Action> {
  /** What must be known later to tell whether it happened; written before it is tried. */
  before(context: ChangeContext, action: A): Promise<ActionFacts>;
  /** Does it. Returns what was seen, as a sentence. */
  perform(context: ChangeContext, action: A): Promise<{ evidence: string; facts?: ActionFacts }>;
  /** Whether what was begun by a process that is gone took place. `unknown` is a person's to look at. */
  happened(
    context: ChangeContext,
    action: A,
    before: ActionFacts,
  ): Promise<{ answer: 'yes' | 'no' | 'unknown'; evidence: string }>;
}
