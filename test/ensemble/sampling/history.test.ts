import { describe, expect, it } from 'vitest';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { type History, withSample } from '../../../src/ensemble/sampling/history.ts';
import { observed, silent, statusOf } from './members.ts';

function counted(id: number, received: number): MemberObservation {
  return observed(id, {
    release: '3.4.14',
    by: 'srvr',
    edit: (text) => text.replace(/^Received: \d+$/m, `Received: ${received}`),
  });
}

/** The history of looks a second apart. */
function looks(...found: MemberObservation[][]): History {
  return found.reduce<History>(
    (history, members, i) => withSample(history, { at: 1000 * i, status: statusOf(...members) }, 3),
    [],
  );
}

function rates([first]: History): (number | undefined)[] {
  return first!.points.map((point) => point.rates?.received);
}

describe('the history of a member', () => {
  it('has a point for each look, with rates from the second on', () => {
    expect(rates(looks([counted(1, 10)], [counted(1, 20)], [counted(1, 50)]))).toEqual([undefined, 10, 30]);
  });

  it('keeps the newest points alone', () => {
    const history = looks([counted(1, 10)], [counted(1, 20)], [counted(1, 50)], [counted(1, 60)]);
    expect(rates(history)).toEqual([10, 30, 10]);
  });

  it('has a gap while it does not answer, and then counts since it was last seen', () => {
    const history = looks([counted(1, 10)], [silent(1)], [counted(1, 50)]);
    expect(history[0]!.points.map(({ role }) => role)).toEqual(['leader', 'unreachable', 'leader']);
    expect(rates(history)).toEqual([undefined, undefined, 20]);
  });

  it('knows when it was last seen', () => {
    const [dead, never] = looks([counted(1, 10), silent(2)], [silent(1), silent(2)]);
    expect(dead).toMatchObject({ member: { role: 'unreachable' }, seen: { at: 0, member: { role: 'leader' } } });
    expect(never!.seen).toBeUndefined();
  });

  it('goes on when its id is told at last, and when it answers at another of its addresses', () => {
    const nameless = { ...silent(1), member: { ...silent(1).member, id: undefined } };
    expect(looks([nameless], [counted(1, 10)])).toHaveLength(1);
    const elsewhere = { ...counted(1, 30), address: { host: '10.0.0.1', port: 2181 } };
    expect(rates(looks([counted(1, 10)], [elsewhere]))).toEqual([undefined, 20]);
  });

  it('is not mixed with that of a stranger of the same id', () => {
    const stranger = counted(1, 500);
    const other = {
      ...stranger,
      address: { host: 'other', port: 1 },
      member: { ...stranger.member, name: 'other:1', configured: undefined },
    };
    const history = looks([counted(1, 10), other], [counted(1, 20), other]);
    expect(history.map(({ points }) => points.map((point) => point.rates?.received))).toEqual([
      [undefined, 10],
      [undefined, 0],
    ]);
  });

  it('stays, after the others, when it is a member no more', () => {
    const history = looks([counted(1, 10), counted(2, 10)], [counted(2, 20)]);
    expect(history.map(({ member, points }) => [member.id, points.length])).toEqual([
      [2n, 2],
      [1n, 1],
    ]);
  });
});
