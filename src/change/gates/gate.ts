import type { EnsembleStatus, MemberStatus } from '../../ensemble/ensemble-status.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { ChangeContext } from '../context.ts';
import type { ListsNow } from '../membership/static/lists-of-plan.ts';
import type { ChangeLimits, Wanted } from '../plan.ts';

/** What a gate looks at. */
export interface GateView {
  /** Seen just now. */
  status: EnsembleStatus;
  limits: ChangeLimits;
  /** The member that is to be taken away or has come back; undefined for a step about the ensemble. */
  target: bigint | undefined;
  /** The committed version that the change was worked out against, or has made itself since. */
  configVersion: bigint | undefined;
  /** What the step is to bring about, where gates must know. */
  wanted?: Wanted | undefined;
  /** Those that are looked at though they are in no committed configuration: they join, or have left. */
  outsiders: readonly ServerLine[];
  /** Where members are given another list one by one: who has which. `status` is by the one that counts. */
  lists?: ListsNow | undefined;
}

/** Whether it is open, and what was seen. */
export interface Verdict {
  pass: boolean;
  evidence: string;
  /** Why no waiting heals it: somebody else changed what the change was worked out for, it is not permitted, or it came otherwise. */
  hopeless?: 'conflict' | 'denied' | 'otherwise' | undefined;
}

/** One rule of what makes a change safe. */
export interface Gate {
  readonly name: string;
  /** Why it must hold: a sentence for the plan. */
  readonly reason: string;
  /** Judges by what was seen. */
  readonly judge?: ((view: GateView) => Verdict) | undefined;
  /** For what must be tried: asked only when all that is judged by looking holds. */
  readonly attempt?: ((view: GateView, context: ChangeContext) => Promise<Verdict>) | undefined;
}

export function verdict(pass: boolean, evidence: string): Verdict {
  return { pass, evidence };
}

/** The member that is meant. */
export function targetOf({ status, target }: GateView): MemberStatus | undefined {
  return status.members.find(({ id }) => id === target);
}

/** A member in a sentence. */
export function label({ id, host }: MemberStatus): string {
  return id === undefined ? host : `member ${id}`;
}
