import { describe, expect, it } from 'vitest';
import { interleave, median, percentile, ratio } from './figures.ts';

describe('the figures of the bench', () => {
  it('take the middle value, or the mean of the two middle ones', () => {
    expect(median([9, 1, 100])).toBe(9);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('take percentiles by nearest rank, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([percentile(hundred, 50), percentile(hundred, 99), percentile(hundred, 100)]).toEqual([50, 99, 100]);
    expect(percentile([7], 99)).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });

  it('compare round by round, so that a slow round counts for both', () => {
    expect(ratio([10, 1, 30], [5, 0.5, 10])).toBe(2);
    expect(ratio([1, 2], [])).toBeNaN();
  });

  it('let the subjects take turns, each round beginning with another', async () => {
    const turns: string[] = [];
    const taken = await interleave(['a', 'b', 'c'], 2, async (subject, round) => {
      turns.push(subject);
      return `${subject}${round}`;
    });
    expect(turns.join('')).toBe('abcbca');
    expect(Object.fromEntries(taken)).toEqual({ a: ['a0', 'a1'], b: ['b0', 'b1'], c: ['c0', 'c1'] });
  });
});
