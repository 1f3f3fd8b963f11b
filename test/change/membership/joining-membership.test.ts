import { describe, expect, it } from 'vitest';
import { joiningMembership } from '../../../src/change/membership/add-member.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { placeOf } from '../../../src/ensemble/next-membership.ts';
import { parseServerLine } from '../../../src/ensemble/server-line.ts';

const server = (id: number, role = 'participant') => `server.${id}=zk${id}:2888:3888:${role};2181`;
const of = (count: number, rest = '') =>
  parseDynamicConfig(`${Array.from({ length: count }, (_, i) => server(i + 1)).join('\n')}\n${rest}`);
const roleIn = (config: ReturnType<typeof of>, id: bigint) => config.servers.find((one) => one.id === id)?.role;
const NEW = parseServerLine(server(9));

describe('the membership that a joiner knows before it is a member', () => {
  it('has it as an observer, who has no vote', () => {
    expect(roleIn(joiningMembership(of(2), NEW), 9n)).toBe('observer');
    const grouped = joiningMembership(of(3, 'group.1=1\ngroup.2=2\ngroup.3=3'), NEW, { group: 3n, weight: 1n });
    expect(roleIn(grouped, 9n)).toBe('observer');
    // Servers do not start with a group that lists nobody of a weight.
    expect(placeOf(grouped, 9n)).toBeUndefined();
  });

  it('has it as a participant where the voters there are would be no quorum with it', () => {
    expect(roleIn(joiningMembership(of(1), NEW), 9n)).toBe('participant');
    expect(roleIn(joiningMembership(of(1), { ...NEW, role: 'observer' }), 9n)).toBe('observer');
    // Two of two groups are needed, and it is half of the second.
    const half = joiningMembership(of(2, 'group.1=1\ngroup.2=2'), NEW, { group: 2n, weight: 1n });
    expect(roleIn(half, 9n)).toBe('participant');
    expect(placeOf(half, 9n)).toEqual({ group: 2n, weight: 1n });
  });

  it('does not let it be a quorum by itself, empty as it is', () => {
    const join = () => joiningMembership(of(2, 'group.1=1:2'), NEW, { group: 1n, weight: 5n });
    expect(join).toThrow(expect.objectContaining({ code: 'OWN_QUORUM', exitCode: 8 }));
  });
});
