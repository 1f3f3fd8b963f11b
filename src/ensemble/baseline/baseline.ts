import { deviationOf, medianOf } from '../robust.ts';
import { METRIC_NAMES, METRICS, type MetricName, type MetricValues } from './metrics.ts';

/** One value: seconds since 1970, and what it was. */
export type Sample = readonly [at: number, value: number];

/**
 * What was seen of an ensemble's metrics: by member and metric, the samples kept. Of each hour of each day eight are kept,
 * those whose time has the smallest hash, and of each member the last seven days: which ones does not hang on the order
 * they came in, nor on their values.
 */
export type Baseline = ReadonlyMap<string, Series>;

/** What is kept of one member. */
type Series = ReadonlyMap<MetricName, readonly Sample[]>;

/** A value far from what the metric usually is. */
export interface Departure {
  member: string;
  metric: MetricName;
  value: number;
  median: number;
  /** The median absolute deviation, scaled to a standard deviation (by 1.4826). */
  mad: number;
  /** How many times the usual spread it is away: the scaled MAD, or a floor where the metric hardly ever moves. */
  deviations: number;
  /** The hour of the day (UTC) it was compared with; absent when with all hours. */
  hour?: number | undefined;
  /** How many values it was compared with. */
  samples: number;
}

/** A metric of which too little was seen to judge it. */
export interface Learning {
  member: string;
  metric: MetricName;
  samples: number;
  needed: number;
}

const HOUR = 3600;
const DAY = 86_400;
/** Samples kept of one hour of one day, and days kept. */
const PER_HOUR = 8;
const DAYS = 7;
/** An ensemble has some dozens of members at most; what is kept of those gone longest goes first. */
const MAX_MEMBERS = 64;
/** Samples needed before anything is said; and for an hour of the day by itself, over how many days. */
const NEEDED = 24;
const NEEDED_OF_HOUR = 12;
const NEEDED_DAYS = 3;
/** From how many times its spread on a value departs, and the least spread as a share of the median. */
const LIMIT = 6;
const LEAST_SPREAD = 0.1;
/**
 * Among all hours, a value that is far from most but near so many is usual at some time of the day: until the hours are
 * known by themselves, a quiet night is no alarm. A share of the samples, and how many spreads are near.
 */
const OFTEN = 0.1;
const NEAR = 2;
/** No metric is larger; what a broken server says must not spoil the sums. */
const LARGEST = 1e18;

/** Adds one look. @param at milliseconds since 1970 */
export function learn(baseline: Baseline, values: MetricValues, at: number): Baseline {
  const second = Math.floor(at / 1000);
  const learnt = new Map(baseline);
  for (const [member, metrics] of values) {
    const series = new Map(learnt.get(member));
    for (const metric of METRIC_NAMES) {
      const value = metrics[metric];
      if (!isSensible(value)) continue;
      series.set(metric, withSample(series.get(metric) ?? [], [second, rounded(value)]));
    }
    if (series.size > 0) learnt.set(member, series);
  }
  return learnt.size <= MAX_MEMBERS ? learnt : new Map([...learnt].sort(byNewest).slice(0, MAX_MEMBERS));
}

/** Without what was learnt after a time, in milliseconds since 1970. */
export function upTo(baseline: Baseline, time: number): Baseline {
  const before = (samples: readonly Sample[]) => samples.filter(([second]) => second * 1000 <= time);
  return new Map(
    [...baseline].map(([member, series]) => [
      member,
      new Map([...series].map(([metric, samples]) => [metric, before(samples)])),
    ]),
  );
}

/** What departs from the usual, the furthest first. Metrics of which too little is known never do. */
export function departures(baseline: Baseline, values: MetricValues, at: number): Departure[] {
  const found = [...values].flatMap(([member, metrics]) =>
    METRIC_NAMES.flatMap((metric): Departure[] => {
      const value = metrics[metric];
      const known = usual(baseline.get(member)?.get(metric) ?? [], at);
      if (!isSensible(value) || known === undefined) return [];
      const { median, mad, hour, compared } = known;
      const { floor, sides } = METRICS[metric];
      const spread = Math.max(mad, LEAST_SPREAD * Math.abs(median), floor);
      const deviations = Math.abs(value - median) / spread;
      if (deviations <= LIMIT || (sides === 'high' && value < median)) return [];
      const near = compared.filter((one) => Math.abs(one - value) <= NEAR * spread).length;
      if (hour === undefined && near >= OFTEN * compared.length) return [];
      return [
        {
          member,
          metric,
          value,
          median,
          mad,
          deviations,
          ...(hour === undefined ? {} : { hour }),
          samples: compared.length,
        },
      ];
    }),
  );
  return found.sort((a, b) => b.deviations - a.deviations);
}

/** What is still learnt. */
export function learning(baseline: Baseline, values: MetricValues): Learning[] {
  return [...values].flatMap(([member, metrics]) =>
    METRIC_NAMES.flatMap((metric): Learning[] => {
      const samples = baseline.get(member)?.get(metric)?.length ?? 0;
      return metrics[metric] === undefined || samples >= NEEDED ? [] : [{ member, metric, samples, needed: NEEDED }];
    }),
  );
}

/** What a metric usually is: at this hour of the day, where enough days are known, else at any. */
function usual(samples: readonly Sample[], at: number) {
  if (samples.length < NEEDED) return undefined;
  const hour = new Date(at).getUTCHours();
  const ofHour = samples.filter(([second]) => Math.floor((second % DAY) / HOUR) === hour);
  const days = new Set(ofHour.map(([second]) => Math.floor(second / DAY)));
  const byHour = ofHour.length >= NEEDED_OF_HOUR && days.size >= NEEDED_DAYS;
  const compared = (byHour ? ofHour : samples).map(([, value]) => value);
  const median = medianOf(compared) ?? 0;
  return { median, mad: deviationOf(compared, median), hour: byHour ? hour : undefined, compared };
}

/** With one more sample, and without what is too old or too much by now; by time. */
function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const all = [...samples, sample];
  const day = Math.floor(Math.max(sample[0], samples.at(-1)?.[0] ?? 0) / DAY);
  const hour = Math.floor(sample[0] / HOUR);
  // Two looks in one second: the larger value, whichever came first.
  const ofHour = new Map<number, Sample>();
  for (const one of all) {
    const [second, value] = one;
    const other = ofHour.get(second);
    if (Math.floor(second / HOUR) === hour && (other === undefined || other[1] < value)) ofHour.set(second, one);
  }
  const few = [...ofHour.values()].sort((a, b) => hash(a[0]) - hash(b[0])).slice(0, PER_HOUR);
  const others = samples.filter(([second]) => Math.floor(second / HOUR) !== hour);
  return [...others, ...few].filter(([second]) => Math.floor(second / DAY) > day - DAYS).sort((a, b) => a[0] - b[0]);
}

/** Spreads times evenly over 32 bits, each time on its own: two never have the same (Murmur3's finalizer). */
function hash(second: number): number {
  let mixed = second | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function isSensible(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) <= LARGEST;
}

/** Five digits tell all there is to compare, and keep the file small. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

function byNewest([, a]: [string, Series], [, b]: [string, Series]): number {
  return newestOf(b) - newestOf(a);
}

function newestOf(series: Series): number {
  return Math.max(0, ...[...series.values()].map((samples) => samples.at(-1)?.[0] ?? 0));
}
