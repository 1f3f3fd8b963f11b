import { describe, expect, it } from 'vitest';
import { type ChangeState, stateOf } from '../../src/change/change-state.ts';
import type { NewEntry } from '../../src/change/journal.ts';
import { journalOf, planWith, restartOf } from './made-up.ts';

const plan = planWith([restartOf(1n), restartOf(2n), restartOf(3n)]);

const said = ({ state, done, current, acting, acted, remaining }: ChangeState): string =>
  `${state}: done ${done.map(({ member }) => member).join()}; at ${current?.member}${acting ? ' acting' : ''}${acted ? ' acted' : ''}; left ${remaining.map(({ member }) => member).join()}`;

function step(member: number): NewEntry[] {
  const id = `restart-${member}`;
  return [
    { type: 'begin', step: id, before: {} },
    { type: 'gate', step: id, gate: 'one-leader', when: 'before', pass: true, evidence: 'member 3 leads' },
    { type: 'act', step: id, facts: { process: `running, process ${member}` } },
    { type: 'acted', step: id, evidence: 'restarted', facts: {} },
    { type: 'gate', step: id, gate: 'member-serves', when: 'after', pass: true, evidence: 'it serves' },
    { type: 'done', step: id },
  ];
}

describe('how far a change has come', () => {
  it('is told by every beginning of its journal, so that a kill at any point leaves a state', () => {
    const entries = journalOf(plan, ...step(2), ...step(1), ...step(3), { type: 'end', outcome: 'done', report: {} });
    expect(entries.map((_, i) => said(stateOf(entries.slice(0, i + 1))))).toEqual([
      'running: done ; at undefined; left 1,2,3',
      'running: done ; at 2; left 1,3',
      'running: done ; at 2; left 1,3',
      'running: done ; at 2 acting; left 1,3',
      'running: done ; at 2 acted; left 1,3',
      'running: done ; at 2 acted; left 1,3',
      'running: done 2; at undefined; left 1,3',
      'running: done 2; at 1; left 3',
      'running: done 2; at 1; left 3',
      'running: done 2; at 1 acting; left 3',
      'running: done 2; at 1 acted; left 3',
      'running: done 2; at 1 acted; left 3',
      'running: done 1,2; at undefined; left 3',
      'running: done 1,2; at 3; left ',
      'running: done 1,2; at 3; left ',
      'running: done 1,2; at 3 acting; left ',
      'running: done 1,2; at 3 acted; left ',
      'running: done 1,2; at 3 acted; left ',
      'running: done 1,2,3; at undefined; left ',
      'done: done 1,2,3; at undefined; left ',
    ]);
  });

  it('knows what was written down before the action that is under way', () => {
    const entries = journalOf(plan, ...step(2), ...step(1).slice(0, 3));
    expect(stateOf(entries).facts).toEqual({ process: 'running, process 1' });
  });

  it('is stopped where it was, runs again when resumed, and then has the limits that were given anew', () => {
    const entries = journalOf(
      plan,
      ...step(2).slice(0, 4),
      { type: 'stopped', step: 'restart-2', reason: 'member-serves: member 2 is unreachable' },
      { type: 'resumed', limits: { ...plan.limits, recover: 5 } },
    );
    const stopped = stateOf(entries.slice(0, -1));
    expect(said(stopped)).toBe('stopped: done ; at 2 acted; left 1,3');
    expect(stopped).toMatchObject({ reason: expect.stringContaining('unreachable'), begun: plan.made });
    const resumed = stateOf(entries);
    expect(said(resumed)).toBe('running: done ; at 2 acted; left 1,3');
    expect(resumed.reason).toBeUndefined();
    expect(resumed.plan.limits.recover).toBe(5);
  });

  it('takes a step that was taken back, done or under way, for one that was never begun', () => {
    const undone: NewEntry = { type: 'undone', step: 'restart-2', evidence: 'as before' };
    expect(said(stateOf(journalOf(plan, ...step(2), undone)))).toBe('running: done ; at undefined; left 1,2,3');
    expect(said(stateOf(journalOf(plan, ...step(2).slice(0, 4), undone)))).toBe(
      'running: done ; at undefined; left 1,2,3',
    );
  });

  it('keeps what is done when the step after it was ended whole, and it was aborted', () => {
    const entries = journalOf(
      plan,
      ...step(2),
      ...step(1).slice(0, 4),
      { type: 'mended', step: 'restart-1', evidence: 'running' },
      { type: 'end', outcome: 'aborted', report: {} },
    );
    expect(said(stateOf(entries))).toBe('aborted: done 2; at undefined; left 1,3');
  });

  it('goes by the version that a reconfiguration of its own led to', () => {
    const acted: NewEntry = { type: 'acted', step: 'restart-2', evidence: '', facts: { configVersion: '200000004' } };
    expect(stateOf(journalOf(plan)).configVersion).toBe(0x100000000n);
    expect(stateOf(journalOf(plan, acted)).configVersion).toBe(0x200000004n);
  });

  it('cannot be told of what does not begin with a plan', () => {
    expect(() => stateOf([])).toThrow('begins with its plan');
    expect(() => stateOf([{ at: 0, type: 'resumed' }])).toThrow('begins with its plan');
  });

  it('is being taken back from the moment that was written down, also when a kill broke that off', () => {
    const failed = [
      ...step(2).slice(0, 4),
      { type: 'undoing', step: 'restart-2', because: 'it is down' },
    ] as NewEntry[];
    expect(stateOf(journalOf(plan, ...failed))).toMatchObject({ current: { member: 2n }, undoing: 'it is down' });
    const undone = stateOf(journalOf(plan, ...failed, { type: 'undone', step: 'restart-2', evidence: 'as it was' }));
    expect(undone).toMatchObject({ current: undefined, undoing: undefined, acted: false, done: [] });
    const again = stateOf(journalOf(plan, ...failed, { type: 'undone', step: 'restart-2', evidence: '' }, ...step(2)));
    expect(again).toMatchObject({ undoing: undefined, done: [{ member: 2n }] });
  });

  it('is known to be ended by somebody, though it is not ended yet', () => {
    expect(stateOf(journalOf(plan, ...step(2), { type: 'aborting' }))).toMatchObject({
      aborting: true,
      state: 'running',
    });
  });
});
