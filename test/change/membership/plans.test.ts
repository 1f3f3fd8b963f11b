import { describe, expect, it } from 'vitest';
import { planRole } from '../../../src/change/membership/change-role.ts';
import type { MembershipChange } from '../../../src/change/membership/membership.ts';
import { planMove } from '../../../src/change/membership/move-member.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { parseServerLine } from '../../../src/ensemble/server-line.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

const text = (
  id: number,
  { role = 'participant', host = `zk${id}`, ports = '2888:3888', client = '0.0.0.0:2181' } = {},
) => `server.${id}=${host}:${ports}:${role};${client}`;

/** The first leads, the others follow or observe. */
function changeOf(lines: readonly string[], rest = ''): MembershipChange {
  const config = parseDynamicConfig([...lines, rest, 'version=100000000'].join('\n'));
  const said = config.servers.map(({ role }, i): Said => {
    return { role: i === 0 ? 'leader' : role === 'observer' ? 'observer' : 'follower' };
  });
  const { status } = viewOf(said, { config });
  return { ensemble: 'prod', status, limits: DEFAULT_CHANGE_LIMITS, made: 0, random: () => 0.5 };
}

const THREE = [1, 2, 3].map((id) => text(id));

describe('the plan of other addresses for a member', () => {
  const planned = (lines: readonly string[], id: number, over: Parameters<typeof text>[1]) =>
    planMove(changeOf(lines), parseServerLine(text(id, over)));
  const gates = (plan: ReturnType<typeof planned>) => plan.steps[0]?.before ?? [];

  it('is one reconfiguration, back by the old line, before which it must be one that can be done without', () => {
    const plan = planned(THREE, 2, { ports: '2889:3889', client: '0.0.0.0:2182' });
    expect(plan.steps).toHaveLength(1);
    expect(plan.steps[0]).toMatchObject({
      id: 'move-2',
      action: { joining: text(2, { ports: '2889:3889', client: '0.0.0.0:2182' }), from: `${THREE.join('\n')}\n` },
      undo: [{ joining: text(2), next: `${THREE.join('\n')}\n` }],
    });
    // A server that moves need not serve at its old address to be taken back to it.
    expect(plan.steps[0]?.undo[0]).not.toHaveProperty('serving');
    expect(gates(plan)).toEqual(
      expect.arrayContaining(['quorum-without-target', 'new-ports-free', 'reconfig-permitted']),
    );
    expect(plan.risks.join()).toContain('must know *:2182 in the place of *:2181');
  });

  it('takes no vote away for another client port, but that of the only voter, of which nobody else tells', () => {
    expect(gates(planned(THREE, 2, { client: '0.0.0.0:2182' }))).not.toContain('quorum-without-target');
    expect(gates(planned([text(1)], 1, { client: '0.0.0.0:2182' }))).toContain('quorum-without-target');
  });

  it('says that leadership moves with the quorum address of the leader', () => {
    expect(planned(THREE, 1, { ports: '2889:3888' }).risks.join()).toContain('Member 1 leads: leadership moves');
    expect(planned(THREE, 1, { client: '0.0.0.0:2182' }).risks.join()).not.toContain('leads');
  });

  it('restarts it for another client address with the same port, unless it leads', () => {
    const plan = planned(THREE, 2, { client: '127.0.0.1:2181' });
    expect(plan.steps.map(({ id }) => id)).toEqual(['move-2', 'restart-2']);
    expect(plan.tolerance).toMatchObject({ now: 1, least: 0 });
    expect(() => planned(THREE, 1, { client: '127.0.0.1:2181' })).toThrow(
      expect.objectContaining({ code: 'LEADER_REBINDS', exitCode: 8 }),
    );
  });
});

describe('the plan of a vote in an ensemble with groups', () => {
  it('says when the group is a new one, which a mistyped number makes', () => {
    const change = changeOf([...THREE, text(4, { role: 'observer' })], 'group.1=1\ngroup.2=2\ngroup.3=3');
    const risks = (group: bigint) => planRole(change, 4n, 'participant', { group, weight: 1n }).risks.join();
    expect(risks(4n)).toContain('Group 4 is a new one');
    expect(risks(3n)).not.toContain('new');
    // An even number of voters says nothing where groups count.
    expect(risks(3n)).not.toContain('odd');
  });

  it('is refused where the vote of an observer would be needed', () => {
    const change = changeOf([text(1), text(2), text(3, { role: 'observer' })], 'group.1=1\ngroup.2=2');
    const promote = (weight: bigint) => () => planRole(change, 3n, 'participant', { group: 2n, weight });
    expect(promote(1n)).toThrow(expect.objectContaining({ code: 'VOTE_NEEDED' }));
    expect(promote(0n)).not.toThrow();
  });
});
