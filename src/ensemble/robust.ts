/** The middle of values, by which one wild value in two does no harm; undefined of none. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/** The median distance from `median`, scaled to equal the standard deviation of normally distributed values. */
export function deviationOf(values: readonly number[], median: number): number {
  return 1.4826 * (medianOf(values.map((value) => Math.abs(value - median))) ?? 0);
}
