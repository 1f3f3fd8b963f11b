import type { Point } from '../../ensemble/sampling/history.ts';
import type { Rates } from '../../ensemble/sampling/rates.ts';

/** A number in at most six columns; `-` for one that nobody told. */
export function short(value: number | bigint | undefined): string {
  if (value === undefined) return '-';
  const number = Number(value);
  if (number >= 999_500) return `${fixed(number / 1e6)}M`;
  if (number >= 9_999.5) return `${fixed(number / 1000)}k`;
  return fixed(number);
}

function fixed(number: number): string {
  return number !== 0 && number < 9.95 ? `${Number(number.toFixed(1))}` : `${Math.round(number)}`;
}

/** Milliseconds that requests took on average since the sample before, reads and updates; undefined where not told. */
export function recentLatency(rates: Rates | undefined): number | undefined {
  if (rates === undefined) return undefined;
  const { readLatency, updateLatency, reads = 0, updates = 0 } = rates;
  if (readLatency === undefined || updateLatency === undefined) return readLatency ?? updateLatency;
  return (readLatency * reads + updateLatency * updates) / (reads + updates);
}

/** The latency of a point: the recent one where it is told, else the mean since the server began to serve. */
export function latencyOf({ rates, facts }: Point): number | undefined {
  return recentLatency(rates) ?? facts.latencyAvg?.value;
}

/** Adds up what is told; undefined when nothing is. */
export function total(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((sum, value) => (value === undefined ? sum : (sum ?? 0) + value), undefined);
}
