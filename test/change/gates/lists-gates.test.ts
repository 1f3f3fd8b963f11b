import { describe, expect, it } from 'vitest';
import { GATES } from '../../../src/change/gates/gates.ts';
import { type ListsNow, underLists } from '../../../src/change/membership/static/lists-of-plan.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

/** A list of so many voters; the later ones observe. */
function list(voters: number, observers = 0): string {
  const ids = Array.from({ length: voters + observers }, (_, i) => i + 1);
  return ids.map((id) => `server.${id}=zk${id}:2888:3888:${id > voters ? 'observer' : 'participant'}`).join('\n');
}

const [THREE, JOINING, FOUR] = [list(3), list(3, 1), list(4)];

/** What a gate says when member `target` is about to get a list of four, and these have those lists; member 3 leads. */
function judged(
  gate: 'lists-overlap' | 'lists-as-planned' | 'role-as-listed' | 'all-synced' | 'others-serve',
  of: Record<string, string>,
  { target, over = {}, ...rest }: { target: bigint | undefined; over?: Record<number, Said> } & Partial<ListsNow>,
): string {
  const roles: Said[] = [1, 2, 3, 4].map((id) => ({
    role: id === 3 ? 'leader' : id === 4 ? 'observer' : 'follower',
    config: parseDynamicConfig((of[id] ?? '').replaceAll('zk', '10.0.0.')),
    mntr: { synced_followers: 2, pending_syncs: 0 },
    ...over[id],
  }));
  const { status } = viewOf(roles, { config: parseDynamicConfig(THREE) });
  const now = { of, away: [] };
  const next = { of: { ...of, [`${target}`]: FOUR }, away: [] };
  const lists: ListsNow = { now, next, acks: 'known', ...rest };
  const { pass, evidence } = GATES[gate].judge({
    status: underLists(status, lists, target),
    limits: DEFAULT_CHANGE_LIMITS,
    target,
    configVersion: undefined,
    outsiders: [],
    lists,
  });
  return `${pass ? 'open' : 'shut'}: ${evidence}`;
}

const BEFORE = { 1: THREE, 2: THREE, 3: THREE, 4: JOINING };

describe('lists-overlap', () => {
  it('is judged by who leads now', () => {
    expect(judged('lists-overlap', BEFORE, { target: 4n })).toBe('open: by the lists of 4 servers');
    expect(judged('lists-overlap', BEFORE, { target: 4n, acks: 'all' })).toBe(
      'shut: a write acknowledged by members 3 and 4 alone would be lost when members 1 and 2 elect another leader',
    );
  });

  it('is shut for a member that would find no quorum by its new list', () => {
    expect(judged('lists-overlap', BEFORE, { target: 1n })).toMatch(/^shut: member 1 would not find a leader again/);
  });
});

describe('lists-as-planned', () => {
  it('is shut when a member tells another membership; the names of machines, and ports for clients, are not compared', () => {
    expect(judged('lists-as-planned', BEFORE, { target: 1n })).toBe('open: 4 members tell the list they were given');
    const over = { 2: { role: 'follower' as const, config: parseDynamicConfig(FOUR) } };
    expect(judged('lists-as-planned', BEFORE, { target: 1n, over })).toBe(
      'shut: member 2 tells another membership than it was given',
    );
    // Of one that is taken back it is not known whether it had been restarted with its new list.
    expect(judged('lists-as-planned', BEFORE, { target: 2n, over, unsure: 2n })).toMatch(/^open: 3 members/);
  });
});

describe('role-as-listed', () => {
  it('goes by the own list of a member, of all when none is meant', () => {
    expect(judged('role-as-listed', BEFORE, { target: 4n })).toBe(
      'open: member 4 is observer, and observer in its list',
    );
    expect(judged('role-as-listed', { ...BEFORE, 4: FOUR }, { target: undefined })).toBe(
      'shut: member 4 is observer, and participant in its list',
    );
    expect(judged('role-as-listed', BEFORE, { target: undefined })).toBe('open: all 4 servers do');
  });
});

describe('the gates before every step, while lists differ', () => {
  const over = { 4: { role: 'follower' as const } };

  it('count followers by the list of the leader, also when it is the one that goes', () => {
    const lists = { 1: FOUR, 2: FOUR, 3: THREE, 4: FOUR };
    expect(judged('all-synced', lists, { target: 3n, over })).toMatch(/^open: synced_followers 2 of 2/);
    expect(judged('others-serve', lists, { target: 3n, over })).toBe('open: all 3 other voters serve');
  });

  it('leave a member out of the account that the change itself has stopped', () => {
    const stopped = { 1: { role: 'unreachable' as const } };
    const now = { of: { ...BEFORE, 1: FOUR }, away: [1n] };
    expect(judged('others-serve', now.of, { target: 4n, over: stopped, now })).toBe('open: all 2 other voters serve');
    expect(judged('others-serve', now.of, { target: 4n, over: stopped })).toMatch(/^shut: member 1 is unreachable/);
  });
});
