import { type MemberLoad, nextShed, overfull, type RebalanceLimits, type Shed, type Skew } from './skew.ts';

/** A step that was made. */
export interface ShedStep extends Shed {
  /** How many connections the server says it closed. */
  closed: number;
  /** The ratio before it and after it. */
  before: number;
  after: number;
}

/** What came of a rebalance. */
export interface Rebalanced {
  steps: readonly ShedStep[];
  skew: Skew;
  /** `even`: no member has more than counts as even; else why it ended. */
  ended: 'even' | 'steps spent' | 'no better' | 'a member does not serve' | 'nobody can shed';
}

/** What a rebalance works with. */
export interface Rebalancing {
  look(): Promise<Skew>;
  shed(step: Shed): Promise<number>;
  canShed(load: MemberLoad): boolean;
  sleep(ms: number): Promise<void>;
  tell(step: ShedStep): void;
}

/** Steps in a row that may leave the skew as it is: the server throws dice, and so do clients. */
const PATIENCE = 3;

const SERVING: readonly string[] = ['leader', 'follower', 'observer', 'standalone', 'serving'];

/** Sheds step by step, and looks again after each. @throws as `shed`, `look` and `sleep` do */
export async function rebalance(first: Skew, limits: RebalanceLimits, working: Rebalancing): Promise<Rebalanced> {
  const steps: ShedStep[] = [];
  let skew = first;
  let best = skew.ratio;
  let inVain = 0;
  for (;;) {
    const ended = whyEnded(skew, limits, steps.length, inVain);
    if (ended !== undefined) return { steps, skew, ended };
    const step = nextShed(skew, limits, working.canShed);
    if (step === undefined) return { steps, skew, ended: 'nobody can shed' };
    const closed = await working.shed(step);
    await working.sleep(limits.pause);
    const before = skew.ratio;
    skew = await working.look();
    inVain = skew.ratio < best ? 0 : inVain + 1;
    best = Math.min(best, skew.ratio);
    const made = { ...step, closed, before, after: skew.ratio };
    steps.push(made);
    working.tell(made);
  }
}

/** Why there is nothing to do, or nothing more; undefined while there is. */
export function whyEnded(
  skew: Skew,
  { within, steps: most }: RebalanceLimits,
  made = 0,
  inVain = 0,
): Rebalanced['ended'] | undefined {
  // Its clients are elsewhere for good reason: they come back when it does.
  if (skew.members.some(({ role }) => !SERVING.includes(role))) return 'a member does not serve';
  if (overfull(skew, within).length === 0) return 'even';
  if (made >= most) return 'steps spent';
  return inVain >= PATIENCE ? 'no better' : undefined;
}
