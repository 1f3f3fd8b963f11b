import { describe, expect, it } from 'vitest';
import { type Rebalancing, rebalance, type ShedStep } from '../../../src/ensemble/balance/rebalance.ts';
import {
  nextShed,
  overfull,
  type RebalanceLimits,
  type Skew,
  skewOf,
  type Told,
} from '../../../src/ensemble/balance/skew.ts';
import { viewOf } from '../../support/health-views.ts';

const LIMITS: RebalanceLimits = { within: 20, percent: 10, steps: 20, pause: 5 };

/** Three members with so many connections; undefined where nobody tells a list. */
function skew(counts: readonly (number | undefined)[], role: 'follower' | 'unreachable' = 'follower'): Skew {
  const { members } = viewOf([{ role: 'leader' }, { role: 'follower' }, { role }]).status;
  const told = members.map((member, i): Told => {
    const count = counts[i];
    const reply =
      count === undefined ? { missing: [] } : { value: Array.from({ length: count }), source: 'admin:connections' };
    return { member, reply };
  });
  return skewOf(told);
}

describe('the skew of an ensemble', () => {
  it('is told per member, in shares and in times the mean, with who told it', () => {
    const { members, total, mean, ratio } = skew([90, 20, 10]);
    expect({ total, mean, ratio }).toEqual({ total: 120, mean: 40, ratio: 2.25 });
    expect(
      members.map(({ id, connections, share, ofMean, source }) => [id, connections, share, ofMean, source]),
    ).toEqual([
      [1n, 90, 0.75, 2.25, 'admin:connections'],
      [2n, 20, 20 / 120, 0.5, 'admin:connections'],
      [3n, 10, 10 / 120, 0.25, 'admin:connections'],
    ]);
  });

  it('takes the count of the usual look where no list is told, and nothing for one that is silent', () => {
    const [, second, third] = skew([4, undefined, undefined], 'unreachable').members;
    expect(second?.source).toMatch(/^(4lw|admin):/);
    expect(third).toMatchObject({ role: 'unreachable', connections: undefined, share: undefined });
  });

  it('is even without clients', () => {
    expect(skew([0, 0, 0])).toMatchObject({ total: 0, mean: 0, ratio: 1 });
    expect(overfull(skew([0, 0, 0]), 20)).toEqual([]);
    expect(overfull(skew([1, 0, 0]), 20)).toEqual([]);
  });
});

describe('a step', () => {
  const next = (counts: readonly number[], over: Partial<RebalanceLimits> = {}, able = (_: unknown) => true) =>
    nextShed(skew(counts), { ...LIMITS, ...over }, able);

  it('sheds what the fullest has over the mean, and not more than is allowed at once', () => {
    expect(next([90, 20, 10])).toMatchObject({ id: 1n, percent: 10, about: 9 });
    expect(next([90, 20, 10], { percent: 50 })).toMatchObject({ percent: 50 });
    expect(next([50, 40, 30], { percent: 50 })).toMatchObject({ id: 1n, percent: 20, about: 10 });
    expect(next([40, 40, 40])).toBeUndefined();
    expect(next([44, 40, 36])).toBeUndefined();
  });

  it('is of the fullest of those that can', () => {
    const not1 = (load: unknown) => (load as { id: bigint }).id !== 1n;
    expect(next([90, 80, 10], {}, not1)).toMatchObject({ id: 2n });
    expect(next([90, 20, 10], {}, not1)).toBeUndefined();
  });
});

describe('a rebalance', () => {
  /** Servers that close what they are asked for, and clients that go where `goes` says. */
  function ensemble(start: readonly number[], goes: (from: number, n: number) => number) {
    const counts = [...start];
    const told: ShedStep[] = [];
    let slept = 0;
    const working: Rebalancing = {
      look: async () => skew(counts),
      shed: async ({ id, about }) => {
        const from = Number(id) - 1;
        for (let n = 0; n < about; n += 1) {
          counts[from] = (counts[from] ?? 0) - 1;
          const to = goes(from, n);
          counts[to] = (counts[to] ?? 0) + 1;
        }
        return about;
      },
      canShed: () => true,
      sleep: async (ms) => {
        slept += ms;
      },
      tell: (step) => void told.push(step),
    };
    return { working, told, slept: () => slept, counts };
  }

  it('looks again after each step, and ends when no member has more than counts as even', async () => {
    const { working, told, slept } = ensemble([100, 10, 10], (from, n) => (from + 1 + (n % 2)) % 3);
    const { steps, skew: after, ended } = await rebalance(skew([100, 10, 10]), LIMITS, working);
    expect(ended).toBe('even');
    expect(after.ratio).toBeLessThanOrEqual(1.2);
    expect(steps.every(({ percent }) => percent <= 10)).toBe(true);
    expect(steps.every(({ before, after: later }) => later < before)).toBe(true);
    expect(told).toEqual(steps);
    expect(slept()).toBe(steps.length * LIMITS.pause);
  });

  it('ends when clients come back to where they were', async () => {
    const { working } = ensemble([100, 10, 10], (from) => from);
    const { steps, ended } = await rebalance(skew([100, 10, 10]), LIMITS, working);
    expect({ ended, steps: steps.length }).toEqual({ ended: 'no better', steps: 3 });
  });

  it('ends with its steps, and while a member does not serve, or none can', async () => {
    const start = skew([100, 10, 10]);
    const { working } = ensemble([100, 10, 10], (from) => (from + 1) % 3);
    expect(await rebalance(start, { ...LIMITS, steps: 2 }, working)).toMatchObject({ ended: 'steps spent' });
    expect(await rebalance(start, LIMITS, { ...working, canShed: () => false })).toMatchObject({
      ended: 'nobody can shed',
      steps: [],
    });
    const away = skew([100, 10, undefined], 'unreachable');
    expect(await rebalance(away, LIMITS, working)).toMatchObject({ ended: 'a member does not serve', steps: [] });
  });
});
