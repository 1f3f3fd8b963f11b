import { expect, it } from 'vitest';
import { inTurn } from '../../src/change/turns.ts';
import { restartOf } from './made-up.ts';

it('takes one that has moved, and leads there, for the leader: it comes last', () => {
  const members = [
    { id: 1n, role: 'unreachable' },
    { id: 1n, role: 'leader' },
    { id: 2n, role: 'follower' },
    { id: 3n, role: 'unreachable' },
  ] as const;
  const turns = inTurn([restartOf(1n), restartOf(2n), restartOf(3n)], { members });
  expect(turns.map(({ member }) => member)).toEqual([3n, 2n, 1n]);
});
