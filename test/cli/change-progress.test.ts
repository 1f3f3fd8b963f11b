import { describe, expect, it } from 'vitest';
import type { ChangeEvent } from '../../src/change/run-change.ts';
import { changeList } from '../../src/cli/change-list.ts';
import { changeLines } from '../../src/cli/change-progress.ts';
import { restartOf } from '../change/made-up.ts';
import { testIo } from '../support/run-command.ts';

const [one, two, three] = [restartOf(1n), restartOf(2n), restartOf(3n)];
const WAITING: ChangeEvent = {
  type: 'waiting',
  step: two,
  when: 'after',
  shut: [['member-serves', 'member 2 is not serving']],
};
const STEPS: readonly ChangeEvent[] = [
  { type: 'step', step: one, done: [], after: [two, three] },
  { type: 'acting', step: one },
  { type: 'acted', step: one, evidence: 'running, process 7' },
  { type: 'done', step: one },
  // Who leads has changed meanwhile: the third comes first.
  { type: 'step', step: three, done: [one], after: [two] },
  { type: 'acted', step: three, evidence: 'running, process 9' },
  { type: 'done', step: three },
  { type: 'step', step: two, done: [one, three], after: [] },
  { type: 'acted', step: two, evidence: 'running, process 8' },
  WAITING,
];

/** What stands on the terminal in the end: what comes after the last time that it was drawn anew. */
const standing = (text: string): string[] =>
  (text.split('\u001b[G').at(-1) ?? '')
    .replaceAll(/\u001b\[[\d;?]*[a-zA-Z]/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');

describe('the list of a change on a terminal', () => {
  it('has every step, in the order in which they were made in the end', async () => {
    const { io, stderr, stdout } = testIo({ tty: true, columns: 100 });
    const list = await changeList(io, false);
    for (const event of STEPS) list.tell(event);
    list.tell({ type: 'done', step: two });
    await list.done();
    expect(standing(stderr())).toEqual([
      '✔ restart member 1 0ms, proven by 1 gates',
      '✔ restart member 3 0ms, proven by 1 gates',
      '✔ restart member 2 0ms, proven by 1 gates',
    ]);
    expect(stdout()).toBe('');
  });

  it('marks the step at which it was stopped, and those that were not begun', async () => {
    const { io, stderr } = testIo({ tty: true, columns: 100 });
    const list = await changeList(io, false);
    for (const event of STEPS.slice(0, 6)) list.tell(event);
    await list.done();
    expect(standing(stderr())).toEqual([
      '✔ restart member 1 0ms, proven by 1 gates',
      '✖ restart member 3 a follower',
      '↓ restart member 2',
    ]);
  });

  it('shows what was done before of a change that is resumed', async () => {
    const { io, stderr } = testIo({ tty: true, columns: 100 });
    const list = await changeList(io, false);
    for (const event of STEPS.slice(4, 7)) list.tell(event);
    await list.done();
    expect(standing(stderr())[0]).toBe('✔ restart member 1 done before');
  });

  it('lets no code of a terminal through that a server sent', async () => {
    const { io, stderr } = testIo({ tty: true, columns: 100 });
    const list = await changeList(io, false);
    list.tell({ type: 'step', step: restartOf(1n, { title: 'restart \u001b[31mred' }), done: [], after: [] });
    list.say('\u001b]0;title\u0007');
    await list.done();
    expect(stderr()).not.toContain('\u001b[31m');
    expect(stderr()).not.toContain('\u0007');
  });

  it('writes nothing where nothing was begun', async () => {
    const { io, stderr } = testIo({ tty: true });
    await (await changeList(io, false)).done();
    expect(stderr()).toBe('');
  });
});

describe('the lines of a change in a pipe', () => {
  it('are one when a step begins, one for what it did, one when it is proven', async () => {
    const lines: string[] = [];
    const progress = changeLines((line) => lines.push(line), testIo().io);
    for (const event of STEPS.slice(0, 4)) progress.tell(event);
    progress.say('stopping');
    await progress.done();
    expect(lines).toEqual([
      '1/3 restart member 1: a follower',
      '    running, process 7',
      '    proven: 1 gates',
      'stopping',
    ]);
  });
});
