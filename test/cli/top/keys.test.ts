import { describe, expect, it } from 'vitest';
import { KEYS, pressed } from '../../../src/cli/top/keys.ts';
import type { TopState } from '../../../src/cli/top/state.ts';
import { wishesOf } from '../../../src/cli/top/wishes.ts';
import { shown } from './states.ts';

function hit(keys: string[], state: TopState = shown()): TopState {
  return keys.reduce((now, key) => pressed(now, key).state, state);
}

function type(text: string): string[] {
  return [...text];
}

describe('a key', () => {
  it('quits, interrupts, suspends, redraws', () => {
    const effect = (key: string) => pressed(shown(), key).effect;
    expect(['q', 'ctrl-c', 'ctrl-z', 'ctrl-l', 'enter'].map(effect)).toEqual([
      'quit',
      'interrupt',
      'suspend',
      'redraw',
      'refresh',
    ]);
  });

  it('pauses, and looks at once when it goes on', () => {
    const paused = pressed(shown(), ' ');
    expect(paused).toMatchObject({ state: { paused: true }, effect: undefined });
    expect(pressed(paused.state, ' ')).toMatchObject({ state: { paused: false }, effect: 'refresh' });
  });

  it('makes the interval longer and shorter, within bounds', () => {
    expect(hit(['+']).interval).toBe(2000);
    expect(hit(['-']).interval).toBe(500);
    expect(hit(Array(20).fill('-')).interval).toBe(200);
    expect(hit(Array(40).fill('+')).interval).toBe(600_000);
  });

  it('types an interval, in seconds when no unit is given', () => {
    expect(hit(['s', ...type('5'), 'enter'])).toMatchObject({ interval: 5000, typing: undefined });
    expect(hit(['s', ...type('250msx'), 'backspace', 'enter']).interval).toBe(250);
    const bad = hit(['s', ...type('soon'), 'enter']);
    expect(bad).toMatchObject({ interval: 1000, typing: { problem: expect.stringContaining('"soon"') } });
    expect(hit(['escape'], bad).typing).toBeUndefined();
  });

  it('types a filter, in which letters are letters', () => {
    const typing = hit(['/', ...type('q1')]);
    expect(typing).toMatchObject({ filter: '', typing: { what: 'filter', text: 'q1' } });
    expect(hit(['enter'], typing)).toMatchObject({ filter: 'q1', typing: undefined });
    expect(pressed(typing, 'ctrl-c').effect).toBe('interrupt');
    expect(hit(['enter', 'escape'], typing).filter).toBe('');
  });

  it('sorts, and reverses until it sorts by another', () => {
    expect(hit(['l', 'r'])).toMatchObject({ sort: 'latency', reversed: true });
    expect(hit(['l', 'r', 'i'])).toMatchObject({ sort: 'received', reversed: false });
  });

  it('scrolls, never above the first row nor below the last', () => {
    const members = shown({ show: 'members' });
    expect(hit(['j', 'down', 'k'], members).offset).toBe(1);
    expect(hit(['page down', 'down'], members).offset).toBe(2);
    expect(hit(['j', 'home', 'up'], members).offset).toBe(0);
  });

  it('leaves the help, whatever it is', () => {
    expect(hit(['?']).help).toBe(true);
    expect(hit(['h', 'l'])).toMatchObject({ help: false, sort: 'member' });
  });

  it('is in the help when it does something', () => {
    const told = KEYS.flatMap(([keys]) => keys.split(' '));
    for (const key of [...'qs120mniocluragthjk/+-?']) expect(told).toContain(key);
  });
});

describe('connections are asked for', () => {
  it('only while they are shown, and by cons only where an AdminServer is missing', () => {
    expect(wishesOf(shown({ show: 'members' }))).toEqual({});
    expect(wishesOf(shown())).toEqual({ admin: ['connections'], words: ['cons'] });
    expect(wishesOf({ ...shown(), connections: undefined })).toEqual({ admin: ['connections'], words: [] });
  });
});
