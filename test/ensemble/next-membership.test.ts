import { describe, expect, it } from 'vitest';
import { formatDynamicConfig, parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { placeOf, refuseVoteless, withoutServer, withServer } from '../../src/ensemble/next-membership.ts';
import { requestBetween, sameMembership } from '../../src/ensemble/reconfiguration.ts';
import { parseServerLine } from '../../src/ensemble/server-line.ts';

const serverText = (id: number, role = 'participant') => `server.${id}=zk${id}:2888:3888:${role};0.0.0.0:2181`;
const line = (id: number, role?: 'participant' | 'observer') => parseServerLine(serverText(id, role));
const of = (...lines: string[]) => parseDynamicConfig(lines.join('\n'));

const MAJORITY = of(serverText(1), serverText(2), 'version=100000000');
const GROUPS = of(
  ...[1, 2, 3].map((id) => serverText(id)),
  serverText(4, 'observer'),
  'group.1=1:2\ngroup.2=3\nweight.2=0\nversion=100000000',
);

describe('the next membership', () => {
  it('has one server more, or one less, and no version', () => {
    expect(formatDynamicConfig(withServer(MAJORITY, line(3)))).toBe(
      `${[1, 2, 3].map((id) => serverText(id)).join('\n')}\n`,
    );
    expect(formatDynamicConfig(withoutServer(MAJORITY, 2n))).toBe(`${serverText(1)}\n`);
  });

  it('says in which group a new voter stands, and lets one that is there keep its place', () => {
    const grown = withServer(GROUPS, line(5), { group: 2n, weight: 3n });
    expect(placeOf(grown, 5n)).toEqual({ group: 2n, weight: 3n });
    const moved = withServer(GROUPS, { ...line(2), client: { port: 2182 } });
    expect(placeOf(moved, 2n)).toEqual({ group: 1n, weight: 0n });
    expect(() => withServer(GROUPS, line(5))).toThrow(expect.objectContaining({ code: 'GROUP_NEEDED' }));
    expect(() => withServer(GROUPS, line(5))).toThrow('in which of them member 5 votes is not said');
  });

  it('has no group for who observes, and none where there are none', () => {
    expect(placeOf(withServer(GROUPS, line(1, 'observer')), 1n)).toBeUndefined();
    const place = { group: 1n, weight: 1n };
    expect(() => withServer(GROUPS, line(5, 'observer'), place)).toThrow('it stands in no group');
    expect(() => withServer(MAJORITY, line(5), place)).toThrow('the ensemble has no quorum groups');
  });

  it('takes a server that goes out of its group and of the weights, which count it otherwise', () => {
    const left = withoutServer(GROUPS, 2n);
    expect([...left.groups]).toEqual([
      [1n, [1n]],
      [2n, [3n]],
    ]);
    expect(left.weights.size).toBe(0);
  });

  it('leaves no group without weight, and somebody to vote', () => {
    expect(() => refuseVoteless(GROUPS, withoutServer(GROUPS, 3n))).toThrow(
      'nobody whose vote has a weight would be left in group 2',
    );
    expect(() => refuseVoteless(GROUPS, withoutServer(GROUPS, 1n))).toThrow('left in group 1');
    expect(() => refuseVoteless(GROUPS, withoutServer(GROUPS, 2n))).not.toThrow();
    expect(() => refuseVoteless(of(serverText(1)), of(serverText(1, 'observer')))).toThrow(
      'nobody would be left to vote',
    );
  });

  it('is asked for by what differs, and with groups as a whole', () => {
    const next = withServer(withoutServer(MAJORITY, 2n), line(3));
    expect(requestBetween(MAJORITY, next)).toEqual({ joining: serverText(3), leaving: '2' });
    expect(requestBetween(next, MAJORITY)).toEqual({ joining: serverText(2), leaving: '3' });
    expect(requestBetween(GROUPS, withoutServer(GROUPS, 4n))).toEqual({
      members: [...[1, 2, 3].map((id) => serverText(id)), 'group.1=1:2', 'group.2=3', 'weight.2=0'].join(','),
    });
  });

  it('is known again as the server prints it: in another order, with every weight', () => {
    const printed = of(
      ...[4, 3, 2, 1].map((id) => serverText(id, id === 4 ? 'observer' : 'participant')),
      'group.2=3\ngroup.1=2:1\nweight.3=1\nweight.1=1\nweight.2=0\nversion=200000000',
    );
    expect(sameMembership(printed, GROUPS)).toBe(true);
    expect(sameMembership({ ...printed, weights: new Map() }, GROUPS)).toBe(false);
    expect(sameMembership({ ...printed, groups: new Map([[1n, [1n, 2n, 3n]]]) }, GROUPS)).toBe(false);
  });
});
