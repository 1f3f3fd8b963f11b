import { CanarySession, type CanarySpec } from './canary-session.ts';
import { type Beat, type Stall, type Writability, writability } from './writability.ts';

/** How often it looks whether it ran at all; milliseconds. */
const TICK = 20;

/** What clients felt while a change was made. */
export interface CanaryReport {
  before: Writability;
  during: Writability;
  after: Writability;
  sessions: number;
  /** Sessions that expired: their ephemeral znodes are gone, as any client's would be. */
  lost: number;
  /** Reads that did not have what had been written before, and watches that never fired. */
  wrong: readonly string[];
  /** Why a part of it could not be watched. */
  problem: string | undefined;
}

/** Sessions through the members that write, read and watch all the time, as clients do, and count what they could not. */
export class Canary {
  readonly #spec: CanarySpec;
  readonly #beats: Beat[] = [];
  readonly #stalls: Stall[] = [];
  readonly #stop = new AbortController();
  #sessions: CanarySession[] = [];
  #loops: Promise<void>[] = [];
  #problem: string | undefined;
  #began = 0;
  #change = Number.POSITIVE_INFINITY;
  #end = Number.POSITIVE_INFINITY;

  constructor(spec: CanarySpec) {
    this.#spec = spec;
  }

  /** Opens the sessions and begins to beat. One that cannot be had is told of in the report; the change goes on. */
  async start(): Promise<void> {
    const { servers, now, random } = this.#spec;
    this.#began = now();
    const mark = Math.floor(random() * 2 ** 40).toString(36);
    const sessions = servers.map(
      (_, i) => new CanarySession(this.#spec, `zksh-canary-${mark}-${i + 1}`, i, this.#stop.signal),
    );
    const opened = await Promise.allSettled(sessions.map((session) => session.open()));
    this.#sessions = sessions.filter((_, i) => opened[i]?.status === 'fulfilled');
    const failed = opened.find((one) => one.status === 'rejected');
    if (failed !== undefined)
      this.#problem = failed.reason instanceof Error ? failed.reason.message : String(failed.reason);
    this.#loops = [...this.#sessions.map((session, i) => this.#beat(session, i)), this.#watchOurselves()];
  }

  /** From now on what is felt is the change's doing. */
  changeBegins(): void {
    this.#change = this.#spec.now();
  }

  changeEnds(): void {
    this.#end = this.#spec.now();
  }

  /** Milliseconds in which no session could write, since the change began. */
  unavailable(): number {
    const now = this.#spec.now();
    if (this.#sessions.length === 0 || this.#change > now) return 0;
    return this.#over(this.#change, Math.min(now, this.#end)).unavailable;
  }

  /** Ends the sessions, which takes their znodes with them. */
  async finish(): Promise<CanaryReport> {
    const now = this.#spec.now();
    this.#stop.abort();
    await Promise.all(this.#loops);
    await Promise.all(this.#sessions.map((session) => session.close()));
    const [change, end] = [Math.min(this.#change, now), Math.min(this.#end, now)];
    return {
      before: this.#over(this.#began, change),
      during: this.#over(change, end),
      after: this.#over(end, now),
      sessions: this.#sessions.length,
      lost: this.#sessions.reduce((sum, { lost }) => sum + lost, 0),
      wrong: this.#sessions.flatMap(({ wrong }) => wrong),
      problem: this.#problem,
    };
  }

  #over(from: number, to: number): Writability {
    return writability(this.#beats, from, to, this.#spec.interval, this.#stalls);
  }

  /** On a machine that is too busy to let us run, what we could not do is no fault of the ensemble. */
  async #watchOurselves(): Promise<void> {
    const { now } = this.#spec;
    const { signal } = this.#stop;
    for (let last = now(); !signal.aborted; last = now()) {
      await pause(TICK, signal);
      if (now() - last > 2 * TICK) this.#stalls.push({ from: last + TICK, to: now() });
    }
  }

  async #beat(session: CanarySession, worker: number): Promise<void> {
    const { now, interval } = this.#spec;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const sent = now();
      const ok = await session.beat();
      // What was broken off because it is over tells nothing.
      if (signal.aborted && !ok) return;
      this.#beats.push({ worker, sent, ended: now(), ok });
      await pause(Math.max(ok ? 0 : 20, interval - (now() - sent)), signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    }
  });
}
