import { describe, expect, it } from 'vitest';
import { frame } from '../../../src/cli/top/frame.ts';
import type { TopState } from '../../../src/cli/top/state.ts';
import { displayWidth } from '../../../src/output/display-width.ts';
import { busy, connection, looked, NOW, shown, style } from './states.ts';

function draw(state: TopState, cols: number, rows: number): { lines: string[]; painted: string[] } {
  const painted = frame(state, { cols, rows, style: style(cols) }).map((line) => style(cols).finish(line));
  return { painted, lines: painted.map((line) => line.replaceAll(/<\w+>|<\/>/g, '')) };
}

const SIZES = [
  [80, 24],
  [60, 12],
  [200, 50],
  [30, 5],
] as const;

describe.each(SIZES)('a frame of %i columns and %i rows', (cols, rows) => {
  const states: [string, TopState][] = [
    ['at first', looked([])],
    ['of members and connections', shown()],
    ['of members alone', shown({ show: 'members' })],
    ['of each connection', shown({ byHost: false, show: 'connections' })],
    ['of the help', shown({ help: true })],
    ['while a filter is typed', shown({ typing: { what: 'filter', text: 'x'.repeat(300) } })],
  ];

  it.each(states)('fits exactly: %s', (_, state) => {
    const { lines } = draw(state, cols, rows);
    expect(lines).toHaveLength(rows);
    expect(Math.max(...lines.map((line) => displayWidth(line)))).toBeLessThanOrEqual(cols);
  });

  it('is not broken by hostile names', () => {
    const hostile = '\x1b[31m\x1b[2J\x07名前\u202eevil\n\r\ttab';
    const one = busy(1, 10, [connection('10.0.0.1:5', 7)]);
    const odd = {
      ...one,
      address: { host: hostile, port: 1 },
      further: { ...one.further, missing: [{ source: hostile, reason: hostile }], words: new Map<string, string>() },
    };
    const dead = { ...busy(2, 10), facts: {} as never, missing: [{ source: '4lw', reason: hostile.repeat(9) }] };
    const state = looked(
      [
        [odd, dead],
        [odd, dead],
      ],
      { name: hostile, filter: hostile },
    );
    const { painted, lines } = draw(state, cols, rows);
    expect(painted.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(lines).toHaveLength(rows);
    expect(Math.max(...lines.map((line) => displayWidth(line)))).toBeLessThanOrEqual(cols);
  });
});

describe('a frame', () => {
  it('says where, when and how old, then how the ensemble is', () => {
    const { lines } = draw({ ...shown(), now: NOW + 1400 }, 80, 24);
    expect(lines[0]).toMatch(/^zksh top {2}prod {10,}03:04:06Z {2}every 1s {2}400ms old$/);
    expect(lines[1]).toBe('leader 1; ZooKeeper 3.9.5');
    expect(lines[2]).toBe('2000 in/s, 4000 out/s, 0 transactions/s, 4 connections, 7 znodes, 2.3 KiB');
  });

  it('has a row for each member, with rates, and a red one for the dead with its reason', () => {
    const { lines, painted } = draw({ ...shown(), now: NOW + 5000 }, 80, 24);
    expect(lines[4]).toBe('ID HOST            ROLE      LAG   IN/S  OUT/S CONNS QUEUE    MS  P99 TREND IN/S');
    expect(lines[5]).toBe(' 1 zk1:2181        leader      0   1000   2000     2     0    11   39          █');
    expect(lines[7]).toBe(' 3 zk3:2181        unreachable, seen 5s ago: connection refused');
    expect(painted[7]).toContain('<bad>unreachable, seen 5s ago: connection refused</>');
  });

  it('leaves out what is too much for a narrow terminal', () => {
    expect(draw(shown(), 60, 12).lines[2]).toBe('ID HOST            ROLE      LAG   IN/S CONNS QUEUE    MS');
    expect(draw(shown(), 200, 50).lines[4]).toMatch(/MS +P99 +MAX +AVG +TREND IN\/S$/);
  });

  it('adds connections up by client, the busiest first, or shows each', () => {
    const { lines } = draw(shown(), 80, 24);
    expect(lines[9]).toBe('Connections  2 from 2 clients');
    expect(lines[11]).toMatch(/^10\.0\.0\.2 +1 1 +200 +200 +0 +1 +9 PING$/);
    const each = draw(shown({ byHost: false, reversed: true }), 100, 24).lines;
    expect(each[11]).toMatch(/^10\.0\.0\.1:5000 +1 +0x7 +100 +100 +0 +1 +9 PING/);
  });

  it('shows the clients that are asked for', () => {
    const { lines } = draw(shown({ filter: '0.0.1' }), 80, 24);
    expect(lines[9]).toBe('Connections  1 of 2 from 1 client, clients with "0.0.1"');
    expect(lines.filter((line) => line.startsWith('10.0.0.'))).toHaveLength(1);
  });

  it('says which members told no connections', () => {
    const reason = 'not in 4lw.commands.whitelist';
    const mute = (id: number) => ({
      ...busy(id, 10),
      further: { words: new Map(), admin: new Map(), missing: [{ source: '4lw:cons', reason }] },
    });
    const { painted } = draw(looked([[mute(1), mute(2)]]), 80, 24);
    expect(painted).toContain('<warn>not told by 1, 2: cons: not in 4lw.commands.whitelist</>');
  });

  it('warns when what it shows is old, and says that it is paused', () => {
    const state = { ...shown(), now: NOW + 9000 };
    expect(draw(state, 80, 24).painted[0]).toContain('<warn>8s old</>');
    expect(draw({ ...state, paused: true }, 80, 24).painted[0]).toMatch(/<warn>paused<\/> .*<dim>8s old/);
  });

  it('scrolls, and tells of what is below', () => {
    const clients = Array.from({ length: 50 }, (_, i) => connection(`10.0.1.${i}:5000`, i + 1, 100 - i));
    const many = (offset: number) => draw(looked([[busy(1, 10, clients)]], { sort: 'client', offset }), 80, 24).lines;
    expect(many(0)[9]).toMatch(/^10\.0\.1\.0 /);
    expect(many(0).at(-2)).toBe('… 37 more: j');
    expect(many(5)[9]).toMatch(/^10\.0\.1\.5 /);
    expect(many(1000).at(-2)).toMatch(/^10\.0\.1\.49 /);
  });

  it('puts the members first where there is no room for both', () => {
    const crowd = Array.from({ length: 12 }, (_, i) => busy(i + 1, 10));
    const { lines } = draw(looked([crowd]), 60, 12);
    expect(lines.some((line) => line.startsWith('Connections'))).toBe(false);
    expect(lines.at(-2)).toBe('… 5 more: j');
  });

  it('sorts members by what is asked for, those that tell nothing last', () => {
    const order = (more: Partial<TopState>) =>
      draw(shown({ show: 'members', ...more }), 80, 24)
        .lines.slice(5, 8)
        .map((line) => line.trim()[0]);
    expect(order({})).toEqual(['1', '2', '3']);
    expect(order({ sort: 'received', reversed: true })).toEqual(['1', '2', '3']);
    expect(order({ reversed: true })).toEqual(['3', '2', '1']);
  });
});
