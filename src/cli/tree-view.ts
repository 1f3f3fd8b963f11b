import type { BranchGlyphs } from '../output/branch-glyphs.ts';
import { displayWidth, pad, truncate } from '../output/display-width.ts';
import { statJson } from '../output/stat.ts';
import type { Style } from '../output/style.ts';
import { preview } from '../output/text-safety.ts';
import type { Role } from '../output/theme.ts';
import type { Column, View } from '../output/view.ts';
import { kindOf } from '../znodes/node-kind.ts';
import type { TreeItem, TreeRest, TreeZnode } from '../znodes/tree.ts';

/** What a whole tree adds up to; comes last. */
interface TreeSum {
  readonly type: 'sum';
  readonly znodes: number;
  readonly depth: number;
  readonly bytes: number;
  readonly ephemerals: number;
  /** Children over the limit and below the depth, known to be there and not looked at. */
  readonly unseen: number;
}

/** Comes first where there are columns: their titles. */
interface TreeHead {
  readonly type: 'head';
}

export type TreeLine = TreeItem | TreeSum | TreeHead;

/** What is shown of each znode. */
export interface TreeLook {
  glyphs: BranchGlyphs;
  counts: boolean;
  sizes: boolean;
  stat: boolean;
  data: boolean;
}

/** How much of the room on a line is kept for what stands behind a long name. */
const BEHIND = 0.4;
/** How much of a line the columns may take. */
const GUTTERS = 0.65;
/** Characters of data. */
const PREVIEW = 60;

/** Columns stand before the branches, so that they line up at every depth. */
interface Gutter {
  readonly title: string;
  readonly width: number;
  text(znode: TreeZnode, style: Style): string;
}

const count = (n: number | undefined) => n?.toLocaleString('en-US') ?? '';

const BELOW: Gutter = { title: 'below', width: 9, text: ({ totals }) => count(totals && totals.znodes - 1) };
const SIZE: Gutter = {
  title: 'size',
  width: 8,
  text: ({ totals }, style) => (totals === undefined ? '' : style.size(totals.bytes)),
};
const STAT: readonly Gutter[] = [
  { title: 'data', width: 8, text: ({ stat }, style) => (stat === undefined ? '' : style.size(stat.dataLength)) },
  { title: 'version', width: 7, text: ({ stat }) => `${stat?.version ?? ''}` },
  { title: 'children', width: 8, text: ({ stat }) => count(stat?.numChildren) },
  { title: 'modified', width: 9, text: ({ stat }, style) => (stat === undefined ? '' : style.time(stat.mtime)) },
];

const COLUMNS: readonly Column<TreeZnode>[] = [
  { header: 'path', value: ({ path }) => path },
  { header: 'depth', kind: 'number', value: ({ depth }) => depth },
  { header: 'children', kind: 'number', value: ({ stat }) => stat?.numChildren },
  { header: 'bytes', kind: 'size', value: ({ stat }) => stat?.dataLength },
  { header: 'version', kind: 'number', value: ({ stat }) => stat?.version },
  { header: 'modified', kind: 'time', value: ({ stat }) => stat?.mtime },
  { header: 'ephemeralOwner', kind: 'hex', value: ({ stat }) => stat?.ephemeralOwner },
];
const TOTALS: readonly Column<TreeZnode>[] = [
  { header: 'treeZnodes', kind: 'number', value: ({ totals }) => totals?.znodes },
  { header: 'treeBytes', kind: 'size', value: ({ totals }) => totals?.bytes },
];

export function treeView(look: TreeLook): View<TreeLine, TreeZnode> {
  const wanted = [...(look.counts ? [BELOW] : []), ...(look.sizes ? [SIZE] : []), ...(look.stat ? STAT : [])];
  return {
    text: (item, style) => {
      const gutters = fitting(wanted, style.width);
      if (item.type === 'sum') return sumLine(item, style);
      if (item.type === 'head') return gutters.length === 0 ? undefined : headLine(gutters, style);
      return treeLine(item, style, look, gutters);
    },
    textOnly: ({ type }) => type !== 'znode',
    columns: look.counts || look.sizes ? [...COLUMNS, ...TOTALS] : COLUMNS,
    rows: (item) => (item.type === 'znode' ? [item] : []),
    json: (item) => (item.type === 'znode' ? znodeJson(item) : undefined),
  };
}

function znodeJson({ path, depth, stat, data, totals }: TreeZnode): object {
  const sums = totals && { treeZnodes: totals.znodes, treeBytes: totals.bytes, treeEphemerals: totals.ephemerals };
  return { path, depth, stat: stat && statJson(stat), data, ...sums };
}

interface Piece {
  text: string;
  role?: Role | undefined;
}

