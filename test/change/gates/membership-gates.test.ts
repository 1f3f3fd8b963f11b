import { describe, expect, it } from 'vitest';
import type { ChangeContext } from '../../../src/change/context.ts';
import type { GateView } from '../../../src/change/gates/gate.ts';
import { GATES } from '../../../src/change/gates/gates.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { parseServerLine } from '../../../src/ensemble/server-line.ts';

type Part = 'participant' | 'observer' | undefined;

interface Seen {
  role: string;
  part?: Part;
  version?: bigint;
  metrics?: Record<string, string>;
  facts?: object;
}

/** What a gate looks at, of members by their ids. */
function view(seen: Record<string, Seen>, over: Partial<GateView> = {}): GateView {
  const members = Object.entries(seen).map(([id, { role, part, version, metrics = {}, facts = {} }]) => ({
    id: BigInt(id),
    host: `zk${id}:2181`,
    role,
    configured: part,
    facts,
    observation: { metrics: new Map(Object.entries(metrics)), config: version === undefined ? undefined : { version } },
  }));
  const lines = Object.entries(seen).flatMap(([id, { part }]) => (part ? [`server.${id}=h${id}:1:2:${part};3`] : []));
  const status = {
    members,
    leader: members.find(({ role }) => role === 'leader'),
    config: parseDynamicConfig(lines.join('\n')),
  } as unknown as GateView['status'];
  return { status, limits: DEFAULT_CHANGE_LIMITS, target: undefined, configVersion: undefined, outsiders: [], ...over };
}

const leader = (synced: number, voteless = 0): Seen => ({
  role: 'leader',
  part: 'participant',
  metrics: { synced_non_voting_followers: `${voteless}`, synced_observers: '0', pending_syncs: '0' },
  facts: { syncedFollowers: { value: synced, source: '4lw:mntr' } },
});
const follower: Seen = { role: 'follower', part: 'participant' };

