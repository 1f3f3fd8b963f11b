import { describe, expect, it } from 'vitest';
import { attemptTimeout, pauseAfter } from '../../src/client/backoff.ts';

describe('pauses between rounds of attempts', () => {
  it('begin with none and then grow gently to a second', () => {
    expect(pauseAfter(0, 0.5)).toBe(0);
    const pauses = Array.from({ length: 30 }, (_, i) => pauseAfter(i + 1, 1 - Number.EPSILON));
    expect(pauses[0]).toBeLessThanOrEqual(25);
    expect(pauses.every((pause, i) => i === 0 || pause >= (pauses[i - 1] as number))).toBe(true);
    expect(pauses.at(-1)).toBeLessThanOrEqual(1000);
  });

  it('are spread by half, so that clients do not return together', () => {
    expect(pauseAfter(5, 0)).toBeCloseTo(pauseAfter(5, 1) / 2);
  });

  it('overshoot an election of half a second by no more than 300 ms', () => {
    let waited = 0;
    let last = 0;
    for (let round = 1; waited < 500; round++) {
      last = pauseAfter(round, 1);
      waited += last;
    }
    expect(waited - 500).toBeLessThanOrEqual(300);
  });
});

describe('the time one server may take', () => {
  it('is short at first and longer each round, never beyond two thirds of the session', () => {
    expect(attemptTimeout(0, 3, 30_000)).toBe(2000);
    expect(attemptTimeout(1, 3, 30_000)).toBe(4000);
    expect(attemptTimeout(50, 3, 30_000)).toBe(20_000);
    expect(attemptTimeout(0, 5, 4000)).toBe(1000);
  });

  it('is long enough for a handshake, however short a session is asked for', () => {
    expect(attemptTimeout(0, 1, 1)).toBe(1000);
  });
});
