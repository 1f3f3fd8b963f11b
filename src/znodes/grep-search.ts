import { isUtf8 } from 'node:buffer';
import type { Pattern } from './grep-pattern.ts';

export interface SearchOptions {
  /** What does not match is what is looked for. */
  invert?: boolean | undefined;
  /** Search lines in bytes that are no text too. */
  asText?: boolean | undefined;
  /** Matches after which a value is left. */
  max?: number | undefined;
}

/** A line of text that matches. */
export interface LineHit {
  /** From 1. */
  readonly line: number;
  /** Where the first match begins, or without one the line: in bytes of the value. */
  readonly offset: number;
  readonly text: string;
  /** Matches in the text, each from and to; empty where lines that do not match are looked for. */
  readonly spans: readonly (readonly [from: number, to: number])[];
}

/** Bytes that match in a value that is no text. */
export interface BytesHit {
  /** Undefined where values that do not match are looked for. */
  readonly offset: number | undefined;
  /** How many bytes match. */
  readonly length: number;
}

/** Where a value matches: at least once, else it is not there. */
export type Hits =
  /** With `utf8` the lines are text; without it, each of their characters is a byte. */
  | { readonly kind: 'lines'; readonly utf8: boolean; readonly hits: readonly LineHit[] }
  | { readonly kind: 'bytes'; readonly hits: readonly BytesHit[] };

/** Looks through the bytes of a znode. Undefined where nothing matches. */
export function searchBytes(data: Buffer, pattern: Pattern, options: SearchOptions = {}): Hits | undefined {
  const { invert = false, asText = false, max = Number.POSITIVE_INFINITY } = options;
  if (data.length === 0) return undefined;
  if (!invert && pattern.needle !== undefined && !data.includes(pattern.needle)) return undefined;
  const utf8 = isUtf8(data);
  if (pattern.hex || !(asText || (utf8 && !data.includes(0)))) return bytesOf(bytesHits(data, pattern, invert, max));
  const text = data.toString(utf8 ? 'utf8' : 'latin1');
  return linesOf(lineHits(text, utf8 ? pattern.text : pattern.bytes, { invert, max, utf8 }), utf8);
}

/** Looks through a text that is no znode's whole value. */
export function searchText(text: string, pattern: Pattern, options: SearchOptions = {}): Hits | undefined {
  const { invert = false, max = Number.POSITIVE_INFINITY } = options;
  return linesOf(lineHits(text, pattern.text, { invert, max, utf8: true }), true);
}

function linesOf(hits: readonly LineHit[], utf8: boolean): Hits | undefined {
  return hits.length === 0 ? undefined : { kind: 'lines', utf8, hits };
}

function bytesOf(hits: readonly BytesHit[]): Hits | undefined {
  return hits.length === 0 ? undefined : { kind: 'bytes', hits };
}

function bytesHits(data: Buffer, { bytes }: Pattern, invert: boolean, max: number): BytesHit[] {
  const text = data.toString('latin1');
  bytes.lastIndex = 0;
  if (invert) return bytes.test(text) ? [] : [{ offset: undefined, length: 0 }];
  const hits: BytesHit[] = [];
  for (const { index, 0: found } of text.matchAll(bytes)) {
    hits.push({ offset: index, length: found.length });
    if (hits.length >= max) break;
  }
  return hits;
}

function lineHits(
  text: string,
  regExp: RegExp,
  { invert, max, utf8 }: { invert: boolean; max: number; utf8: boolean },
): LineHit[] {
  const hits: LineHit[] = [];
  let counted = 0;
  let bytes = 0;
  const offsetOf = (at: number): number => {
    if (!utf8) return at;
    bytes += Buffer.byteLength(text.slice(counted, at));
    counted = at;
    return bytes;
  };
  let number = 1;
  for (let start = 0; start < text.length && hits.length < max; number++) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const line = text.slice(start, end);
    const spans = spansOf(line, regExp, invert);
    if (spans !== undefined)
      hits.push({ line: number, offset: offsetOf(start + (spans[0]?.[0] ?? 0)), text: line, spans });
    start = end + 1;
  }
  return hits;
}

/** Undefined where the line is not one of those looked for. */
function spansOf(line: string, regExp: RegExp, invert: boolean): [number, number][] | undefined {
  regExp.lastIndex = 0;
  if (regExp.test(line) === invert) return undefined;
  if (invert) return [];
  // matchAll begins where `test` has ended otherwise.
  regExp.lastIndex = 0;
  return Array.from(line.matchAll(regExp), ({ index, 0: found }) => [index, index + found.length]);
}
