/**
 * What `mntr` or the AdminServer's `monitor` tell, by name without `zk_`; values as the server wrote them. Times and the
 * like go by the names of the default provider (`cnt_x`, `sum_x`, `avg_x`, `p99_x`), whichever is in use.
 */
export type Metrics = ReadonlyMap<string, string>;

/** A server of 3.9 has about 400; per-namespace ones may make it thousands. More is no ZooKeeper server. */
const MAX_METRICS = 100_000;

/** Reads the answer to `mntr`; undefined when it is none, as from a server that does not serve. */
export function parseMntr(text: string): Metrics | undefined {
  const metrics = new Map<string, string>();
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab > 3 && line.startsWith('zk_') && metrics.size < MAX_METRICS)
      metrics.set(line.slice(3, tab), line.slice(tab + 1).trim());
  }
  return metrics.size === 0 ? undefined : withSummaries(metrics);
}

/** The same from the fields of `monitor`. */
export function metricsOfMonitor(fields: Readonly<Record<string, unknown>>): Metrics | undefined {
  const plain = Object.entries(fields).filter(([, value]) => /^(string|number|bigint|boolean)$/.test(typeof value));
  if (plain.length === 0) return undefined;
  return withSummaries(new Map(plain.slice(0, MAX_METRICS).map(([key, value]) => [key, `${value}`])));
}

/** PrometheusMetricsProvider (3.6 on) tells a summary as `x_count`, `x_sum` and `x{quantile="0.99"}`. */
function withSummaries(metrics: ReadonlyMap<string, string>): Metrics {
  const named = [...metrics].flatMap(([key, text]): [string, string][] => {
    const [, of, digits] = /^(\w+)\{quantile="0\.(\d{1,2})"\}$/.exec(key) ?? [];
    if (of !== undefined && digits !== undefined) return [[`p${digits.padEnd(2, '0')}_${of}`, text]];
    const name = key.endsWith('_sum') ? key.slice(0, -'_sum'.length) : '';
    const [count, sum] = [Number(metrics.get(`${name}_count`)), Number(text)];
    if (name === '' || !Number.isFinite(count) || !Number.isFinite(sum)) return [];
    const average = count === 0 ? 0 : sum / count;
    return [
      [`cnt_${name}`, `${count}`],
      [`sum_${name}`, text],
      [`avg_${name}`, `${average}`],
    ];
  });
  return named.length === 0 ? metrics : new Map([...named, ...metrics]);
}

/** A metric as a number; undefined when it is absent or none (`NaN`, as averages of nothing are in some releases). */
export function metricNumber(metrics: Metrics | undefined, name: string): number | undefined {
  const text = metrics?.get(name);
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
