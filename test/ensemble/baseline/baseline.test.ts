import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Baseline, departures, learn, learning, upTo } from '../../../src/ensemble/baseline/baseline.ts';
import type { MetricName, MetricValues } from '../../../src/ensemble/baseline/metrics.ts';
import { deviationOf, medianOf } from '../../../src/ensemble/robust.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 0, 5);
const EMPTY: Baseline = new Map();

const look = (metric: MetricName, value: number, member = '1'): MetricValues =>
  new Map([[member, { [metric]: value }]]);

interface Look {
  at: number;
  value: number;
}

function learnAll(looks: readonly Look[], metric: MetricName = 'connections', from = EMPTY): Baseline {
  return looks.reduce((baseline, { at, value }) => learn(baseline, look(metric, value), at), from);
}

/** A look every so often, each with the value of its time. */
function every(step: number, from: number, days: number, valueAt: (at: number) => number): Look[] {
  return Array.from({ length: Math.floor((days * DAY) / step) }, (_, i) => {
    const at = from + i * step;
    return { at, value: valueAt(at) };
  });
}

const isNight = (at: number) => new Date(at).getUTCHours() < 6 || new Date(at).getUTCHours() >= 22;
/** Some hundreds of connections, a little different each time. */
const wobbling = (middle: number) => (at: number) => middle + ((at / MINUTE) % 7) - 3;

describe('a value', () => {
  it('far from what the metric usually is departs, and it is told from what and how far', () => {
    const baseline = learnAll(every(10 * MINUTE, MONDAY, 1, wobbling(300)));
    const at = MONDAY + DAY;
    expect(departures(baseline, look('connections', 303), at)).toEqual([]);
    const [departure, ...others] = departures(baseline, look('connections', 900), at);
    expect(others).toEqual([]);
    expect(departure).toEqual({
      member: '1',
      metric: 'connections',
      value: 900,
      median: expect.closeTo(300, -0.7),
      mad: expect.closeTo(3, -0.5),
      deviations: expect.closeTo(20, -0.5),
      samples: 144,
    });
    expect(departures(baseline, look('connections', 0), at)).toHaveLength(1);
  });

  it('that is better than usual is no news', () => {
    const baseline = learnAll(every(10 * MINUTE, MONDAY, 1, wobbling(300)), 'latencyAvg');
    expect(departures(baseline, look('latencyAvg', 1), MONDAY + DAY)).toEqual([]);
    expect(departures(baseline, look('latencyAvg', 900), MONDAY + DAY)).toHaveLength(1);
  });

  it('of a metric that never moved departs beyond a share of it, or beyond what means anything', () => {
    const steady = learnAll(every(10 * MINUTE, MONDAY, 1, () => 1000));
    expect(departures(steady, look('connections', 1100), MONDAY + DAY)).toEqual([]);
    expect(departures(steady, look('connections', 1700), MONDAY + DAY)).toMatchObject([{ mad: 0, median: 1000 }]);
    const none = learnAll(
      every(10 * MINUTE, MONDAY, 1, () => 0),
      'outstanding',
    );
    expect(departures(none, look('outstanding', 20), MONDAY + DAY)).toEqual([]);
    expect(departures(none, look('outstanding', 2000), MONDAY + DAY)).toMatchObject([{ mad: 0, median: 0 }]);
  });

  it('is not judged before enough was seen, and it is said how much', () => {
    const looks = every(10 * MINUTE, MONDAY, 1, () => 300);
    const few = learnAll(looks.slice(0, 23));
    expect(departures(few, look('connections', 90_000), MONDAY)).toEqual([]);
    expect(learning(few, look('connections', 90_000))).toEqual([
      { member: '1', metric: 'connections', samples: 23, needed: 24 },
    ]);
    const enough = learnAll(looks.slice(0, 24));
    expect(departures(enough, look('connections', 90_000), MONDAY)).toHaveLength(1);
    expect(learning(enough, look('connections', 90_000))).toEqual([]);
    // Another member has its own range.
    expect(departures(enough, look('connections', 90_000, '2'), MONDAY)).toEqual([]);
    expect(learning(enough, look('connections', 1, '2'))).toMatchObject([{ member: '2', samples: 0 }]);
  });

  it('that is usual at night departs by day, once the hours are known, though it is usual over all', () => {
    const valueAt = (at: number) => wobbling(isNight(at) ? 40 : 400)(at);
    const noon = 12 * HOUR;
    const oneDay = learnAll(every(10 * MINUTE, MONDAY, 1, valueAt));
    expect(departures(oneDay, look('connections', 40), MONDAY + DAY + noon)).toMatchObject([]);
    const fourDays = learnAll(every(10 * MINUTE, MONDAY, 4, valueAt));
    expect(departures(fourDays, look('connections', 40), MONDAY + 4 * DAY + noon)).toMatchObject([
      { hour: 12, median: expect.closeTo(400, -1) },
    ]);
    expect(departures(fourDays, look('connections', 40), MONDAY + 4 * DAY + 2 * HOUR)).toEqual([]);
    expect(departures(fourDays, look('connections', 400), MONDAY + 4 * DAY + 2 * HOUR)).toMatchObject([{ hour: 2 }]);
  });

  it('that stays becomes the usual', () => {
    const grown = learnAll([
      ...every(10 * MINUTE, MONDAY, 7, () => 100),
      ...every(10 * MINUTE, MONDAY + 7 * DAY, 7, () => 1000),
    ]);
    const at = MONDAY + 14 * DAY;
    expect(departures(grown, look('connections', 1000), at)).toEqual([]);
    expect(departures(grown, look('connections', 100), at)).toHaveLength(1);
  });
});

