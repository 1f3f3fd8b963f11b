import { describe, expect, it } from 'vitest';
import { parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import {
  parseJoining,
  parseLeaving,
  parseMembers,
  planReconfiguration,
  sameMembership,
  type WantedChange,
} from '../../src/ensemble/reconfiguration.ts';

const one = 'server.1=h1:2888:3888:participant;0.0.0.0:2181';
const two = 'server.2=h2:2888:3888:participant;0.0.0.0:2181';
const three = 'server.3=h3:2888:3888:participant;0.0.0.0:2181';
const current = parseDynamicConfig([one, two, three, 'version=10000000a'].join('\n'));

function incremental(add: string | undefined, remove?: string): WantedChange {
  return {
    kind: 'incremental',
    add: add === undefined ? [] : parseJoining(add),
    remove: remove === undefined ? [] : parseLeaving(remove),
  };
}

describe('a change of membership', () => {
  it('is worked out against the committed version', () => {
    const plan = planReconfiguration(current, incremental('server.4=h4:2888:3888:observer;2181', '3'));
    expect(plan.fromVersion).toBe(0x10000000an);
    expect(plan.changes.map(({ id, what }) => [id, what])).toEqual([
      [1n, 'same'],
      [2n, 'same'],
      [3n, 'remove'],
      [4n, 'add'],
    ]);
    expect(plan.voters).toEqual({ before: 3, after: 2 });
    expect(plan.request).toEqual({ joining: 'server.4=h4:2888:3888:observer;0.0.0.0:2181', leaving: '3' });
  });

  it('tells a changed member from one that stays', () => {
    const plan = planReconfiguration(current, incremental(`${three.replace('participant', 'observer')},${one}`));
    expect(plan.changes.map(({ what }) => what)).toEqual(['same', 'same', 'change']);
    expect(plan.voters.after).toBe(2);
  });

  it('names the whole membership where a whole one is given, groups and weights too', () => {
    const text = `${one},${two},${three},group.1=1:2:3,weight.1=2`;
    const plan = planReconfiguration(current, { kind: 'whole', members: parseMembers(text) });
    expect(plan.request).toEqual({ members: text });
    expect(plan.changes.every(({ what }) => what === 'same')).toBe(true);
  });

  it('refuses what nobody can mean', () => {
    const plan = (wanted: WantedChange) => () => planReconfiguration(current, wanted);
    expect(plan(incremental(undefined, '9'))).toThrow('there is no member 9 to remove');
    expect(plan(incremental(undefined, '1,2,3'))).toThrow('nobody would be left to vote');
    expect(() => planReconfiguration(parseDynamicConfig(''), incremental(one))).toThrow('this is a standalone server');
    const grouped = parseDynamicConfig(`${one}\n${two}\ngroup.1=1:2\nversion=1`);
    expect(() => planReconfiguration(grouped, incremental(three))).toThrow('changed as a whole only');
  });

  it('reads what joins and leaves strictly', () => {
    expect(() => parseJoining('server.4=h4:2888:3888')).toThrow('server.4 has no client port');
    expect(() => parseJoining('4=h4:2888:3888;2181')).toThrow('bad server line "4=h4:2888:3888;2181"');
    expect(parseLeaving('2, server.3')).toEqual([2n, 3n]);
    expect(() => parseLeaving('2,x')).toThrow('"x" is no server id');
    expect(() => parseMembers('# nothing\n')).toThrow('names no server');
  });

  it('is recognised in what is committed later, whatever the version', () => {
    const later = parseDynamicConfig([three, two, one, 'version=20000000b'].join('\n'));
    expect(sameMembership(current, later)).toBe(true);
    expect(sameMembership(current, parseDynamicConfig(`${one}\n${two}`))).toBe(false);
  });
});
