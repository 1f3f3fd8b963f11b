/** What `mntr` or the AdminServer's `monitor` tell, by name without `zk_`; values as the server wrote them. */
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
  return metrics.size === 0 ? undefined : metrics;
}

/** The same from the fields of `monitor`. */
export function metricsOfMonitor(fields: Readonly<Record<string, unknown>>): Metrics | undefined {
  const plain = Object.entries(fields).filter(([, value]) => /^(string|number|bigint|boolean)$/.test(typeof value));
  return plain.length === 0 ? undefined : new Map(plain.slice(0, MAX_METRICS).map(([key, value]) => [key, `${value}`]));
}

/** A metric as a number; undefined when it is absent or none (`NaN`, as averages of nothing are in some releases). */
export function metricNumber(metrics: Metrics | undefined, name: string): number | undefined {
  const text = metrics?.get(name);
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
