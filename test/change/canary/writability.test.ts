import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Beat, writability } from '../../../src/change/canary/writability.ts';

const INTERVAL = 50;

/** Writes of one session that were acknowledged at these moments, 3 ms after they were sent. */
function acknowledged(times: readonly number[], worker = 0): Beat[] {
  return times.map((ended) => ({ worker, sent: ended - 3, ended, ok: true }));
}

function every(ms: number, from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / ms) + 1 }, (_, i) => from + i * ms);
}

describe('what clients felt', () => {
  it('is no outage while writes follow each other as they should', () => {
    expect(writability(acknowledged(every(50, 0, 1000)), 0, 1000, INTERVAL)).toEqual({
      writes: 21,
      failed: 0,
      unavailable: 0,
      longest: 0,
      worst: 0,
      latency: { p50: 3, p99: 3, max: 3 },
    });
  });

  it('is the pause over the usual one when nobody could write', () => {
    const beats = acknowledged([...every(50, 0, 400), ...every(50, 1400, 2000)]);
    expect(writability(beats, 0, 2000, INTERVAL)).toMatchObject({ unavailable: 950, worst: 950 });
  });

  it('is counted in all, and the longest of it, and never less for the session that fared worst', () => {
    const both = [...every(50, 0, 400), ...every(50, 1400, 2000), ...every(50, 2500, 3000)];
    const beats = [
      ...acknowledged(both, 0),
      ...acknowledged(
        both.filter((time) => time > 1500),
        1,
      ),
    ];
    expect(writability(beats, 0, 3000, INTERVAL)).toMatchObject({ unavailable: 1400, longest: 950, worst: 1950 });
  });

  it('does not hold against the ensemble what we slept through ourselves', () => {
    const beats = acknowledged([...every(50, 0, 400), ...every(50, 1400, 2000)]);
    const felt = (from: number, to: number) => writability(beats, 0, 2000, INTERVAL, [{ from, to }]);
    expect(felt(420, 1390)).toMatchObject({ unavailable: 0, worst: 0 });
    expect(felt(900, 1200)).toMatchObject({ unavailable: 650, worst: 650 });
  });

  it('is worse for one session than for all while another could write', () => {
    const beats = [...acknowledged(every(50, 0, 2000), 0), ...acknowledged([0, 50, 1950, 2000], 1)];
    expect(writability(beats, 0, 2000, INTERVAL)).toMatchObject({ unavailable: 0, worst: 1850 });
  });

  it('counts what failed, and an outage that lasts to the end', () => {
    const failed: Beat[] = [500, 700].map((ended) => ({ worker: 0, sent: ended - 100, ended, ok: false }));
    expect(writability([...acknowledged(every(50, 0, 300)), ...failed], 0, 1000, INTERVAL)).toMatchObject({
      writes: 7,
      failed: 2,
      unavailable: 650,
    });
  });

  it('is an outage of the whole span when no write was acknowledged in it', () => {
    expect(writability([], 0, 1000, INTERVAL)).toMatchObject({ writes: 0, unavailable: 950, latency: undefined });
  });

  it('is never more than the span, nor for all together more than for the one that fared worst', () => {
    const beat = fc.record({
      worker: fc.integer({ min: 0, max: 2 }),
      sent: fc.integer({ min: 0, max: 5000 }),
      took: fc.integer({ min: 0, max: 500 }),
      ok: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(beat, { maxLength: 60 }), fc.nat(3000), fc.nat(3000), (made, from, span) => {
        const beats = made.map(({ worker, sent, took, ok }) => ({ worker, sent, ended: sent + took, ok }));
        const { unavailable, longest, worst, writes, failed, latency } = writability(
          beats,
          from,
          from + span,
          INTERVAL,
        );
        expect(unavailable).toBeGreaterThanOrEqual(0);
        expect(unavailable).toBeLessThanOrEqual(span);
        expect(worst).toBeLessThanOrEqual(span);
        // Where nothing came back at all there is no session to speak of.
        if (beats.length > 0) expect(unavailable).toBeLessThanOrEqual(worst + 1);
        expect(longest).toBeLessThanOrEqual(unavailable);
        expect(writes + failed).toBe(beats.filter(({ ended }) => ended >= from && ended <= from + span).length);
        if (latency !== undefined) expect(latency.p50).toBeLessThanOrEqual(latency.p99);
        expect(latency === undefined).toBe(writes === 0);
      }),
    );
  });

  it('gets no worse by a further write that was acknowledged, and does not depend on the order they are told in', () => {
    const times = fc.array(fc.nat(3000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(times, fc.nat(3000), (made, further) => {
        const felt = writability(acknowledged(made), 0, 3000, INTERVAL);
        expect(writability(acknowledged([...made].reverse()), 0, 3000, INTERVAL)).toEqual(felt);
        const more = writability(acknowledged([...made, further]), 0, 3000, INTERVAL);
        expect(more.unavailable).toBeLessThanOrEqual(felt.unavailable);
      }),
    );
  });
});
