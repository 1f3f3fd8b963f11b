import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moments, scaleOf } from '../../src/output/chart-scale.ts';

describe('a scale', () => {
  it('has round ticks from zero to above the greatest value', () => {
    expect(scaleOf({ least: 3, most: 287 }, 4).ticks).toEqual([0, 100, 200, 300]);
    expect(scaleOf({ least: 0, most: 0.07 }, 4).ticks).toEqual([0, 0.02, 0.04, 0.06, 0.08]);
    expect(scaleOf({ least: 0, most: 0 }, 4).ticks.at(-1)).toBe(1);
  });

  it('has whole ticks alone where nothing is in between', () => {
    expect(scaleOf({ least: 0, most: 1 }, 4, { whole: true }).ticks).toEqual([0, 1]);
  });

  it('begins above zero where a level hardly changes, and puts one that never does in the middle', () => {
    expect(scaleOf({ least: 1_000_012, most: 1_000_019 }, 4, { level: true }).ticks).toEqual([
      1_000_012, 1_000_014, 1_000_016, 1_000_018, 1_000_020,
    ]);
    expect(scaleOf({ least: 7, most: 7 }, 4, { level: true, whole: true }).ticks).toEqual([6, 7, 8]);
    expect(scaleOf({ least: 10, most: 90 }, 4, { level: true }).from).toBe(0);
  });

  it('holds every value, whatever they are', () => {
    const value = fc.double({ min: 0, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(value, value, fc.boolean(), fc.boolean(), (a, b, level, whole) => {
        const [least, most] = a < b ? [a, b] : [b, a];
        const { from, to, ticks } = scaleOf({ least, most }, 4, { level, whole });
        expect(from).toBeLessThanOrEqual(least);
        expect(to).toBeGreaterThanOrEqual(most * 0.999_999 - 1e-6);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThan(8);
        expect([...ticks].sort((x, y) => x - y)).toEqual(ticks);
      }),
    );
  });
});

it('moments are round times in between', () => {
  const from = Date.UTC(2026, 0, 2, 3, 4, 5);
  expect(moments(from, from + 30_000, 5).map((at) => new Date(at).toISOString().slice(14, 19))).toEqual([
    '04:10',
    '04:20',
    '04:30',
  ]);
  expect(moments(from, from + 3_600_000, 5).length).toBe(4);
  expect(moments(from, from, 5).length).toBeLessThanOrEqual(1);
});
