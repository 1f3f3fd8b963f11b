import { layLive } from '../../output/live-table.ts';
import { clip, paintedWidth, type Style } from '../../output/style.ts';
import { byteSize, shortDuration } from '../../output/times.ts';
import { hex64 } from '../../protocol/zxid.ts';
import { quorumLine } from '../status-view.ts';
import { connectionTable, connectionTitle } from './connection-panel.ts';
import { short, total } from './figures.ts';
import { KEYS } from './keys.ts';
import { memberTable } from './member-panel.ts';
import type { TopState } from './state.ts';

/** What a frame is drawn on. */
export interface Canvas {
  readonly cols: number;
  /** Infinity where nothing has to be cut: then there are no keys to tell of either. */
  readonly rows: number;
  readonly style: Style;
}

/** With fewer rows than this the blank lines and the sums go first. */
const ROOMY = 16;
/** A title, a header and a row: with less, the connections are left out. */
const LEAST_CONNECTIONS = 3;

/** What `top` shows: lines that are no wider than the canvas and no more than it has rows. Pure. */
export function frame(state: TopState, canvas: Canvas): string[] {
  const { cols, rows, style } = canvas;
  const lines = state.help ? helpLines(style) : panels(state, canvas);
  const footer = rows === Number.POSITIVE_INFINITY ? [] : [footerLine(state, canvas)];
  const body = lines.slice(0, Math.max(0, rows - footer.length));
  const space = footer.length === 0 ? 0 : Math.max(0, rows - footer.length - body.length);
  return [...body, ...Array<string>(space).fill(''), ...footer].slice(0, rows).map((line) => clip(line, cols));
}

function panels(state: TopState, canvas: Canvas): string[] {
  const { cols, rows, style } = canvas;
  const roomy = rows >= ROOMY;
  const head = headLines(state, canvas);
  const lines = [...(roomy ? head : head.slice(0, 2)), ...(roomy ? [''] : [])];
  if (state.sample === undefined) return [...lines, style.paint('dim', 'asking the members …')];
  const room = rows - lines.length - 1;
  const members = layLive(memberTable(state), cols, style);
  if (state.show === 'members') return [...lines, ...scrolledTo(members, state.offset, room, style)];
  if (state.show === 'connections') return [...lines, ...connectionLines(state, canvas, room)];
  const gap = roomy ? [''] : [];
  const left = room - members.length - gap.length;
  if (left < LEAST_CONNECTIONS) return [...lines, ...scrolledTo(members, state.offset, room, style)];
  return [...lines, ...members, ...gap, ...connectionLines(state, canvas, left)];
}

function connectionLines(state: TopState, { cols, style }: Canvas, room: number): string[] {
  const title = connectionTitle(state, style).slice(0, Math.max(1, room - 2));
  if (!state.connections?.told?.length) return title;
  const table = connectionTable(state) as Parameters<typeof layLive<unknown>>[0];
  return [...title, ...scrolledTo(layLive(table, cols, style), state.offset, room - title.length, style)];
}

/** A table's header and the rows from an offset on; a last line tells of those below. */
function scrolledTo([header = '', ...rows]: readonly string[], offset: number, room: number, style: Style): string[] {
  const most = Math.max(0, rows.length - Math.max(1, room - 1));
  const from = Math.min(offset, most);
  const shown = rows.slice(from);
  if (shown.length <= room - 1) return [header, ...shown];
  const fit = Math.max(0, room - 2);
  return [header, ...shown.slice(0, fit), style.paint('dim', `… ${shown.length - fit} more: j`)];
}

