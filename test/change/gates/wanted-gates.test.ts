import { describe, expect, it } from 'vitest';
import type { GateView } from '../../../src/change/gates/gate.ts';
import { GATES } from '../../../src/change/gates/gates.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

function view(members: readonly Said[], over: Partial<GateView>): GateView {
  const { status } = viewOf(members);
  return { status, limits: DEFAULT_CHANGE_LIMITS, target: 1n, configVersion: undefined, outsiders: [], ...over };
}

const L: Said = { role: 'leader' };
const F: Said = { role: 'follower' };

describe('the gates of a hand-over', () => {
  it('tell whether the member leads, another does, or the one that was asked for', () => {
    const led = (over: Partial<GateView>) => view([L, F, F], over);
    expect(GATES['target-leads'].judge(led({}))).toMatchObject({ pass: true });
    expect(GATES['target-leads'].judge(led({ target: 2n }))).toMatchObject({ pass: false, hopeless: 'otherwise' });
    expect(GATES['another-leads'].judge(led({}))).toMatchObject({ pass: false });
    expect(GATES['another-leads'].judge(led({ target: 2n }))).toMatchObject({ pass: true });
    expect(GATES['heir-leads'].judge(led({ wanted: { leader: 1n } }))).toMatchObject({ pass: true });
    expect(GATES['heir-leads'].judge(led({ wanted: { leader: 3n } }))).toMatchObject({
      pass: false,
      hopeless: 'otherwise',
      evidence: 'member 1 leads, not member 3: the servers chose it',
    });
  });

  it('wait while nobody leads', () => {
    for (const gate of ['target-leads', 'another-leads', 'heir-leads'] as const) {
      const verdict = GATES[gate].judge(view([F, F, F], { wanted: { leader: 3n } }));
      expect(verdict).toEqual({ pass: false, evidence: 'there is no one leader' });
    }
  });
});

describe('the gate of the release', () => {
  const judge = (member: Said, version: string | undefined) =>
    GATES['release-as-wanted'].judge(view([member, F, F], { wanted: { version } }));

  it('believes what the member says, and waits while it says nothing', () => {
    const told: Said = { ...F, mntr: { version: '3.9.4-x, built on y' } };
    expect(judge(told, '3.9.4')).toMatchObject({ pass: true });
    expect(judge(told, '3.9.5')).toMatchObject({ pass: false, hopeless: 'otherwise' });
    expect(judge({ role: 'unreachable' }, '3.9.5')).toEqual({
      pass: false,
      evidence: 'member 1 does not tell its release',
    });
  });
});
