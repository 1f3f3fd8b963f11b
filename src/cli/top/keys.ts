import { parseDuration } from '../duration.ts';
import { connectionTable } from './connection-panel.ts';
import { memberTable } from './member-panel.ts';
import type { Sort, TopState } from './state.ts';

/** What a key asks for besides another state. */
export type Effect = 'quit' | 'interrupt' | 'suspend' | 'refresh' | 'redraw';

export interface Pressed {
  state: TopState;
  effect?: Effect | undefined;
}

/** Milliseconds: less would be a load of its own. */
export const LEAST_INTERVAL = 200;
const MOST_INTERVAL = 600_000;
/** A screen's worth, or nearly. */
const PAGE = 10;

const SORT_KEYS: Readonly<Record<string, Sort>> = {
  m: 'member',
  n: 'client',
  i: 'received',
  o: 'sent',
  c: 'connections',
  l: 'latency',
  u: 'queued',
  g: 'lag',
};

/** The keys, in the words of the help. */
export const KEYS: readonly (readonly [string, string])[] = [
  ['q', 'quit'],
  ['space', 'pause, and go on'],
  ['enter', 'look now'],
  ['+ -', 'a longer or shorter interval'],
  ['s', 'type the interval'],
  ['1 2 0', 'members alone, connections alone, both'],
  ['m n i o', 'sort by member, client, received, sent'],
  ['c l u g', 'sort by connections, latency, queued, lag'],
  ['r', 'reverse the order'],
  ['/', 'show the clients whose address has a text in it'],
  ['a', 'add connections up by client, or show each'],
  ['t', 'draw the trend of requests or of latency'],
  ['j k', 'scroll; arrows and page keys do too'],
  ['h ?', 'this help'],
];

/** What a key makes of the state. No key changes anything in the ensemble. */
export function pressed(state: TopState, key: string): Pressed {
  if (key === 'ctrl-c') return { state, effect: 'interrupt' };
  if (key === 'ctrl-z') return { state, effect: 'suspend' };
  if (key === 'ctrl-l') return { state, effect: 'redraw' };
  if (state.typing !== undefined) return typed(state, state.typing, key);
  if (key === 'q') return { state, effect: 'quit' };
  if (state.help) return { state: { ...state, help: false } };
  const sort = SORT_KEYS[key];
  if (sort !== undefined) return { state: { ...state, sort, reversed: false, offset: 0 } };
  return command(state, key);
}

function command(state: TopState, key: string): Pressed {
  switch (key) {
    case 'h':
    case '?':
      return { state: { ...state, help: true } };
    case ' ':
      return { state: { ...state, paused: !state.paused }, effect: state.paused ? 'refresh' : undefined };
    case 'enter':
      return { state, effect: 'refresh' };
    case '+':
    case '=':
      return withInterval(state, state.interval * 2);
    case '-':
      return withInterval(state, state.interval / 2);
    case 's':
      return { state: { ...state, typing: { what: 'interval', text: '' } } };
    case '/':
      return { state: { ...state, typing: { what: 'filter', text: state.filter } } };
    case '0':
      return { state: { ...state, show: 'both', offset: 0 }, effect: 'refresh' };
    case '1':
      return { state: { ...state, show: 'members', offset: 0 } };
    case '2':
      return { state: { ...state, show: 'connections', offset: 0 }, effect: 'refresh' };
    case 'r':
      return { state: { ...state, reversed: !state.reversed } };
    case 'a':
      return { state: { ...state, byHost: !state.byHost, offset: 0 } };
    case 't':
      return { state: { ...state, trend: state.trend === 'requests' ? 'latency' : 'requests' } };
    case 'escape':
      return { state: { ...state, filter: '', offset: 0 } };
    default:
      return { state: { ...state, offset: Math.min(scrolled(state.offset, key), lastRow(state)) } };
  }
}

function scrolled(offset: number, key: string): number {
  const by: Readonly<Record<string, number>> = {
    j: 1,
    down: 1,
    k: -1,
    up: -1,
    'page down': PAGE,
    'page up': -PAGE,
    home: Number.NEGATIVE_INFINITY,
  };
  return Math.max(0, offset + (by[key] ?? 0));
}

function lastRow(state: TopState): number {
  const { rows } = state.show === 'members' ? memberTable(state) : connectionTable(state);
  return Math.max(0, rows.length - 1);
}

function typed(state: TopState, { what, text }: NonNullable<TopState['typing']>, key: string): Pressed {
  if (key === 'escape') return { state: { ...state, typing: undefined } };
  if (key === 'backspace') return { state: { ...state, typing: { what, text: [...text].slice(0, -1).join('') } } };
  if (key === 'enter') return entered({ ...state, typing: undefined }, what, text.trim());
  return [...key].length === 1 ? { state: { ...state, typing: { what, text: text + key } } } : { state };
}

function entered(state: TopState, what: 'filter' | 'interval', text: string): Pressed {
  if (what === 'filter') return { state: { ...state, filter: text, offset: 0 } };
  if (text === '') return { state };
  try {
    // As in top, a bare number is seconds.
    return withInterval(state, parseDuration(/^[\d.]+$/.test(text) ? `${text}s` : text));
  } catch {
    return {
      state: { ...state, typing: { what, text: '', problem: `"${text}" is no length of time, as 2s is` } },
    };
  }
}

function withInterval(state: TopState, wanted: number): Pressed {
  const interval = Math.round(Math.min(MOST_INTERVAL, Math.max(LEAST_INTERVAL, wanted)));
  return { state: { ...state, interval }, effect: state.paused ? undefined : 'refresh' };
}