function headLines(state: TopState, { cols, rows, style }: Canvas): string[] {
  const { sample, now, interval, paused } = state;
  const live = sample !== undefined && rows !== Number.POSITIVE_INFINITY;
  const age = live ? Math.max(0, now - sample.at) : undefined;
  const late = age !== undefined && !paused && age > 2 * interval + 500;
  const right = [
    ...(paused ? [style.paint('warn', 'paused')] : []),
    `${new Date(now).toISOString().slice(11, 19)}Z`,
    `every ${shortDuration(interval)}`,
    ...(age === undefined ? [] : [style.paint(late ? 'warn' : 'dim', `${shortDuration(age)} old`)]),
  ].join('  ');
  return [
    spread(`${style.paint('title', 'zksh top')}  ${style.paint('name', style.name(state.name))}`, right, cols),
    ...(sample === undefined ? [] : [ensembleLine(state, style), sumLine(state, style)]),
  ];
}

/** Left and right of one line; the right one, which tells how old all is, is never cut. */
function spread(left: string, right: string, cols: number): string {
  if (cols === Number.POSITIVE_INFINITY) return `${left}  ${right}`;
  const room = Math.max(0, cols - paintedWidth(right) - 2);
  const cut = clip(left, room);
  return `${cut}${' '.repeat(Math.max(2, room + 2 - paintedWidth(cut)))}${right}`;
}

function ensembleLine({ sample }: TopState, style: Style): string {
  if (sample === undefined) return '';
  const { leader, config, members } = sample.status;
  const versions = [...new Set(members.flatMap(({ facts }) => facts.version?.value ?? []))].sort();
  return [
    quorumLine(sample.status, style),
    leader === undefined ? '' : `leader ${leader.id ?? style.name(leader.host)}`,
    config?.version === undefined ? '' : `config ${hex64(config.version)}`,
    versions.length === 0 ? '' : `ZooKeeper ${versions.map((version) => style.name(version)).join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function sumLine({ sample, history }: TopState, style: Style): string {
  if (sample === undefined) return '';
  const { members, leader } = sample.status;
  const points = history.filter(({ member }) => members.includes(member)).flatMap(({ points }) => points.at(-1) ?? []);
  const led = leader ?? members.find(({ role }) => role === 'standalone');
  const first = history.find(({ member }) => member === led)?.points.at(-1);
  const size = led?.facts.dataSize?.value;
  return [
    `${short(total(points.map(({ rates }) => rates?.received)))} in/s`,
    `${short(total(points.map(({ rates }) => rates?.sent)))} out/s`,
    `${short(first?.rates?.transactions)} transactions/s`,
    `${short(total(points.map(({ facts }) => facts.connections?.value)))} connections`,
    `${short(led?.facts.znodes?.value)} znodes`,
    ...(size === undefined ? [] : [byteSize(size)]),
  ].join(style.paint('dim', ', '));
}

/** What a person has to know first comes first. */
const HINTS = [
  'q quit',
  'h help',
  'space pause',
  '/ filter',
  'a by client or each',
  '1 2 0 panels',
  'r reverse',
  't trend',
];

function footerLine({ typing, help }: TopState, { cols, style }: Canvas): string {
  if (typing !== undefined) {
    const ask = typing.what === 'filter' ? 'clients with: ' : 'interval, in seconds or as 500ms: ';
    const problem = typing.problem === undefined ? '' : style.paint('warn', `${style.name(typing.problem)}  `);
    return `${problem}${style.paint('title', ask)}${style.name(typing.text)}█`;
  }
  if (help) return style.paint('dim', 'any key goes back, q quits');
  const fitting = HINTS.filter((_, i) => HINTS.slice(0, i + 1).join('  ').length <= cols);
  return style.paint('dim', fitting.join('  '));
}

function helpLines(style: Style): string[] {
  return [
    style.paint('title', 'zksh top: keys'),
    ...KEYS.map(([keys, what]) => `  ${style.paint('key', keys.padEnd(8))} ${what}`),
    '',
    'in/s and out/s are packets of clients, pings and our own questions among them;',
    'ms is what requests took on average just now, or before 3.6 since the start;',
    'p99, max and avg are since the server began to serve.',
  ];
}
