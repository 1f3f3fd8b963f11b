import { expect, it } from 'vitest';
import { stateOf } from '../../src/change/change-state.ts';
import { runChange } from '../../src/change/run-change.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { viewOf } from '../support/health-views.ts';
import { planWith } from './made-up.ts';
import { applyTo, made, makingOf, NEW, OLD } from './made-up-machines.ts';

it('that a kill broke off is finished before anything else, though all gates would hold by then', async () => {
  const step = applyTo(2n);
  const killed = [...made(step).slice(0, -1), { type: 'undoing', step: step.id, because: 'it fell behind' } as const];
  // The file was put back already, and the member serves: only the journal knows that it has not the new one.
  const { making, restarts } = await makingOf(planWith([step]), killed);
  await expect(runChange(making.journal, making.lock, making.context, making.hooks)).rejects.toMatchObject({
    code: 'ROLLED_BACK',
    exitCode: 8,
    message: expect.stringContaining(
      'restart member 2 failed and was taken back, all is as before it; what failed: it fell behind',
    ),
  });
  expect(restarts).toEqual([2n]);
  expect(stateOf(making.journal.entries)).toMatchObject({ state: 'stopped', done: [], current: undefined });
});

it('of a member that serves at its new address goes through the gates before it is taken away again', async () => {
  const step = applyTo(2n, { before: ['others-serve'] });
  const plan = planWith([step], { outsiders: ['server.2=zk9:2888:3888:participant;2181'] });
  const killed = [...made(step).slice(0, -1), { type: 'undoing', step: step.id, because: 'it fell behind' } as const];
  const { making, restarts } = await makingOf(plan, killed, { texts: { 2: NEW } });
  // Who does not look there takes it for one that is down.
  making.context.observe = async (also = []) =>
    viewOf([{ role: 'leader' }, { role: also.length > 0 ? 'follower' : 'unreachable' }, { role: 'unreachable' }])
      .status;
  await expect(runChange(making.journal, making.lock, making.context, making.hooks)).rejects.toMatchObject({
    code: 'ROLLBACK_FAILED',
    message: expect.stringContaining('others-serve: member 3 is unreachable'),
  });
  expect(restarts).toEqual([]);
});

it('is not begun where the journal can no longer be written: why and where it stopped is told all the same', async () => {
  const { making, restarts, configs } = await makingOf(planWith([applyTo(2n)]), []);
  making.hooks.tell = ({ type }) => {
    if (type === 'acting') void making.journal.close();
  };
  await expect(runChange(making.journal, making.lock, making.context, making.hooks)).rejects.toMatchObject({
    code: 'JOURNAL_FAILED',
    message: expect.stringMatching(
      /stopped at restart member 2: the journal .* cannot be written: .*; 0 of 1 steps are done/,
    ),
    hint: expect.stringContaining('zksh rolling resume'),
  });
  expect([restarts, configs.get(2n)]).toEqual([[2n], NEW]);
});

it('does not begin a change for which somebody else took the lock while the gates were waited for', async () => {
  const { making, restarts, configs } = await makingOf(planWith([applyTo(2n)]), []);
  let held = 0;
  making.lock.hold = async () => {
    held += 1;
    if (held > 1) throw new ZkshError('another change is under way', { code: 'LOCKED', exitCode: 6 });
  };
  await expect(runChange(making.journal, making.lock, making.context, making.hooks)).rejects.toMatchObject({
    code: 'LOCKED',
    exitCode: 6,
  });
  expect([restarts, configs.get(2n)]).toEqual([[], OLD]);
});
