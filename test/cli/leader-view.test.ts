import { describe, expect, it } from 'vitest';
import type { GateName } from '../../src/change/gates/gates.ts';
import { leadershipOf } from '../../src/change/leader/leadership.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../src/change/plan.ts';
import { type LeaderShown, leaderView } from '../../src/cli/leader-view.ts';
import { restartOf } from '../change/made-up.ts';
import { type Said, viewOf } from '../support/health-views.ts';

function shown(members: readonly Said[], shut?: [gate: GateName, evidence: string]): LeaderShown {
  const { status } = viewOf(members);
  const change = { ensemble: 'prod', status, limits: DEFAULT_CHANGE_LIMITS, made: 0, random: () => 0 };
  const gates = shut === undefined ? [] : [foreseen(...shut)];
  return { ...leadershipOf(change), gates };
}

function foreseen(gate: GateName, evidence: string): LeaderShown['gates'][number] {
  return { step: restartOf(1n), gate, verdict: { pass: false, evidence } };
}

const THREE: Said[] = [{ role: 'leader' }, { role: 'follower' }, { role: 'follower' }];

describe('what leader show says of a hand-over', () => {
  it('is that it would be made, to whom, and what it takes', () => {
    expect(leaderView.json?.(shown(THREE))).toMatchObject({
      move: { possible: true, way: 'reconfiguration', heir: 2n, hint: undefined },
    });
  });

  it('is an election where the leader takes no reconfigurations', () => {
    expect(leaderView.json?.(shown(THREE, ['reconfig-enabled', 'reconfiguration is disabled']))).toMatchObject({
      move: {
        possible: false,
        way: 'election',
        reason: 'reconfig-enabled: reconfiguration is disabled',
        hint: expect.stringContaining('rolling restart --only 1'),
      },
    });
  });

  it('is why not, where a gate is shut for now or the votes do not bear it', () => {
    expect(leaderView.json?.(shown(THREE, ['others-serve', 'member 3 is unreachable']))).toMatchObject({
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
