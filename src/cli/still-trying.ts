import type { StateChange } from '../client/session-state.ts';

/** When a person is told that there is still no server, in milliseconds without one; then every minute. */
const TOLD_AT = [2000, 10_000, 30_000] as const;
const TOLD_EVERY = 60_000;

/** Decides when to say that there is still no server: at first soon, then seldom, since an election may take minutes. */
export class Patience {
  #told = 0;

  /** @returns true when it is time to say so again; `suspendedFor` in milliseconds */
  isDue(suspendedFor: number): boolean {
    const due = TOLD_AT[this.#told] ?? (this.#told - TOLD_AT.length + 1) * TOLD_EVERY;
    if (suspendedFor < due) return false;
    this.#told++;
    return true;
  }

  reset(): void {
    this.#told = 0;
  }
}

/** Still no server: how long, and what each one said. */
export function stillTrying({ attempts, suspendedFor }: StateChange): string {
  const tried = attempts.map(({ server, reason }) => `${server}: ${reason}`).join('; ');
  return `no server for ${duration(suspendedFor)}, still trying${tried === '' ? '' : ` (${tried})`}`;
}

/** `250 ms`, `3.2 s`, `4 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** For a command that waits for its connection: passes on, now and then, that there is still no server. */
export function tellStillTrying(tell: (line: string) => void): (change: StateChange) => void {
  const patience = new Patience();
  return (change) => {
    if (change.type === 'retrying' && patience.isDue(change.suspendedFor)) tell(stillTrying(change));
  };
}
