import { escapeKey, escapeValue, readKeyValue } from './properties-line.ts';

/** A piece of a properties file: what it says, and the very text that says it. */
type Piece =
  | { readonly kind: 'blank' | 'comment'; readonly line: number; readonly raw: string }
  | ({ readonly kind: 'entry' } & PropertyEntry)
  /** Java refuses a file that holds one of these: `\u` without four hexadecimal digits. */
  | { readonly kind: 'malformed'; readonly line: number; readonly raw: string };

/** One `key=value`, which may be continued over several lines. */
export interface PropertyEntry {
  readonly key: string;
  readonly value: string;
  /** Its first line, counted from 1. */
  readonly line: number;
  readonly raw: string;
  /** What of `raw` stands before the value, and what stands after it (the line end). */
  readonly before: string;
  readonly after: string;
}

/** A properties file, piece by piece; the pieces' `raw` joined are the file. */
export type PropertiesFile = readonly Piece[];

/**
 * Reads a properties file without losing anything. The text is Latin-1, a character a byte, as java.util.Properties
 * takes it: read it from disk with that encoding, and any bytes survive the round trip.
 */
export function parseProperties(text: string): PropertiesFile {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const pieces: Piece[] = [];
  for (let at = 0; at < lines.length; ) {
    const { piece, taken } = readPiece(lines, at);
    pieces.push(piece);
    at += taken;
  }
  return pieces;
}

/** The text of a properties file, byte for byte what was read where nothing was changed. */
export function printProperties(file: PropertiesFile): string {
  return file.map(({ raw }) => raw).join('');
}

export function entriesOf(file: PropertiesFile): PropertyEntry[] {
  return file.filter((piece) => piece.kind === 'entry');
}

/**
 * Gives a key a value: the last entry of that name, which is the one that counts, keeps everything but its value; a new
 * key goes to the end.
 */
export function setProperty(file: PropertiesFile, key: string, value: string): PropertiesFile {
  const at = file.findLastIndex((piece) => piece.kind === 'entry' && piece.key === key);
  const old = file[at];
  if (old?.kind === 'entry') return file.with(at, withValue(old, value));
  const end = lineEndOf(file);
  const last = file.at(-1);
  const closed = last === undefined || /[\r\n]$/.test(last.raw);
  // A file without a last line end stays one. Behind a dangling backslash an empty line keeps the two apart.
  const spoken = last?.kind === 'entry' || last?.kind === 'malformed';
  const dangling = spoken && (/(\\*)[\r\n]*$/.exec(last.raw)?.[1]?.length ?? 0) % 2 === 1;
  const gap = `${closed ? '' : end}${dangling ? end : ''}`;
  const head = last === undefined ? file : file.with(-1, { ...last, raw: `${last.raw}${gap}` });
  const line = countLines(printProperties(head)) + 1;
  const raw = `${escapeKey(key)}=${escapeValue(value)}${closed ? end : ''}`;
  return [...head, ...parseProperties(raw).map((piece) => ({ ...piece, line }))];
}

/** Takes a key out, with all entries of that name. */
export function removeProperty(file: PropertiesFile, key: string): PropertiesFile {
  return file.filter((piece) => piece.kind !== 'entry' || piece.key !== key);
}

function withValue(entry: PropertyEntry, value: string): Piece {
  const raw = `${entry.before}${escapeValue(value)}${entry.after}`;
  const [kept] = parseProperties(raw);
  const fits = kept?.kind === 'entry' && kept.key === entry.key && kept.value === value && kept.raw === raw;
  // `a` alone has no separator, and that of `a\ ` is part of its key.
  const before = fits ? entry.before : `${escapeKey(entry.key)}=`;
  return { ...entry, kind: 'entry', value, before, raw: fits ? raw : `${before}${escapeValue(value)}${entry.after}` };
}

function readPiece(lines: readonly string[], at: number): { piece: Piece; taken: number } {
  const first = lines[at] ?? '';
  const line = at + 1;
  const text = first.replace(/[\r\n]+$/, '').replace(/^[ \t\f]+/, '');
  if (text === '') return { piece: { kind: 'blank', line, raw: first }, taken: 1 };
  if (/^[#!]/.test(text)) return { piece: { kind: 'comment', line, raw: first }, taken: 1 };
  // A backslash alone continues nothing: LineReader begins afresh with the next line. At the end of the file it takes
  // the line for an empty key, unless CR LF ends it.
  if (text === '\\' && (at + 1 < lines.length || first.endsWith('\r\n')))
    return { piece: { kind: 'blank', line, raw: first }, taken: 1 };
  const { logical, places, raw, after, taken } = joinContinued(lines, at);
  const read = readKeyValue(logical);
  if (read === undefined) return { piece: { kind: 'malformed', line, raw }, taken };
  const before = raw.slice(0, places[read.valueStart] ?? raw.length - after.length);
  return { piece: { kind: 'entry', key: read.key, value: read.value, line, raw, before, after }, taken };
}

/** Joins a line with those that continue it; `places` says where each character of the joined line stands in `raw`. */
function joinContinued(lines: readonly string[], at: number) {
  let [logical, raw, after, taken] = ['', '', '', 0];
  const places: number[] = [];
  for (let next = at; next < lines.length; next += 1) {
    const whole = lines[next] ?? '';
    const end = /[\r\n]*$/.exec(whole)?.[0] ?? '';
    const body = whole.slice(0, whole.length - end.length);
    const indent = /^[ \t\f]*/.exec(body)?.[0].length ?? 0;
    const continued = (/\\*$/.exec(body.slice(indent))?.[0].length ?? 0) % 2 === 1;
    const text = body.slice(indent, continued ? -1 : undefined);
    for (let i = 0; i < text.length; i += 1) places.push(raw.length + indent + i);
    logical += text;
    raw += whole;
    after = continued ? `\\${end}` : end;
    taken += 1;
    if (!continued) break;
  }
  return { logical, places, raw, after, taken };
}

/** The last line end, so that what is appended to a CR is another CR, not the LF that would join it. */
function lineEndOf(file: PropertiesFile): string {
  return (
    printProperties(file)
      .match(/\r\n|\r|\n/g)
      ?.at(-1) ?? '\n'
  );
}

function countLines(raw: string): number {
  return raw.match(/\r\n|\r|\n/g)?.length ?? 0;
}
