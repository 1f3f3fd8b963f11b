import type { Environment, Timer } from '../../src/client/environment.ts';

/** A clock that moves when told to; timers run in order on the way. */
export class ManualEnvironment implements Environment {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(run: () => void, milliseconds: number): Timer {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return timer as unknown as Timer;
  }

  clearTimer(timer: Timer | undefined): void {
    this.#timers = this.#timers.filter((each) => (each as unknown) !== timer);
  }

  afterInput(run: () => void): void {
    run();
  }

  random(): number {
    return 0.5;
  }

  resolve(): Promise<readonly string[]> {
    return Promise.resolve(['127.0.0.1']);
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
