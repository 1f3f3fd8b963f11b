import { describe, expect, it } from 'vitest';
import { parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { parseIds, parseJoiners, scenariosOf } from '../../src/ensemble/quorum-scenarios.ts';

function votersTo(count: number, ...lines: string[]) {
  const servers = Array.from({ length: count }, (_, i) => `server.${i + 1}=h${i + 1}:1:2`);
  return parseDynamicConfig([...servers, ...lines].join('\n'));
}

function ids(...numbers: number[]): bigint[] {
  return numbers.map(BigInt);
}

/** What the scenarios amount to: name, voters, whether there is a quorum and what it bears. */
function told(config: ReturnType<typeof votersTo>, live: bigint[], without = '', joiners = ''): unknown[] {
  const change = {
    without: without === '' ? [] : parseIds(without),
    with: joiners === '' ? [] : parseJoiners(joiners),
  };
  return scenariosOf(config, live, change).map(({ what, voters, quorum, tolerance }) =>
    quorum ? [what, voters.length, tolerance] : [what, voters.length, 'no quorum'],
  );
}

describe('a quorum', () => {
  it('is told as it is', () => {
    expect(told(votersTo(3), ids(1, 2, 3))).toEqual([['now', 3, 1]]);
    expect(told(votersTo(3), ids(2))).toEqual([['now', 3, 'no quorum']]);
  });

  it('without two of five goes on, without three it stops, and removed they are no loss', () => {
    expect(told(votersTo(5), ids(1, 2, 3, 4, 5), '2,3')).toEqual([
      ['now', 5, 2],
      ['stopped', 5, 0],
      ['removed', 3, 1],
    ]);
    expect(told(votersTo(5), ids(1, 2, 3, 4, 5), '1,2,3')).toEqual([
      ['now', 5, 2],
      ['stopped', 5, 'no quorum'],
      ['removed', 2, 0],
    ]);
  });

  it('bears no more with a fourth voter, and one more with a fifth', () => {
    expect(told(votersTo(3), ids(1, 2, 3), '', '4')).toEqual([
      ['now', 3, 1],
      ['added', 4, 1],
    ]);
    expect(told(votersTo(3), ids(1, 2, 3), '', '4,5').at(-1)).toEqual(['added', 5, 2]);
  });

  it('bears as much once a dead member is replaced', () => {
    expect(told(votersTo(3), ids(1, 2), '3', '4')).toEqual([
      ['now', 3, 0],
      ['stopped', 3, 0],
      ['replaced', 3, 1],
    ]);
  });

  it('counts an observer that becomes a voter once', () => {
    const config = votersTo(2, 'server.3=h3:1:2:observer');
    expect(told(config, ids(1, 2), '', '3')).toEqual([
      ['now', 2, 0],
      ['added', 3, 1],
    ]);
  });

  it('of groups loses a whole rack, and gains a weighted voter in one', () => {
    const racks = votersTo(9, 'group.1=1:2:3', 'group.2=4:5:6', 'group.3=7:8:9');
    const all = ids(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(told(racks, all, '7,8,9')).toEqual([
      ['now', 9, 3],
      ['stopped', 9, 1],
      ['removed', 6, 1],
    ]);
    expect(told(racks, all, '', '10:3:5').at(-1)).toEqual(['added', 10, 2]);
  });

  it('is refused a change that cannot be meant', () => {
    const config = votersTo(3);
    expect(() => told(config, ids(1), '7')).toThrow('there is no member 7');
    expect(() => told(config, ids(1), '', '2')).toThrow('server 2 votes already');
    expect(() => told(votersTo(2, 'group.1=1:2'), ids(1, 2), '', '3')).toThrow('server 3 is in no group');
    for (const text of ['x', '1,', '1:2']) expect(() => parseIds(text), text).toThrow('is no server id');
    for (const text of ['', '4:', '4:1:1:1', '-4']) expect(() => parseJoiners(text), text).toThrow('is no server id');
  });
});
