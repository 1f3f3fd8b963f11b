import { describe, expect, it } from 'vitest';
import { likelyHeir, routeTo } from '../../../src/change/leader/heir.ts';

describe('who commonly takes over from a leader', () => {
  it('is the first of the others in the order of a HashSet of Longs', () => {
    expect(likelyHeir([1n, 2n, 3n], 3n)).toBe(1n);
    expect(likelyHeir([1n, 2n, 3n], 1n)).toBe(2n);
    // 16 buckets: 16 and 32 stand before 1.
    expect(likelyHeir([1n, 16n, 17n], 1n)).toBe(16n);
    expect(likelyHeir([7n, 16n, 5n], 16n)).toBe(5n);
    // A Long is hashed to its two halves, and an int to its two: 2^32 + 1 stands with 0, 2^16 + 1 too.
    expect(likelyHeir([2n, 2n ** 32n + 1n, 3n], 3n)).toBe(2n ** 32n + 1n);
    expect(likelyHeir([2n, 2n ** 16n + 1n, 3n], 3n)).toBe(2n ** 16n + 1n);
    expect(likelyHeir([4n], 4n)).toBeUndefined();
  });

  it('makes a way to the lowest, and from there to the second, and to no other', () => {
    expect(routeTo([1n, 2n, 3n], 3n, 1n)).toEqual([1n]);
    expect(routeTo([1n, 2n, 3n], 1n, 2n)).toEqual([2n]);
    expect(routeTo([1n, 2n, 3n], 3n, 2n)).toEqual([1n, 2n]);
    expect(routeTo([1n, 2n, 3n], 1n, 3n)).toBeUndefined();
    expect(routeTo([1n, 2n, 3n, 4n, 5n], 5n, 2n)).toEqual([1n, 2n]);
    expect(routeTo([1n, 2n, 3n, 4n, 5n], 5n, 3n)).toBeUndefined();
  });
});
