import { describe, expect, it } from 'vitest';
import { DEFAULT_CHANGE_LIMITS, expectedDuration, type Plan } from '../../src/change/plan.ts';
import { planRollingRestart } from '../../src/change/rolling-restart.ts';
import { inTurn } from '../../src/change/turns.ts';
import { type Said, viewOf } from '../support/health-views.ts';
import { restartOf } from './made-up.ts';

const LEADER: Said = { role: 'leader' };
const FOLLOWER: Said = { role: 'follower' };
const DOWN: Said = { role: 'unreachable' };

function planned(members: readonly Said[], only: readonly bigint[] = [], over?: Parameters<typeof viewOf>[1]): Plan {
  return planRollingRestart({
    ensemble: 'prod',
    status: viewOf(members, over).status,
    only,
    limits: DEFAULT_CHANGE_LIMITS,
    made: Date.UTC(2026, 10, 30, 8, 21, 43),
    random: () => 0.5,
  });
}

const order = ({ steps }: Plan): (bigint | undefined)[] => steps.map(({ member }) => member);

describe('the plan of a rolling restart', () => {
  it('says of each step how many more voters may fail while it is made, and after it', () => {
    const bears = (members: readonly Said[]) =>
      planned(members).steps.map(({ tolerance }) => [tolerance?.during, tolerance?.after]);
    expect(bears([LEADER, FOLLOWER, FOLLOWER])).toEqual(Array(3).fill([0, 1]));
    expect(bears([LEADER, ...Array(4).fill(FOLLOWER)])).toEqual(Array(5).fill([1, 2]));
    // The one that is down comes back first: from then on there is one to spare.
    expect(bears([LEADER, FOLLOWER, DOWN])).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    expect(bears([LEADER, FOLLOWER])).toEqual([
      [-1, 0],
      [-1, 0],
    ]);
  });

  it('has the leader last, and says why each stands where it does', () => {
    const plan = planned([LEADER, FOLLOWER, FOLLOWER]);
    expect(order(plan)).toEqual([2n, 3n, 1n]);
    expect(plan.steps.map(({ why }) => why)).toEqual([
      'a follower: the quorum goes on without it',
      'a follower: the quorum goes on without it',
      'the leader: last, since its stop is an election',
    ]);
    expect(plan).toMatchObject({
      id: '20261130-082143-rolling-restart-i000',
      order: 'leader-last',
      configVersion: 0x100000000n,
      voters: [1n, 2n, 3n],
      tolerance: { now: 1, least: 0, after: 1 },
    });
    expect(expectedDuration(plan)).toBe(3 * (10_000 + 3000));
  });

  it('begins with what is down, then takes observers, and is not more tolerant than it is', () => {
    const plan = planned([LEADER, FOLLOWER, DOWN, { role: 'observer' }]);
    expect(order(plan)).toEqual([3n, 4n, 2n, 1n]);
    expect(plan.tolerance.least).toBeLessThanOrEqual(plan.tolerance.now);
  });

  it('warns of the election, and of tolerance 0, when they will be', () => {
    expect(planned([LEADER, FOLLOWER, FOLLOWER]).risks.join()).toMatch(/elected another.*loss of one more/);
    const five = [LEADER, FOLLOWER, FOLLOWER, FOLLOWER, FOLLOWER];
    expect(planned(five, [2n]).risks).toHaveLength(1);
    expect(planned(five, [2n]).tolerance).toEqual({ now: 2, least: 1, after: 2 });
  });

  it('is of some members alone when they are named', () => {
    expect(order(planned([LEADER, FOLLOWER, FOLLOWER], [1n, 3n]))).toEqual([3n, 1n]);
    expect(() => planned([LEADER, FOLLOWER, FOLLOWER], [4n])).toThrow('there is no member 4');
  });

  it('leaves out who is in no configuration', () => {
    const plan = planned([LEADER, FOLLOWER, FOLLOWER, { ...FOLLOWER, stranger: true, serverId: 9n }]);
    expect(order(plan)).toEqual([2n, 3n, 1n]);
  });

  it('is none for a standalone server, and none while ids are not known', () => {
    expect(() => planned([{ role: 'standalone' }])).toThrow('without an outage');
    expect(() => planned([{ ...LEADER, stranger: true }, FOLLOWER])).toThrow('the id of zk1:2181 is not known');
  });
});

describe('whose turn it is', () => {
  const steps = [1n, 2n, 3n].map((id) => restartOf(id));
  const turns = (members: readonly Said[], of = steps): (bigint | undefined)[] =>
    inTurn(of, viewOf(members).status).map(({ member }) => member);

  it('goes by who leads now, whatever the plan says', () => {
    expect(turns([LEADER, FOLLOWER, FOLLOWER])).toEqual([2n, 3n, 1n]);
    expect(turns([FOLLOWER, LEADER, FOLLOWER])).toEqual([1n, 3n, 2n]);
    expect(turns([FOLLOWER, FOLLOWER, LEADER])).toEqual([1n, 2n, 3n]);
  });

  it('is that of who is missing, cut off or not serving before that of who serves', () => {
    expect(turns([LEADER, FOLLOWER, DOWN])).toEqual([3n, 2n, 1n]);
    expect(turns([LEADER, FOLLOWER, { role: 'notServing' }])).toEqual([3n, 2n, 1n]);
    expect(turns([LEADER, FOLLOWER, { role: 'read-only' }])).toEqual([3n, 2n, 1n]);
  });

  it('is that of the first one, unless it leads by now', () => {
    const chosen = [restartOf(1n), restartOf(2n), restartOf(3n, { first: true })];
    expect(turns([LEADER, DOWN, FOLLOWER], chosen)).toEqual([3n, 2n, 1n]);
    expect(turns([FOLLOWER, FOLLOWER, LEADER], chosen)).toEqual([1n, 2n, 3n]);
  });
});
