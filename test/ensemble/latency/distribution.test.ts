import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignedBuckets, createRecorder, type Distribution } from '../../../src/ensemble/latency/distribution.ts';

const latency = fc.oneof(
  fc.double({ min: 0.01, max: 10, noNaN: true }),
  fc.double({ min: 1, max: 60_000, noNaN: true }),
  fc.constantFrom(0.01, 0.1, 1, 5, 1000),
);

function distributionOf(values: readonly number[]): Distribution | undefined {
  const recorder = createRecorder();
  for (const value of values) recorder.record(value);
  return recorder.distribution();
}

/** The smallest value that at least so many of a hundred are not above. */
function nearestRank(values: readonly number[], perMille: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((perMille * sorted.length) / 1000) - 1]!;
}

/** The recorder keeps a thousandth of a value, and half a microsecond. */
function near(value: number): { from: number; to: number } {
  return { from: value * 0.998 - 0.001, to: value * 1.002 + 0.001 };
}

describe('a distribution', () => {
  it('is none of nothing', () => {
    expect(distributionOf([])).toBeUndefined();
  });

  it('has the percentiles that the sorted measurements have, where there are enough of them', () => {
    const many = fc.array(latency, { minLength: 1, maxLength: 2500, size: 'max' });
    fc.assert(
      fc.property(many, (values) => {
        const found = distributionOf(values)!;
        for (const [name, perMille, least] of [
          ['p50', 500, 2],
          ['p90', 900, 10],
          ['p99', 990, 100],
          ['p999', 999, 1000],
        ] as const) {
          const value = found[name];
          expect(value === undefined).toBe(values.length < least);
          if (value === undefined) continue;
          const { from, to } = near(nearestRank(values, perMille));
          expect(value).toBeGreaterThanOrEqual(from);
          expect(value).toBeLessThanOrEqual(to);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has the exact least, greatest and mean, and no percentile outside of them', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (values) => {
        const { count, min, mean, max, p50, p90, p99 } = distributionOf(values)!;
        expect({ count, min, max }).toEqual({
          count: values.length,
          min: Math.min(...values),
          max: Math.max(...values),
        });
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6);
        const told = [min, p50, p90, p99, max].filter((value) => value !== undefined);
        expect(told).toEqual([...told].sort((a, b) => a - b));
      }),
    );
  });

  it('counts each measurement in the one bucket that it is in', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (values) => {
        const { buckets } = distributionOf(values)!;
        for (const { from, to, count } of buckets) {
          expect(count).toBe(values.filter((value) => value > from && value <= to).length);
        }
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        expect([buckets[0]!.count, buckets.at(-1)!.count]).not.toContain(0);
      }),
    );
  });

  it('takes what is out of all bounds for the longest there is', () => {
    const { max, p50, buckets } = distributionOf([1e9, 1e9])!;
    expect({ max, p50: p50! <= max, last: buckets.at(-1)?.count }).toEqual({ max: 1e9, p50: true, last: 2 });
    expect(distributionOf([0, 0])).toMatchObject({ min: 0, max: 0, p50: 0 });
  });
});

describe('distributions below one another', () => {
  it('share their buckets', () => {
    const drawn = alignedBuckets([distributionOf([0.15, 0.3, 0.4]), undefined, distributionOf([3, 0.3])]);
    expect(drawn).toEqual({
      from: 0.1,
      to: 5,
      counts: [
        [1, 2, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 1, 0, 0, 1],
      ],
    });
    expect(alignedBuckets([undefined])).toEqual({ from: 0, to: 0, counts: [[]] });
  });
});
