import { describe, expect, it } from 'vitest';
import { leavesListsApart, listsBack } from '../../../../src/change/membership/static/lists-of-plan.ts';
import { planStaticAddition } from '../../../../src/change/membership/static/static-addition.ts';
import { planStaticMove } from '../../../../src/change/membership/static/static-move.ts';
import { planStaticRemoval } from '../../../../src/change/membership/static/static-removal.ts';
import { planStaticReplacement } from '../../../../src/change/membership/static/static-replacement.ts';
import { planStaticRole } from '../../../../src/change/membership/static/static-role.ts';
import type { Plan } from '../../../../src/change/plan.ts';
import { parseServerLine } from '../../../../src/ensemble/server-line.ts';
import { listFileOf, staticEnsemble } from './static-ensemble.ts';

/** A server 4, or another, that is ready to join. */
function joiner(id: number, role: 'participant' | 'observer' = 'participant') {
  const line = parseServerLine(`server.${id}=zk${id}:2888:3888:${role};2181`);
  return { line, files: { directories: [], files: [] }, list: listFileOf(`server.${id}=zk${id}:2888:3888:observer\n`) };
}

function told({ steps }: Plan): string[] {
  return steps.map(({ id }) => id);
}

describe('adding a voter by lists', () => {
  it('gives it its vote before the others restart, where a leader counts those it knows', () => {
    const plan = planStaticAddition(staticEnsemble({ voters: 3, leader: 2 }), joiner(4));
    expect(told(plan)).toEqual([
      'prepare-4',
      'start-4',
      'add-4-vote-4',
      'add-4-list-1',
      'add-4-list-3',
      'add-4-list-2',
      'check-lists',
    ]);
    expect(plan.tolerance).toEqual({ now: 1, least: 0, after: 1 });
    expect(plan.risks[0]).toContain('a restart of one after the other: reconfiguration is off');
  });

  it('gives it its vote just before the leader restarts on 3.4, which counts whoever follows', () => {
    const plan = planStaticAddition(staticEnsemble({ voters: 5, leader: 2, acks: 'all' }), joiner(6));
    expect(told(plan).slice(2)).toEqual([
      ...[1, 3, 4, 5].map((id) => `add-6-list-${id}`),
      'add-6-vote-6',
      'add-6-list-2',
      'check-lists',
    ]);
  });

  it('says that the leader must not fail while the lists differ', () => {
    const plan = planStaticAddition(staticEnsemble({ voters: 5 }), joiner(6));
    expect(plan.tolerance).toEqual({ now: 2, least: 0, after: 2 });
    expect(plan.risks.join()).toContain('an election may have no winner');
    const observer = planStaticAddition(staticEnsemble({ voters: 5 }), joiner(6, 'observer'));
    expect(observer.tolerance).toEqual({ now: 2, least: 1, after: 2 });
    expect(observer.risks.join()).not.toContain('an election');
  });

  it('stops one of three meanwhile on 3.4, so that no two could elect without the new one', () => {
    const plan = planStaticAddition(staticEnsemble({ voters: 3, leader: 3, acks: 'all' }), joiner(4));
    expect(told(plan).slice(2)).toEqual([
      'add-4-aside-1',
      'add-4-follow-4',
      'add-4-back-1',
      'add-4-list-2',
      'add-4-vote-4',
      'add-4-list-3',
      'check-lists',
    ]);
    expect(plan.tolerance.least).toBe(0);
  });

  it('is refused where any restart ends the quorum', () => {
    expect(() => planStaticAddition(staticEnsemble({ voters: 2 }), joiner(3))).toThrow(
      /cannot be made safely: while member \d is away 1 of the 2 voters/,
    );
  });

  it('is refused on 3.4 for an id that the members could not connect to', () => {
    expect(() => planStaticAddition(staticEnsemble({ voters: 3, acks: 'all' }), joiner(0))).toThrow(
      'needs a higher id',
    );
    expect(() => planStaticAddition(staticEnsemble({ voters: 3 }), joiner(0))).not.toThrow();
    expect(() => planStaticAddition(staticEnsemble({ voters: 3 }), joiner(3))).toThrow('there is a member 3 already');
  });

  it('tells the others of an observer', () => {
    const plan = planStaticAddition(staticEnsemble({ voters: 3, leader: 1 }), joiner(4, 'observer'));
    expect(told(plan)).toEqual(['prepare-4', 'start-4', 'add-4-list-2', 'add-4-list-3', 'add-4-list-1', 'check-lists']);
    expect(plan.tolerance).toEqual({ now: 1, least: 0, after: 1 });
  });
});

describe('removing a voter by lists', () => {
  it('keeps it running until nobody counts it', () => {
    const plan = planStaticRemoval(staticEnsemble({ voters: 4, leader: 2 }), 4n, false);
    expect(told(plan)).toEqual([
      'remove-4-hand-over-4',
      'remove-4-list-1',
      'remove-4-list-3',
      'remove-4-list-2',
      'stop-4',
      'check-lists',
    ]);
    expect(plan.tolerance).toEqual({ now: 1, least: 0, after: 1 });
  });

  it('stops it before the leader has the new list on 3.4', () => {
    const plan = planStaticRemoval(staticEnsemble({ voters: 4, leader: 2, acks: 'all' }), 4n, false);
    expect(told(plan).slice(-3)).toEqual(['stop-4', 'remove-4-list-2', 'check-lists']);
    expect(plan.risks.join()).toContain('rolling abort is refused');
  });

  it('must stop it on 3.4, where a leader would count it', () => {
    const change = staticEnsemble({ voters: 4, acks: 'all' });
    expect(() => planStaticRemoval(change, 4n, true)).toThrow('would be lost when members');
    expect(told(planStaticRemoval(staticEnsemble({ voters: 4 }), 4n, true))).not.toContain('stop-4');
  });

  it('is refused for one of three: nobody comes back to a quorum of two', () => {
    expect(() => planStaticRemoval(staticEnsemble({ voters: 3 }), 3n, false)).toThrow(
      /member \d would not find a leader again: of the 2 voters in its new list 1 others serve/,
    );
    expect(() => planStaticRemoval(staticEnsemble({ voters: 3, acks: 'all' }), 3n, false)).toThrow('safely');
  });

  it('takes one of five out that is down, and none of three or four', () => {
    const plan = planStaticRemoval(staticEnsemble({ voters: 5, down: [5] }), 5n, true);
    expect(plan.tolerance).toEqual({ now: 1, least: 0, after: 1 });
    for (const voters of [3, 4])
      expect(() => planStaticRemoval(staticEnsemble({ voters, down: [voters] }), BigInt(voters), true)).toThrow(
        'safely',
      );
  });
});