describe('what is kept', () => {
  const samplesOf = (baseline: Baseline) => baseline.get('1')?.get('connections') ?? [];

  it('is bounded, however often and however long is looked', () => {
    const kept = samplesOf(learnAll(every(4 * MINUTE, MONDAY, 9, wobbling(300))));
    expect(kept).toHaveLength(8 * 24 * 7);
    expect(kept[0]?.[0]).toBeGreaterThanOrEqual((MONDAY + 2 * DAY) / 1000);
  });

  it('is of 64 members at most, and those gone longest go first', () => {
    const many = Array.from({ length: 70 }, (_, i) => i).reduce(
      (baseline, i) => learn(baseline, look('connections', 1, `${i}`), MONDAY + i * MINUTE),
      EMPTY,
    );
    expect([...many.keys()].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i + 6));
  });

  it('goes no further than a time, after a clock was wrong', () => {
    const baseline = learnAll([...every(HOUR, MONDAY, 1, () => 5), { at: MONDAY + 3000 * DAY, value: 5 }]);
    expect(samplesOf(upTo(baseline, MONDAY + DAY))).toEqual([]);
    expect(samplesOf(upTo(learnAll(every(HOUR, MONDAY, 1, () => 5)), MONDAY + 5 * HOUR))).toHaveLength(6);
  });

  it('does not hang on the order in which it came', () => {
    const looks = fc.uniqueArray(fc.record({ at: fc.integer({ min: 0, max: 9 * 24 * 3600 }), value: fc.double() }), {
      selector: ({ at }) => at,
      maxLength: 200,
    });
    fc.assert(
      fc.property(looks, fc.infiniteStream(fc.nat()), (some, numbers) => {
        const timed = some.map(({ at, value }) => ({ at: MONDAY + at * 1000, value }));
        const shuffled = timed
          .map((one) => ({ one, place: numbers.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ one }) => one);
        expect(samplesOf(learnAll(shuffled))).toEqual(samplesOf(learnAll(timed)));
      }),
    );
  });

  it('and what departs are numbers, whatever comes', () => {
    const anything = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.double()), {
      minLength: 30,
      maxLength: 80,
    });
    fc.assert(
      fc.property(anything, fc.double(), (some, value) => {
        const baseline = learnAll(some.map(([minute, of]) => ({ at: MONDAY + minute * MINUTE, value: of })));
        const found = departures(baseline, look('connections', value), MONDAY);
        for (const text of [JSON.stringify(found), JSON.stringify(samplesOf(baseline))])
          expect(text).not.toMatch(/null/);
      }),
    );
  });
});

describe('the usual range', () => {
  it('is not moved far by fewer than three wild values in ten', () => {
    const steady = fc.array(fc.double({ min: 90, max: 110, noNaN: true }), { minLength: 70, maxLength: 70 });
    const wild = fc.array(fc.oneof(fc.double({ min: 1000, noNaN: true }), fc.double({ max: -1000, noNaN: true })), {
      maxLength: 29,
    });
    fc.assert(
      fc.property(steady, wild, (usual, outliers) => {
        // Wild values anywhere among the others.
        const values = [...usual];
        for (const [i, value] of outliers.entries()) values.splice((i * 37) % values.length, 0, value);
        const baseline = learnAll(values.map((value, i) => ({ at: MONDAY + i * 10 * MINUTE, value })));
        const at = MONDAY + DAY;
        expect(departures(baseline, look('connections', 100), at)).toEqual([]);
        for (const far of [-200, 400]) {
          const [departure] = departures(baseline, look('connections', far), at);
          expect(departure?.median).toBeGreaterThanOrEqual(90);
          expect(departure?.median).toBeLessThanOrEqual(110);
          expect(departure?.mad).toBeLessThanOrEqual(1.4826 * 20);
        }
      }),
    );
  });

  it('has a median between the least and the largest, and a deviation of values that all are equal is 0', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e18, max: 1e18, noNaN: true }), { minLength: 1 }), (values) => {
        const median = medianOf(values)!;
        expect(median).toBeGreaterThanOrEqual(Math.min(...values));
        expect(median).toBeLessThanOrEqual(Math.max(...values));
        expect(medianOf(values.toReversed())).toBe(median);
      }),
    );
    expect(medianOf([])).toBeUndefined();
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(deviationOf([7, 7, 7], 7)).toBe(0);
    expect(deviationOf([1, 2, 3, 4, 100], 3)).toBeCloseTo(1.4826);
  });
});