describe('the gates of a membership change', () => {
  it('let no follower without a vote stand for a voter that is not synced', () => {
    // The leader counts two: the one that was just removed is one of them.
    const two = { 2: follower, 3: follower, 4: { role: 'follower' } };
    expect(GATES['all-synced'].judge(view({ 1: leader(2, 1), ...two }))).toMatchObject({
      pass: false,
      evidence: 'synced_followers 2 less 1 without a vote of 2, pending_syncs 0 (4lw:mntr)',
    });
    expect(GATES['all-synced'].judge(view({ 1: leader(3, 1), ...two })).pass).toBe(true);
  });

  it('see at once that somebody else has changed the membership', () => {
    const told = (version: bigint): Seen => ({ ...follower, version });
    const judge = (a: bigint, b: bigint) =>
      GATES['config-settled'].judge(view({ 1: told(a), 2: told(b) }, { configVersion: 5n }));
    expect(judge(5n, 5n)).toMatchObject({ pass: true });
    expect(judge(5n, 4n)).toEqual({ pass: false, evidence: 'member 1 has version 5, member 2 has version 4' });
    expect(judge(5n, 7n)).toMatchObject({
      pass: false,
      hopeless: 'conflict',
      evidence: expect.stringContaining('version 7'),
    });
  });

  it('want a quorum of those that are left', () => {
    const judge = (seen: Record<string, Seen>, target: bigint) =>
      GATES['rest-is-quorum'].judge(view({ 1: leader(1), 2: follower, ...seen }, { target }));
    expect(judge({ 3: follower }, 2n)).toEqual({
      pass: true,
      evidence: '2 of the 2 voters that are left serve, 0 more may fail',
    });
    expect(judge({ 3: { ...follower, role: 'unreachable' } }, 2n)).toMatchObject({ pass: false });
    expect(judge({ 3: { ...follower, role: 'unreachable' } }, 3n)).toMatchObject({ pass: true });
  });

  it('count groups and weights of those that are left, and nothing of the one that goes', () => {
    const grouped = (text: string, seen: Record<string, Seen>, target: bigint) => {
      const looked = view({ 1: leader(1), 2: follower, 3: follower, ...seen }, { target });
      const { groups, weights } = parseDynamicConfig(text);
      const config = { servers: [], ...looked.status.config, groups, weights };
      return GATES['rest-is-quorum'].judge({ ...looked, status: { ...looked.status, config } });
    };
    // Of 1 and 4 a majority is left without 5, whose weight of 3 is gone with it.
    const two = { 4: follower, 5: follower };
    const text = 'group.1=1:4:5\ngroup.2=2\ngroup.3=3\nweight.5=3';
    expect(grouped(text, two, 5n)).toMatchObject({ pass: true });
    const dead: Seen = { ...follower, role: 'unreachable' };
    expect(grouped(text, { ...two, 2: dead, 4: dead }, 5n)).toMatchObject({ pass: false });
    expect(grouped(text, { ...two, 2: dead, 4: dead }, 4n)).toMatchObject({ pass: true });
  });

  it('know at once who may not reconfigure', async () => {
    const attempt = (mayReconfigure: () => Promise<boolean>) => {
      const context = { client: async () => ({ mayReconfigure }), signal: new AbortController().signal };
      return GATES['reconfig-permitted'].attempt(view({}), context as unknown as ChangeContext);
    };
    expect(await attempt(async () => true)).toMatchObject({ pass: true });
    expect(await attempt(async () => false)).toMatchObject({
      pass: false,
      hopeless: 'denied',
      evidence: expect.stringContaining('--auth digest:super:file:PATH'),
    });
    const lost = await attempt(() => Promise.reject(new Error('the connection was lost')));
    expect(lost).toEqual({ pass: false, evidence: 'the connection was lost' });
  });

  it('want new ports to be free on the machine, and the way to them open from the others', async () => {
    const line = parseServerLine('server.3=h3:1:20:participant;30');
    const attempt = (said: (from: bigint, port: number) => string) => {
      const portOpen = (from: bigint) => async (_: string, port: number) => ({ state: said(from, port), detail: 'so' });
      const context = { host: (id: bigint) => ({ portOpen: portOpen(id) }), signal: new AbortController().signal };
      const looked = view({ 1: leader(2), 2: follower, 3: follower }, { target: 3n, outsiders: [line] });
      return GATES['new-ports-free'].attempt(looked, context as unknown as ChangeContext);
    };
    expect(await attempt(() => 'closed')).toEqual({ pass: true, evidence: 'h3:20, h3:30 free' });
    expect(await attempt((_, port) => (port === 30 ? 'open' : 'closed'))).toMatchObject({
      pass: false,
      evidence: 'h3:30 is open from member 3 (so)',
    });
    // Clients come from elsewhere: of their port nothing is known from there.
    const firewall = await attempt((from) => (from === 2n ? 'silent' : 'closed'));
    expect(firewall).toMatchObject({ pass: false, evidence: 'h3:20 is silent from member 2 (so)' });
    expect(await attempt(() => 'unknown')).toMatchObject({ pass: false });
  });

  it('stop no service of a member', () => {
    const judge = (target: bigint) => GATES['not-a-member'].judge(view({ 1: leader(0), 2: follower }, { target }));
    expect([judge(2n).pass, judge(3n).pass]).toEqual([false, true]);
  });

  it('know the server that joins by its id, and that its release is near', () => {
    const joiner = (id: bigint, release: string): Seen => ({
      role: 'observer',
      facts: { serverId: { value: id, source: '4lw:conf' }, version: { value: release, source: '4lw:srvr' } },
    });
    const judge = (seen: Seen) =>
      GATES['right-server'].judge(
        view(
          { 1: { ...leader(0), facts: { version: { value: '3.8.4', source: '4lw:srvr' } } }, 4: seen },
          { target: 4n },
        ),
      );
    expect(judge(joiner(4n, '3.9.5'))).toEqual({ pass: true, evidence: 'member 4 runs 3.9.5, the leader 3.8.4' });
    expect(judge(joiner(4n, '3.6.4')).pass).toBe(false);
    expect(judge(joiner(7n, '3.8.4'))).toEqual({ pass: false, evidence: 'zk4:2181 says that it is server 7' });
  });

  it('wait until the leader counts the one that joins', () => {
    const judge = (observers: number) =>
      GATES['counted-non-voting'].judge(
        view({ 1: { ...leader(0), metrics: { synced_observers: `${observers}` } }, 4: { role: 'observer' } }),
      );
    expect([judge(0).pass, judge(1).pass]).toEqual([false, true]);
  });

  it('want the part that a member was given to be taken', () => {
    const judge = (role: string, part: Part) =>
      GATES['role-as-configured'].judge(view({ 1: leader(0), 2: { role, part } }, { target: 2n })).pass;
    expect(judge('follower', 'participant')).toBe(true);
    expect(judge('observer', 'participant')).toBe(false);
    expect(judge('follower', 'observer')).toBe(false);
    expect(judge('follower', undefined)).toBe(false);
  });
});
