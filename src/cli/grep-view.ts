import { displayWidth } from '../output/display-width.ts';
import { excerpt } from '../output/excerpt.ts';
import type { Style } from '../output/style.ts';
import type { View } from '../output/view.ts';
import type { GrepMatch } from '../znodes/grep.ts';
import type { BytesHit, LineHit } from '../znodes/grep-search.ts';

/** What `grep` prints of a znode whose value matches. */
export type GrepItem = { readonly path: string } & (
  | { readonly kind: 'path' }
  | { readonly kind: 'count'; readonly count: number }
  | ({ readonly kind: 'line' } & LineHit)
  | ({ readonly kind: 'bytes' } & BytesHit)
);

/** Which of it. */
export interface GrepShape {
  readonly pathsOnly: boolean;
  readonly count: boolean;
  /** Each match by itself. */
  readonly onlyMatching: boolean;
}

/** One item a line that matches, or fewer, or more. */
export function* grepItems({ path, hits }: GrepMatch, shape: GrepShape): Generator<GrepItem> {
  if (shape.pathsOnly) yield { path, kind: 'path' };
  else if (shape.count) yield { path, kind: 'count', count: hits.hits.length };
  else if (hits.kind === 'bytes') {
    for (const hit of shape.onlyMatching ? hits.hits : hits.hits.slice(0, 1)) yield { path, kind: 'bytes', ...hit };
  } else {
    for (const hit of hits.hits) {
      if (shape.onlyMatching) yield* parts(path, hit, hits.utf8);
      else yield { path, kind: 'line', ...hit };
    }
  }
}

function* parts(path: string, { line, offset, text, spans }: LineHit, utf8: boolean): Generator<GrepItem> {
  const first = spans[0]?.[0] ?? 0;
  let at = first;
  let bytes = offset;
  for (const [from, to] of spans) {
    bytes += utf8 ? Buffer.byteLength(text.slice(at, from)) : from - at;
    at = from;
    if (to > from)
      yield { path, kind: 'line', line, offset: bytes, text: text.slice(from, to), spans: [[0, to - from]] };
  }
}

/** How matches look; with the line numbers, or without. */
export function grepView(numbers: boolean): View<GrepItem> {
  return {
    text: (item, style) => {
      const path = style.paint('path', style.name(item.path));
      const colon = style.paint('dim', ':');
      if (item.kind === 'path') return path;
      if (item.kind === 'count') return path + colon + item.count;
      if (item.kind === 'bytes') return path + colon + style.paint('dim', ` ${bytesText(item)}`);
      const number = numbers ? `${style.paint('number', `${item.line}`)}${colon}` : '';
      return path + colon + number + excerpt(item.text, item.spans, style, room(item.path, numbers, item.line, style));
    },
    columns: [
      { header: 'path', value: ({ path }) => path, role: () => 'path' },
      { header: 'line', kind: 'number', value: (item) => (item.kind === 'line' ? item.line : undefined) },
      { header: 'offset', kind: 'number', value: (item) => ('offset' in item ? item.offset : undefined) },
      { header: 'count', kind: 'number', value: (item) => (item.kind === 'count' ? item.count : undefined) },
      { header: 'text', value: (item) => (item.kind === 'line' ? item.text : undefined) },
    ],
    json: itemJson,
  };
}

function bytesText({ offset }: BytesHit): string {
  return offset === undefined ? 'binary value does not match' : `binary value matches at 0x${offset.toString(16)}`;
}

/** Columns that are left of the line behind the path. */
function room(path: string, numbers: boolean, line: number, style: Style): number {
  return style.width - displayWidth(style.name(path)) - 1 - (numbers ? `${line}:`.length : 0);
}

function itemJson(item: GrepItem): Record<string, unknown> {
  const { path } = item;
  if (item.kind === 'path') return { path };
  if (item.kind === 'count') return { path, count: item.count };
  if (item.kind === 'bytes') return { path, offset: item.offset, binary: true };
  const { line, offset, text, spans } = item;
  return { path, line, offset, text, matches: spans.map(([from, to]) => text.slice(from, to)) };
}
