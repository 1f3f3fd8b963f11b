import { describe, expect, it } from 'vitest';
import type { ChangeContext } from '../../src/change/context.ts';
import { holdGates } from '../../src/change/hold-gates.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../src/change/plan.ts';
import { type Said, viewOf } from '../support/health-views.ts';

const LED: readonly Said[] = [{ role: 'leader' }, { role: 'follower' }, { role: 'follower' }];
const LEADERLESS: readonly Said[] = [{ role: 'follower' }, { role: 'follower' }, { role: 'follower' }];

/** An ensemble with a leader at the moments (milliseconds) that `led` says so; time passes by waiting alone. */
function waiting(led: (now: number) => boolean): { context: ChangeContext; now(): number } {
  let clock = 0;
  const context: Partial<ChangeContext> = {
    observe: async () => viewOf(led(clock) ? LED : LEADERLESS).status,
    now: () => clock,
    sleep: async (ms) => {
      clock += ms;
    },
  };
  return { context: context as ChangeContext, now: () => clock };
}

function hold(context: ChangeContext, within: number, stable: number) {
  const limits = DEFAULT_CHANGE_LIMITS;
  return holdGates(['one-leader'], context, { limits, target: undefined, configVersion: undefined, within, stable });
}

describe('gates that are waited for', () => {
  it('must stay open without a break for as long as is wanted', async () => {
    const { context, now } = waiting((at) => at < 400 || at >= 800);
    await hold(context, 10_000, 1000);
    // Looks at 0 and 400 (shut), 800 (open), 1200, 1600, and at the end of the window itself.
    expect(now()).toBe(1800);
  });

  it('that are shut when the time is over are told, with the reason', async () => {
    const { context } = waiting(() => false);
    await expect(hold(context, 1000, 0)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      exitCode: 8,
      message: 'one-leader: no member says that it leads',
    });
  });

  it('that open in the last moment may still prove that they stay so', async () => {
    const { context } = waiting((at) => at >= 1100);
    expect([...(await hold(context, 1000, 500))]).toMatchObject([['one-leader', { pass: true }]]);
  });

  it('that open in the last moment and shut again are told as shut', async () => {
    const { context } = waiting((at) => at >= 900 && at < 1300);
    await expect(hold(context, 1000, 1000)).rejects.toMatchObject({ message: expect.stringContaining('one-leader') });
  });
});
