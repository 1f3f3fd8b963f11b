import { createHistogram } from 'node:perf_hooks';

/** How long what was measured took. All times are milliseconds. */
export interface Distribution {
  count: number;
  min: number;
  mean: number;
  max: number;
  /** Each absent where there are too few measurements to tell: below 2, 10, 100 and 1000. */
  p50: number | undefined;
  p90: number | undefined;
  p99: number | undefined;
  p999: number | undefined;
  /** From the first that holds anything to the last. */
  buckets: readonly Bucket[];
}

/** Measurements above `from`, up to and with `to`, in milliseconds. */
interface Bucket {
  from: number;
  to: number;
  count: number;
}

/** Takes measurements, and tells of them at any time. */
export interface Recorder {
  /** @param ms milliseconds */
  record(ms: number): void;
  /** Undefined as long as nothing was recorded. */
  distribution(): Distribution | undefined;
}

const NANOS = 1_000_000;
/** An hour, in nanoseconds: no answer is waited for so long. */
const LONGEST = 3600 * 1000 * NANOS;
/** Exact to a thousandth, and to half a microsecond. */
const RESOLUTION = { lowest: 1000, highest: LONGEST, figures: 3 };

/** 1, 2 and 5 of every power of ten, from 10 µs on: fine enough to see two humps, coarse enough for one line. */
const BOUNDS: readonly number[] = Array.from({ length: 9 }, (_, i) => i - 2).flatMap((power) =>
  [1, 2, 5].map((step) => Number(`${step}e${power}`)),
);

/** A recorder that takes the same memory however much it is given. */
export function createRecorder(): Recorder {
  const histogram = createHistogram(RESOLUTION);
  const counts = new Array<number>(BOUNDS.length).fill(0);
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  return {
    record(ms) {
      histogram.record(Math.min(LONGEST, Math.max(1, Math.round(ms * NANOS))));
      const bucket = bucketOf(ms);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
      sum += ms;
      min = Math.min(min, ms);
      max = Math.max(max, ms);
    },
    distribution() {
      if (count === 0) return undefined;
      const at = (percent: number, least: number): number | undefined => {
        if (count < least) return undefined;
        // The histogram's own rounding of ranks is none to rely on: asked just below a rank, it gives that rank.
        const rank = Math.max(1, Math.ceil((percent / 100) * count - 1e-9));
        // What it gives is the upper end of a step, and may lie above the greatest one measured.
        const value = histogram.percentile(((rank - 0.25) / count) * 100) / NANOS;
        return Math.min(max, Math.max(min, value));
      };
      const [p50, p90, p99, p999] = [at(50, 2), at(90, 10), at(99, 100), at(99.9, 1000)];
      return { count, min, mean: sum / count, max, p50, p90, p99, p999, buckets: bucketsOf(counts) };
    },
  };
}

function bucketOf(ms: number): number {
  const found = BOUNDS.findIndex((bound) => ms <= bound);
  return found < 0 ? BOUNDS.length - 1 : found;
}

function bucketsOf(counts: readonly number[]): Bucket[] {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return counts.slice(first, last + 1).map((count, i) => ({
    from: BOUNDS[first + i - 1] ?? 0,
    to: BOUNDS[first + i] ?? 0,
    count,
  }));
}

/** Counts of several distributions over the same buckets, so that they can be drawn below one another. */
export function alignedBuckets(distributions: readonly (Distribution | undefined)[]): {
  from: number;
  to: number;
  counts: readonly (readonly number[])[];
} {
  const all = distributions.flatMap((one) => one?.buckets ?? []);
  const from = Math.min(...all.map((bucket) => bucket.from));
  const to = Math.max(...all.map((bucket) => bucket.to));
  const bounds = BOUNDS.filter((bound) => bound > from && bound <= to);
  const counts = distributions.map((one) =>
    bounds.map((bound) => one?.buckets.find((bucket) => bucket.to === bound)?.count ?? 0),
  );
  return { from: all.length === 0 ? 0 : from, to: all.length === 0 ? 0 : to, counts };
}
