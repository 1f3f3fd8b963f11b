import { describe, expect, it } from 'vitest';
import { undoAll } from '../../src/change/abort.ts';
import { stateOf } from '../../src/change/change-state.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { planWith } from './made-up.ts';
import { applyTo, made, makingOf, NEW, OLD } from './made-up-machines.ts';

const steps = [applyTo(3n), applyTo(2n), applyTo(1n)];
const plan = planWith(steps, { order: 'fixed' });
const all = { texts: { 1: NEW, 2: NEW, 3: NEW } };

describe('ending a change', () => {
  it('takes back what was done, the last first', async () => {
    const { making, restarts, configs } = await makingOf(plan, made(...steps), all);
    await undoAll(making);
    expect(restarts).toEqual([1n, 2n, 3n]);
    expect([...configs.values()]).toEqual([OLD, OLD, OLD]);
    expect(stateOf(making.journal.entries)).toMatchObject({ state: 'aborted', done: [] });
  });

  it('stops between two members when a person asks for it, says so, and goes on from there', async () => {
    const { making, restarts } = await makingOf(plan, made(...steps), all);
    const { hooks } = making;
    const asked = new ZkshError('interrupted', { code: 'INTERRUPTED', exitCode: 130 });
    const stopping = { ...hooks, stopBecause: () => (restarts.length > 0 ? asked : undefined) };
    await expect(undoAll({ ...making, hooks: stopping })).rejects.toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
      message: 'ending the rolling restart stopped between two steps: interrupted; 2 of 3 steps are done still',
      hint: expect.stringMatching(/zksh rolling abort .*--as-is/),
    });
    expect(restarts).toEqual([1n]);
    expect(stateOf(making.journal.entries)).toMatchObject({ state: 'stopped', aborting: true, reason: 'interrupted' });
    await undoAll(making);
    expect(restarts).toEqual([1n, 2n, 3n]);
  });

  it('says at which member it stopped when one cannot be taken back, and leaves the others as they are', async () => {
    const { making, restarts } = await makingOf(plan, made(...steps), { texts: { ...all.texts, 2: 'tickTime=1\n' } });
    await expect(undoAll(making)).rejects.toMatchObject({
      code: 'CONFIG_CHANGED',
      exitCode: 6,
      message: expect.stringMatching(/stopped at restart member 2: .*somebody else changed it; 2 of 3 steps are done/),
    });
    expect(restarts).toEqual([1n]);
  });

  it('touches nothing more once somebody else has the lock', async () => {
    const { making, restarts } = await makingOf(plan, made(...steps), all);
    making.lock.hold = async () => {
      if (restarts.length > 0) throw new ZkshError('another change is under way', { code: 'LOCKED', exitCode: 6 });
    };
    await expect(undoAll(making)).rejects.toMatchObject({ code: 'LOCKED' });
    expect(restarts).toEqual([1n]);
  });
});
