/** A write of the canary as it ended. Milliseconds by one clock. */
export interface Beat {
  /** Which of its sessions. */
  worker: number;
  sent: number;
  /** When it was acknowledged or failed. */
  ended: number;
  ok: boolean;
}

/** What the beats of a span of time say. Milliseconds. */
export interface Writability {
  writes: number;
  failed: number;
  /** Time in which no session of the canary could write, in all, and the longest of it without a break. */
  unavailable: number;
  longest: number;
  /** Time in all in which one session could not, of the one that fared worst: never less than `unavailable`. */
  worst: number;
  latency: { p50: number; p99: number; max: number } | undefined;
}

/** A time in which the canary itself did not run: nothing can be said of it. Milliseconds. */
export interface Stall {
  from: number;
  to: number;
}

/**
 * Works out what clients felt between two moments. Writes follow each other at an interval: a pause between two
 * acknowledgements is an outage only for what is over that.
 */
export function writability(
  beats: readonly Beat[],
  from: number,
  to: number,
  interval: number,
  stalls: readonly Stall[] = [],
): Writability {
  const within = beats.filter(({ ended }) => ended >= from && ended <= to);
  const good = within.filter(({ ok }) => ok);
  const workers = [...new Set(beats.map(({ worker }) => worker))];
  const times = (worker?: number): number[] =>
    good
      .filter((beat) => worker === undefined || beat.worker === worker)
      .map(({ ended }) => ended)
      .sort(ascending);
  const outages = (worker?: number): number[] => gaps(times(worker), from, to, interval, stalls);
  const took = good.map(({ sent, ended }) => ended - sent).sort(ascending);
  return {
    writes: good.length,
    failed: within.length - good.length,
    unavailable: Math.round(sum(outages())),
    longest: Math.round(Math.max(0, ...outages())),
    worst: Math.round(Math.max(0, ...workers.map((worker) => sum(outages(worker))))),
    latency: took.length === 0 ? undefined : { p50: at(took, 0.5), p99: at(took, 0.99), max: at(took, 1) },
  };
}

/** A busy machine makes shorter pauses by itself; milliseconds. */
const HICCUP = 200;

/** What is over the usual pause, of each pause between acknowledgements, the ends of the span counted as such. */
function gaps(
  times: readonly number[],
  from: number,
  to: number,
  interval: number,
  stalls: readonly Stall[],
): number[] {
  const usual = Math.max(3 * interval, HICCUP);
  const marks = [from, ...times, to];
  return marks.slice(1).flatMap((time, i) => {
    const last = marks[i] ?? from;
    const stalled = sum(stalls.map((one) => Math.max(0, Math.min(one.to, time) - Math.max(one.from, last))));
    const pause = time - last - stalled;
    return pause > usual ? [pause - interval] : [];
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function at(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return Math.round((sorted[Math.max(0, index)] ?? 0) * 10) / 10;
}

function ascending(a: number, b: number): number {
  return a - b;
}
