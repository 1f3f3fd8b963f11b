import { hex64 } from '../protocol/zxid.ts';
import { displayWidth, truncate } from './display-width.ts';
import { type BytesForm, bytesToText, escapeControl, escapeControlKeepingLines } from './text-safety.ts';
import { type Paint, ROLES, type Role } from './theme.ts';
import { byteSize, relativeTime, rfc3339 } from './times.ts';

/** What is known about where text goes. */
export interface StyleOptions {
  /** A person reads it on a terminal: relative times, human sizes, control characters escaped. */
  tty: boolean;
  /** Columns of the terminal; Infinity in a pipe. */
  width: number;
  /** Milliseconds since the epoch that relative times count from. */
  now: number;
  /** Adds colour; absent = no colour. */
  paint?: Paint | undefined;
}

/**
 * What a view writes its text with. A painted piece carries marks instead of terminal codes until `finish`, so that a
 * view can be pure and synchronous, and so that no byte that came from a znode can ever be taken for a code of ours.
 */
export interface Style {
  readonly tty: boolean;
  readonly width: number;
  readonly now: number;
  /** Marks a text with its meaning. */
  paint(role: Role, text: string): string;
  /** A name from the ensemble inside a line of our layout: on a terminal its line feeds and tabs are escaped too. */
  name(text: string): string;
  /** A moment in milliseconds since the epoch: relative on a terminal, RFC 3339 in a pipe. */
  time(epochMs: number | bigint): string;
  /** A number of bytes: with a unit on a terminal, plain in a pipe. */
  size(bytes: number | bigint): string;
  /** A zxid or session id: `0x…`. */
  hex(value: bigint | number): string;
  /** The bytes of a znode as text. */
  data(bytes: Uint8Array, form?: BytesForm): string;
  /** Escapes what a terminal must not see and turns the marks into colour: the last step before the sink. */
  finish(text: string): string;
}

// Unicode noncharacters: never part of anybody's text. Should data hold them all the same, they can choose a colour, no more.
const OPEN = '\ufdd0';
const CLOSE = '\ufdd1';
const FIRST_ROLE = 0xfdd2;
const ALL_MARKS = /\ufdd0[\ufdd2-\ufdef]|\ufdd1/g;
const MARKS = /(\ufdd0[\ufdd2-\ufdef]|\ufdd1)/;

/** A style for one stream. */
export function createStyle(options: StyleOptions): Style {
  const { tty, width, now } = options;
  return {
    tty,
    width,
    now,
    paint: (role, text) => `${OPEN}${String.fromCharCode(FIRST_ROLE + ROLES.indexOf(role))}${text}${CLOSE}`,
    name: (text) => (tty ? escapeControl(text) : text),
    time: (epochMs) => (tty ? relativeTime(epochMs, now) : rfc3339(epochMs)),
    size: (bytes) => (tty ? byteSize(bytes) : `${bytes}`),
    hex: (value) => hex64(BigInt(value)),
    data: bytesToText,
    finish: (text) => resolveMarks(tty ? escapeControlKeepingLines(text) : text, options.paint),
  };
}

/** How many columns of a terminal a line with marks in it takes. */
export function paintedWidth(line: string): number {
  return displayWidth(line.replaceAll(ALL_MARKS, ''));
}

/** Cuts a line with marks in it to a number of columns of the terminal; what is painted stays painted. */
export function clip(line: string, width: number): string {
  let left = width;
  return line
    .split(MARKS)
    .map((piece) => {
      if (piece.startsWith(OPEN) || piece === CLOSE) return piece;
      const cut = truncate(piece, left);
      left -= displayWidth(cut);
      return cut;
    })
    .join('');
}

function resolveMarks(text: string, paint: Paint | undefined): string {
  if (!text.includes(OPEN) && !text.includes(CLOSE)) return text;
  const roles: Role[] = [];
  let out = '';
  for (const piece of text.split(MARKS)) {
    if (piece === CLOSE) roles.pop();
    else if (piece.startsWith(OPEN)) roles.push(ROLES[piece.charCodeAt(1) - FIRST_ROLE] ?? 'dim');
    else out += paintPiece(piece, roles.at(-1), paint);
  }
  return out;
}

function paintPiece(piece: string, role: Role | undefined, paint: Paint | undefined): string {
  return piece === '' || role === undefined || paint === undefined ? piece : paint(role, piece);
}
