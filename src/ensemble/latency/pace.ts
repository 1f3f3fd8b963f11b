import { setTimeout as sleep } from 'node:timers/promises';

/** Says when the next request may be made. */
export interface Pace {
  /** Waits for the next turn; false when the time is up. @throws the signal's reason */
  turn(signal: AbortSignal): Promise<boolean>;
}

/** What was missed by more than this, in milliseconds, is not made up for: a burst is no gentle load. */
const MADE_UP = 20;
/** Timers are no finer, in milliseconds. */
const GRAIN = 1;

/**
 * At most `rate` turns a second, evenly, for `duration` milliseconds from now on.
 *
 * @param offset milliseconds before the first turn, so that several do not ask in the same instant
 */
export function createPace(how: {
  rate: number | undefined;
  duration: number | undefined;
  offset?: number | undefined;
  now?: (() => number) | undefined;
  wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}): Pace {
  const { rate, duration, offset = 0, now = () => performance.now(), wait = pause } = how;
  const interval = rate === undefined ? 0 : 1000 / rate;
  const end = duration === undefined ? Number.POSITIVE_INFINITY : now() + duration;
  let due = now() + offset;
  return {
    async turn(signal) {
      signal.throwIfAborted();
      const early = due - now();
      if (early >= GRAIN) await wait(Math.max(0, Math.min(early, end - now())), signal);
      due = Math.max(due, now() - MADE_UP) + interval;
      return now() < end;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
