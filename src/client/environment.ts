import { lookup } from 'node:dns/promises';

/** A running timer, good for cancelling only. */
export type Timer = ReturnType<typeof setTimeout>;

/** All a session takes from its surroundings; tests hand in their own and need no real waiting. */
export interface Environment {
  /** Monotonic milliseconds. */
  now(): number;
  setTimer(run: () => void, milliseconds: number): Timer;
  clearTimer(timer: Timer | undefined): void;
  /** Runs after pending input was read: a stalled process must not take its own silence for the server's. */
  afterInput(run: () => void): void;
  /** In [0, 1). */
  random(): number;
  /** Every address of a name, asked anew each time. */
  resolve(host: string): Promise<readonly string[]>;
}

/** What setTimeout can count to, nearly 25 days: more, or `Infinity`, would go off at once. */
const MAX_DELAY = 0x7fffffff;

export const systemEnvironment: Environment = {
  now: () => performance.now(),
  setTimer: (run, milliseconds) => setTimeout(run, Math.min(milliseconds, MAX_DELAY)),
  clearTimer: (timer) => clearTimeout(timer),
  afterInput: (run) => {
    setImmediate(run);
  },
  random: () => Math.random(),
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};
