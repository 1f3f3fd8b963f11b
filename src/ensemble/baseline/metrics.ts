import type { EnsembleStatus, MemberStatus } from '../ensemble-status.ts';
import { shortName } from '../member.ts';
import { metricNumber } from '../metrics.ts';

/** How one metric is read and judged. */
interface Metric {
  unit: 'ms' | 'count' | 'bytes' | 'per second';
  /** A value below the usual is no news where less is better. */
  sides: 'high' | 'both';
  /** Smaller differences from the median than a few of these mean nothing, however steady the metric is. */
  floor: number;
  /**
   * A value as it stands (`now`), what a counter gained a second (`rate`), or the mean of what happened between two looks,
   * of its sum and its count (`mean`): what a server gives as its average, it gives since its start.
   */
  from:
    | { now: (member: MemberStatus) => number | undefined }
    | { rate: string }
    | { mean: readonly [sum: string, count: string] };
}

const mean = (name: string, floor: number): Metric => ({
  unit: 'ms',
  sides: 'high',
  floor,
  from: { mean: [`sum_${name}`, `cnt_${name}`] },
});
const rate = (name: string, floor: number): Metric => ({
  unit: 'per second',
  sides: 'both',
  floor,
  from: { rate: name },
});

/**
 * Every metric that is learnt. Those of sums and counts, and commits, are told by servers from 3.6 on. The greatest
 * latency is not among them: one slow request would depart from the usual until the server is started anew.
 */
export const METRICS = {
  latencyAvg: { unit: 'ms', sides: 'high', floor: 2, from: { now: ({ facts }) => facts.latencyAvg?.value } },
  latencyP99: { unit: 'ms', sides: 'high', floor: 5, from: { now: ({ facts }) => facts.latencyP99?.value } },
  outstanding: { unit: 'count', sides: 'high', floor: 5, from: { now: ({ facts }) => facts.outstanding?.value } },
  connections: { unit: 'count', sides: 'both', floor: 3, from: { now: ({ facts }) => facts.connections?.value } },
  sessions: { unit: 'count', sides: 'both', floor: 3, from: { now: ({ facts }) => facts.sessions?.value } },
  watches: { unit: 'count', sides: 'both', floor: 20, from: { now: ({ facts }) => facts.watches?.value } },
  ephemerals: { unit: 'count', sides: 'both', floor: 5, from: { now: ({ facts }) => facts.ephemerals?.value } },
  znodes: { unit: 'count', sides: 'both', floor: 20, from: { now: ({ facts }) => facts.znodes?.value } },
  dataSize: { unit: 'bytes', sides: 'both', floor: 65_536, from: { now: ({ facts }) => facts.dataSize?.value } },
  openFiles: { unit: 'count', sides: 'high', floor: 10, from: { now: ({ facts }) => facts.openFiles?.value } },
  packetsReceived: rate('packets_received', 10),
  packetsSent: rate('packets_sent', 10),
  commits: rate('commit_count', 5),
  reads: rate('cnt_readlatency', 5),
  updates: rate('cnt_updatelatency', 5),
  readTime: mean('readlatency', 2),
  updateTime: mean('updatelatency', 5),
  fsyncTime: mean('fsynctime', 5),
  electionTime: {
    unit: 'ms',
    sides: 'high',
    floor: 100,
    // Elections are far too rare to look at one at a time.
    from: { now: ({ observation }) => metricNumber(observation.metrics, 'avg_election_time') },
  },
  /** Milliseconds that the JVM stood still in each second; counted where jvm.pause.monitor is on. */
  pauses: { ...rate('sum_jvm_pause_time_ms', 10), sides: 'high' },
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** By member (its id, or host and port where it has none), what each metric stands at. */
export type MetricValues = ReadonlyMap<string, Readonly<Partial<Record<MetricName, number>>>>;

/** Where a member's counters stood at a look; `at` in milliseconds since 1970, `uptime` in milliseconds. */
export interface Counters {
  at: number;
  uptime: number | undefined;
  values: Readonly<Record<string, number>>;
}

/** Looks nearer than this give no rate worth learning, looks further apart mix too many hours. Milliseconds. */
const NEAREST = 1000;
const FURTHEST = 3_600_000;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** The counters that rates and means are made of. */
const COUNTER_NAMES: readonly string[] = METRIC_NAMES.flatMap((name) => {
  const { from }: Metric = METRICS[name];
  if ('rate' in from) return [from.rate];
  return 'mean' in from ? from.mean : [];
});

/** Where the counters stand that rates are made of. */
export function countersOf({ members }: EnsembleStatus, at: number): Map<string, Counters> {
  return new Map(
    members.flatMap((member): [string, Counters][] => {
      const values = Object.fromEntries(
        COUNTER_NAMES.flatMap((name) => {
          const value = metricNumber(member.observation.metrics, name);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const uptime = member.facts.uptime?.value;
      return Object.keys(values).length === 0 ? [] : [[shortName(member), { at, uptime, values }]];
    }),
  );
}

/** What every metric of every member stands at; rates by the counters of the look before. */
export function metricValues(
  { members }: EnsembleStatus,
  before: ReadonlyMap<string, Counters>,
  now: ReadonlyMap<string, Counters>,
): MetricValues {
  return new Map(
    members.map((member) => {
      const key = shortName(member);
      const gained = gains(before.get(key), now.get(key));
      const values = METRIC_NAMES.flatMap((name): [MetricName, number][] => {
        const { from }: Metric = METRICS[name];
        const value = 'now' in from ? from.now(member) : gained && ofGains(from, gained);
        return value === undefined || !Number.isFinite(value) ? [] : [[name, value]];
      });
      return [key, Object.fromEntries(values)];
    }),
  );
}

interface Gains {
  seconds: number;
  of(name: string): number | undefined;
}

/** What the counters gained; undefined where the server was started anew meanwhile, or the looks do not fit together. */
function gains(before: Counters | undefined, now: Counters | undefined): Gains | undefined {
  if (before === undefined || now === undefined) return undefined;
  const elapsed = now.at - before.at;
  if (elapsed < NEAREST || elapsed > FURTHEST) return undefined;
  if (now.uptime !== undefined && now.uptime < elapsed) return undefined;
  return {
    seconds: elapsed / 1000,
    of: (name) => {
      const [from, to] = [before.values[name], now.values[name]];
      // `srst` sets some of them back while the server runs.
      return from === undefined || to === undefined || to < from ? undefined : to - from;
    },
  };
}

function ofGains(from: { rate: string } | { mean: readonly [string, string] }, { seconds, of }: Gains) {
  if ('rate' in from) {
    const gained = of(from.rate);
    return gained === undefined ? undefined : gained / seconds;
  }
  const [sum, count] = from.mean.map(of);
  return sum === undefined || count === undefined || count === 0 ? undefined : sum / count;
}
