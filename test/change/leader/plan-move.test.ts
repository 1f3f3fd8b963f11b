import { describe, expect, it } from 'vitest';
import { leadershipOf } from '../../../src/change/leader/leadership.ts';
import { planLeaderMove } from '../../../src/change/leader/move-leader.ts';
import { DEFAULT_CHANGE_LIMITS, type Plan } from '../../../src/change/plan.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

const L: Said = { role: 'leader' };
const F: Said = { role: 'follower' };
const DOWN: Said = { role: 'unreachable' };

function changeOf(members: readonly Said[], over?: Parameters<typeof viewOf>[1]) {
  const { status } = viewOf(members, over);
  return { ensemble: 'prod', status, limits: DEFAULT_CHANGE_LIMITS, made: Date.UTC(2026, 10, 30), random: () => 0.5 };
}

const planned = (members: readonly Said[], to?: bigint): Plan => planLeaderMove(changeOf(members), to);
const roles = (text: string): string[] => text.match(/participant|observer/g) ?? [];

describe('the plan of a hand-over', () => {
  it('takes the vote of the leader and gives it back, and ends with the membership it began with', () => {
    const { steps, tolerance, risks } = planned([L, F, F]);
    expect(steps.map(({ id }) => id)).toEqual(['demote-1', 'promote-1']);
    const [down, up] = steps.map(({ action }) => action);
    if (down?.do !== 'reconfig' || up?.do !== 'reconfig') throw new Error('both are reconfigurations');
    expect(down.joining).toBe('server.1=zk1:2888:3888:observer;0.0.0.0:2181');
    expect(roles(down.next)).toEqual(['observer', 'participant', 'participant']);
    expect(up.joining).toBe('server.1=zk1:2888:3888:participant;0.0.0.0:2181');
    expect(up.next).toBe(down.from);
    expect(up.from).toBe(down.next);
    // Taken back, the first gives the vote back; the second stays.
    expect(steps[0]?.undo).toEqual([expect.objectContaining({ next: down.from, serving: up.joining })]);
    expect(steps[1]?.undo).toEqual([]);
    expect(tolerance).toEqual({ now: 1, least: 0, after: 1 });
    expect(risks.join()).toMatch(/commonly member 2.*one more voter ends the quorum/);
    expect(planned([L, F, F, F, F]).tolerance).toEqual({ now: 2, least: 1, after: 2 });
  });

  it('holds the gates of each step, and proves that another leads, or the one that was asked for', () => {
    const [down, up] = planned([L, F, F], 2n).steps;
    expect(down?.before).toEqual(expect.arrayContaining(['rest-is-quorum', 'target-leads', 'reconfig-enabled']));
    expect(down?.after).toEqual(expect.arrayContaining(['activated', 'role-as-configured', 'another-leads']));
    expect(up?.before).toEqual(expect.arrayContaining(['counted-non-voting', 'commits-through-member']));
    expect(up?.after).toEqual(expect.arrayContaining(['another-leads', 'heir-leads']));
    expect(up?.wanted).toEqual({ leader: 2n });
    expect(planned([L, F, F]).steps[1]?.after).not.toContain('heir-leads');
  });

  it('goes by way of the lowest id where leadership does not go to the wanted one from here', () => {
    const { steps, risks } = planned([F, F, L], 2n);
    expect(steps.map(({ id }) => id)).toEqual(['demote-3', 'promote-3', 'demote-1', 'promote-1']);
    expect(steps.map(({ after }) => after.includes('heir-leads'))).toEqual([false, false, false, true]);
    expect(risks.join()).toContain('2 hand-overs, by way of member 1');
  });

  it('is refused honestly where it cannot be made, with what remains', () => {
    const refused = (members: readonly Said[], to?: bigint) => {
      try {
        planned(members, to);
      } catch (error) {
        return error;
      }
      throw new Error('it was planned');
    };
    const election = expect.stringContaining('rolling restart --only 1');
    expect(refused([L, F])).toMatchObject({
      code: 'VOTE_NEEDED',
      exitCode: 8,
      hint: expect.stringContaining('add a third first'),
    });
    expect(refused([L, F, DOWN])).toMatchObject({ code: 'VOTE_NEEDED', hint: election });
    expect(refused([L, F, F], 3n)).toMatchObject({
      code: 'NOT_STEERABLE',
      message: 'leadership cannot be handed to member 3: the server would choose member 2',
      hint: expect.stringMatching(/greatest id .* rolling restart --only 1 commonly brings member 3/),
    });
    expect(refused([L, F, F, F, F], 4n)).toMatchObject({
      hint: expect.stringContaining('no one can choose its winner'),
    });
    expect(refused([L, F, F], 1n)).toMatchObject({ code: 'SAME_ROLE', exitCode: 6 });
    expect(refused([L, F, F], 9n)).toMatchObject({ code: 'NO_MEMBER', exitCode: 3 });
    expect(refused([F, F, F])).toMatchObject({ code: 'NO_LEADER', exitCode: 8 });
    expect(refused([L, DOWN, F, F], 2n)).toMatchObject({ code: 'NOT_SERVING', exitCode: 8 });
    // One of five may be down: the others give the vote back. The gates refuse it all the same.
    expect(planned([L, F, F, F, DOWN]).tolerance).toMatchObject({ now: 1, least: 0 });
  });

  it('is refused on 3.4, which has no versioned configuration', () => {
    expect(() => planLeaderMove(changeOf([L, F, F], { config: undefined }), undefined)).toThrow('no versioned');
  });

  it('does not hand over to an observer', () => {
    const lines = ['server.1=zk1:2888:3888:participant;2181', 'server.2=zk2:2888:3888:participant;2181'];
    const config = parseDynamicConfig(
      [...lines, 'server.3=zk3:1:2;2181', 'server.4=zk4:1:2:observer;2181', 'version=1'].join('\n'),
    );
    const change = changeOf([L, F, F, { role: 'observer' }], { config });
    expect(() => planLeaderMove(change, 4n)).toThrow('has no vote');
  });
});

describe('what is told of a leader', () => {
  it('is for how long, its epoch, and who could take over', () => {
    const leader: Said = { role: 'leader', mntr: { leader_uptime: 61_000 }, zxid: 0x500000010n };
    const told = leadershipOf(changeOf([leader, { ...F, zxid: 0x500000010n }, DOWN]));
    expect(told).toMatchObject({ ledFor: 61_000, epoch: 5n, leader: { id: 1n } });
    expect(told.candidates.map(({ id, ready }) => [id, ready])).toEqual([
      [2n, true],
      [3n, false],
    ]);
    expect(told.move).toMatchObject({ refused: { code: 'VOTE_NEEDED' } });
  });
});
