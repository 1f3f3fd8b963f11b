import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ranked } from '../../src/znodes/ranking.ts';

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('a ranking', () => {
  it('gives what sorting all and taking the first would', async () => {
    const cases = fc.asyncProperty(fc.uniqueArray(fc.integer()), fc.nat(20), async (numbers, top) => {
      const compare = (a: number, b: number) => b - a;
      const found: number[] = [];
      for await (const n of ranked(each(numbers), { top, compare })) found.push(n);
      expect(found).toEqual(numbers.toSorted(compare).slice(0, top));
    });
    await fc.assert(cases);
  });

  it('puts at the end what is not to be ranked', async () => {
    const found: number[] = [];
    const ranking = { top: 2, compare: (a: number, b: number) => b - a };
    for await (const n of ranked(each([1, 99, 2, 3]), ranking, (n) => n === 99)) found.push(n);
    expect(found).toEqual([3, 2, 99]);
  });
});