describe('a replacement by lists', () => {
  it('lets the new one in in one round, and the old one out in another', () => {
    const plan = planStaticReplacement(staticEnsemble({ voters: 3, leader: 3 }), 3n, joiner(4), false);
    expect(told(plan)).toEqual([
      'prepare-4',
      'start-4',
      'add-4-vote-4',
      ...['add-4-list-1', 'add-4-list-2', 'add-4-list-3'],
      'remove-3-hand-over-3',
      ...['remove-3-list-1', 'remove-3-list-2', 'remove-3-list-4'],
      'stop-3',
      'check-lists',
    ]);
  });

  it('is possible on 3.4', () => {
    const plan = planStaticReplacement(staticEnsemble({ voters: 3, leader: 3, acks: 'all' }), 1n, joiner(4), false);
    expect(told(plan).slice(-6)).toEqual([
      ...['remove-1-hand-over-1', 'remove-1-list-2', 'remove-1-list-3'],
      ...['stop-1', 'remove-1-list-4', 'check-lists'],
    ]);
  });
});

describe('changing a role by lists', () => {
  it('promotes an observer that others know', () => {
    const change = staticEnsemble({ voters: 3, observers: 1, leader: 1 });
    expect(told(planStaticRole(change, 4n, 'participant'))).toEqual([
      'promote-4-vote-4',
      'promote-4-list-2',
      'promote-4-list-3',
      'promote-4-list-1',
      'check-lists',
    ]);
    expect(() => planStaticRole(change, 4n, 'observer')).toThrow('is an observer already');
    // What is asked for is refused rather than passed over.
    const place = { group: 1n, weight: 1n };
    expect(() => planStaticRole(change, 4n, 'participant', place)).toThrow('has no quorum groups');
  });

  it('demotes one of four, and none of three', () => {
    const plan = planStaticRole(staticEnsemble({ voters: 4, leader: 4 }), 4n, 'observer');
    expect(told(plan)).toEqual([
      'demote-4-hand-over-4',
      ...[1, 2, 3].map((id) => `demote-4-list-${id}`),
      'demote-vote-4',
      'check-lists',
    ]);
    expect(() => planStaticRole(staticEnsemble({ voters: 3 }), 3n, 'observer')).toThrow('safely');
  });
});

describe('moving a member by lists', () => {
  const line = parseServerLine('server.3=zk3:2889:3889:participant;2182');

  it('restarts it first, then gives the others the new line', () => {
    const plan = planStaticMove(staticEnsemble({ voters: 3, leader: 3 }), line);
    expect(told(plan)).toEqual(['move-3', 'move-3-list-1', 'move-3-list-2', 'check-lists']);
    const [move, other] = plan.steps.map(({ action }) => (action.do === 'apply-list' ? action.file.text : ''));
    expect(move).toContain('server.3=zk3:2889:3889\nclientPort=2182');
    expect(other).toContain('server.3=zk3:2889:3889\n');
    expect(other).not.toContain('clientPort');
    expect(plan.tolerance).toEqual({ now: 1, least: 0, after: 1 });
  });

  it('is refused on 3.4 where others would connect to it', () => {
    expect(() => planStaticMove(staticEnsemble({ voters: 3, acks: 'all' }), line)).not.toThrow();
    const low = { ...line, id: 1n };
    expect(() => planStaticMove(staticEnsemble({ voters: 3, acks: 'all' }), low)).toThrow('would connect to member 1');
  });
});

describe('a change of lists that is ended where it is', () => {
  it('leaves the lists apart while some vote by one and some by another', () => {
    const plan = planStaticAddition(staticEnsemble({ voters: 3 }), joiner(4));
    const { steps } = plan;
    const left = (count: number, current?: number) =>
      leavesListsApart({
        plan,
        done: steps.slice(0, count),
        current: current === undefined ? undefined : steps[current],
      });
    // What is in nobody's list but its own has no vote by either.
    expect([0, 1, 2].map((count) => left(count))).toEqual([false, false, false]);
    expect([3, 4, 5].map((count) => left(count))).toEqual([true, true, true]);
    expect(left(6)).toBe(false);
    // What was begun may have been done, or not.
    expect([left(2, 2), left(5, 5)]).toEqual([true, true]);
  });
});

it('takes a member back by gates that do not ask which of the two lists it has by now', () => {
  const plan = planStaticAddition(staticEnsemble({ voters: 3 }), joiner(4));
  const { steps } = plan;
  const step = steps[3]!;
  const before = listsBack(plan, steps.slice(0, 3), step, 'before');
  expect(before).toMatchObject({ unsure: step.member });
  expect(before?.now).not.toEqual(before?.next);
  expect(listsBack(plan, steps.slice(0, 3), step, 'after')).toEqual({
    now: before?.next,
    next: before?.next,
    acks: 'known',
  });
});