function treeLine(item: TreeItem, style: Style, look: TreeLook, gutters: readonly Gutter[]): string {
  const before = gutters.map(({ width, text }) => pad(item.type === 'znode' ? text(item, style) : '', width, 'right'));
  const columns = before.length === 0 ? '' : `${before.join('  ')}  `;
  const branch = branchText(item, look.glyphs, style.width - columns.length);
  const pieces = item.type === 'rest' ? [restPiece(item, look.glyphs)] : znodePieces(item, style, look);
  const cut = style.tty ? fitInto(pieces, style.width - columns.length - branch.length) : pieces;
  const painted = cut.map(({ text, role }) => (role === undefined ? text : style.paint(role, text)));
  return style.paint('dim', columns + branch) + painted.join('');
}

/** The tree is the point: on a narrow terminal the columns behind the first ones give way. */
function fitting(gutters: readonly Gutter[], width: number): readonly Gutter[] {
  let room = width * GUTTERS;
  return gutters.filter((gutter) => {
    room -= gutter.width + 2;
    return room >= 0;
  });
}

function headLine(gutters: readonly Gutter[], style: Style): string {
  const titles = gutters.map(({ title, width }) => pad(title.toUpperCase(), width, 'right'));
  return style.paint('title', [...titles, 'PATH'].join('  '));
}

/** The rails to the left of a name. Where they would take more than half of the terminal, the outer ones are counted. */
function branchText(item: TreeItem, glyphs: BranchGlyphs, width: number): string {
  if (item.depth === 0) return '';
  const { rail, blank, child, lastChild, dots } = glyphs;
  const last = item.type === 'rest' || item.last;
  const most = Number.isFinite(width) ? Math.max(1, Math.floor(width / 8)) : item.rails.length;
  const skipped = Math.max(0, item.rails.length - most);
  const outer = skipped === 0 ? '' : `${dots}${skipped} `;
  const inner = Array.from(item.rails.slice(skipped), (at) => (at === '|' ? rail : blank));
  return outer + inner.join('') + (last ? lastChild : child);
}

function znodePieces(znode: TreeZnode, style: Style, { glyphs, stat: long, data: wanted }: TreeLook): Piece[] {
  const { stat, data, cut, name } = znode;
  const pieces: Piece[] = [{ text: style.name(name), role: roleOf(znode) }];
  if (stat === undefined) return [...pieces, { text: '  not permitted', role: 'bad' }];
  const kind = kindOf(stat);
  if (kind.mode === 'ephemeral') {
    pieces.push({ text: long ? `  (ephemeral ${style.hex(kind.owner)})` : '  (ephemeral)', role: 'dim' });
  } else if (kind.mode !== 'persistent') {
    pieces.push({ text: `  (${kind.mode === 'container' ? 'container' : 'time to live'})`, role: 'dim' });
  }
  if (cut) pieces.push({ text: `  ${glyphs.dots}${long ? '' : ` ${childCount(stat.numChildren)}`}`, role: 'dim' });
  if (wanted && data !== undefined && data !== null) {
    pieces.push({ text: `  ${preview(data, PREVIEW, glyphs.dots)}`, role: 'dim' });
  }
  return pieces;
}

function roleOf({ stat }: TreeZnode): Role | undefined {
  if (stat === undefined) return 'bad';
  if (stat.ephemeralOwner !== 0n && kindOf(stat).mode === 'ephemeral') return 'ephemeral';
  return stat.numChildren > 0 ? 'path' : undefined;
}

function restPiece({ more, leaves, gone }: TreeRest, { dots }: BranchGlyphs): Piece {
  const parts = [
    ...(more > 0 ? [`${count(more)} more`] : []),
    ...(leaves > 0 ? [`${count(leaves)} without children`] : []),
    ...(gone > 0 ? [`${count(gone)} gone meanwhile`] : []),
  ];
  return { text: `${dots} ${parts.join(', ')}`, role: 'dim' };
}

function childCount(children: number): string {
  return children === 1 ? '1 child' : `${count(children)} children`;
}

/** Cuts the name where it leaves too little for what stands behind it, then that. */
function fitInto([name, ...others]: readonly Piece[], room: number): Piece[] {
  if (name === undefined) return [];
  const behind = others.reduce((sum, { text }) => sum + displayWidth(text), 0);
  const cut = { ...name, text: truncate(name.text, room - Math.min(behind, Math.floor(room * BEHIND))) };
  const fitted: Piece[] = [];
  let left = room;
  for (const piece of [cut, ...others]) {
    if (left <= 0) break;
    fitted.push({ ...piece, text: truncate(piece.text, left) });
    left -= displayWidth(piece.text);
  }
  return fitted;
}

function sumLine({ znodes, depth, bytes, ephemerals, unseen }: TreeSum, style: Style): string {
  const parts = [
    `${count(znodes)} ${znodes === 1 ? 'znode' : 'znodes'}`,
    `depth ${count(depth)}`,
    `${style.size(bytes)}${style.tty ? '' : ' bytes'} of data`,
    ...(ephemerals > 0 ? [`${count(ephemerals)} ephemeral`] : []),
    ...(unseen > 0 ? [`at least ${count(unseen)} more not shown`] : []),
  ];
  return `\n${style.paint('dim', parts.join(', '))}`;
}
