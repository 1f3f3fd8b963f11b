import { describe, expect, it } from 'vitest';
import { leadershipOf } from '../../src/change/leader/leadership.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../src/change/plan.ts';
import { type LeaderShown, leaderView } from '../../src/cli/leader-view.ts';
import { type Said, viewOf } from '../support/health-views.ts';

function shown(members: readonly Said[], gates: LeaderShown['gates'] = new Map()): LeaderShown {
  const { status } = viewOf(members);
  const change = { ensemble: 'prod', status, limits: DEFAULT_CHANGE_LIMITS, made: 0, random: () => 0 };
  return { ...leadershipOf(change), gates };
}

const THREE: Said[] = [{ role: 'leader' }, { role: 'follower' }, { role: 'follower' }];

describe('what leader show says of a hand-over', () => {
  it('is that it would be made, to whom, and what it takes', () => {
    expect(leaderView.json?.(shown(THREE))).toMatchObject({
      move: { possible: true, way: 'reconfiguration', heir: 2n, hint: expect.stringContaining('/zookeeper/config') },
    });
  });

  it('is an election where the leader takes no reconfigurations', () => {
    const shut = { pass: false, evidence: 'reconfiguration is disabled' };
    expect(leaderView.json?.(shown(THREE, new Map([['reconfig-enabled', shut]])))).toMatchObject({
      move: {
        possible: false,
        way: 'election',
        reason: 'reconfig-enabled: reconfiguration is disabled',
        hint: expect.stringContaining('rolling restart --only 1'),
      },
    });
  });

  it('is why not, where a gate is shut for now or the votes do not bear it', () => {
    const shut = { pass: false, evidence: 'member 3 is unreachable' };
    expect(leaderView.json?.(shown(THREE, new Map([['others-serve', shut]])))).toMatchObject({
      move: { possible: false, way: 'reconfiguration', gates: [{ gate: 'others-serve', pass: false }] },
    });
    expect(leaderView.json?.(shown(THREE.slice(0, 2)))).toMatchObject({
      tolerance: undefined,
      move: { possible: false, way: 'election', reason: expect.stringContaining('would be no quorum of 2') },
    });
    expect(leaderView.json?.(shown(THREE.slice(1)))).toMatchObject({
      leader: undefined,
      move: { possible: false, way: undefined, reason: expect.stringContaining('no one leader') },
    });
  });
});
