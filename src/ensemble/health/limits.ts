import { UsageError } from '../../protocol/errors.ts';

/** From where on a measured value is a finding: name, default, unit and what it is about. */
const LIMITS = {
  lag: [1000, 'transactions', 'behind the leader'],
  outstanding: [100, 'requests', 'that wait in a server'],
  latency: [100, 'ms', 'a request takes on average, as the server counts since its start'],
  fsync: [100, 'ms', 'an fsync of the transaction log takes on average'],
  files: [80, '%', 'of the file descriptors'],
  connections: [80, '%', 'of the connections allowed'],
  watches: [1_000_000, 'watches', 'on one server'],
  ephemerals: [100_000, 'ephemerals', 'in the ensemble'],
  heap: [50, '%', 'of the heap, taken by znodes as reckoned'],
  response: [80, '%', 'of jute.maxbuffer, for the largest answer or proposal'],
  rollover: [7, 'days', 'until the counter of the zxid is full'],
  snapshot: [300_000, 'transactions', 'since the last snapshot'],
  disk: [10, '%', 'of a disk that is left'],
  skew: [1000, 'ms', 'between the clocks of two members'],
  certificate: [30, 'days', 'a certificate is still valid'],
} as const satisfies Record<string, readonly [number, string, string]>;

type LimitName = keyof typeof LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

/** The limits when nothing is said. */
export const DEFAULT_LIMITS: Limits = Object.fromEntries(
  Object.entries(LIMITS).map(([name, [value]]) => [name, value]),
) as Limits;

/** A line for each, for help. */
export const LIMIT_LINES: readonly string[] = Object.entries(LIMITS).map(
  ([name, [value, unit, about]]) => `${name}=${value} ${unit} ${about}`,
);

/** Reads the values of `--limit`, `lag=500`. @throws UsageError `BAD_LIMIT` */
export function parseLimits(values: readonly string[]): Limits {
  const given = values.map((value): [string, number] => {
    const [, name = '', number] = /^([a-z]+)=(\d{1,12}(?:\.\d{1,6})?)$/.exec(value) ?? [];
    if (number !== undefined && Object.hasOwn(LIMITS, name)) return [name, Number(number)];
    throw new UsageError(`"${value}" is no limit`, {
      code: 'BAD_LIMIT',
      hint: `Write it as lag=500. There are: ${Object.keys(LIMITS).join(', ')}.`,
    });
  });
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) };
}
