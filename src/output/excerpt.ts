import { displayWidth } from './display-width.ts';
import type { Style } from './style.ts';

/** A part of a text: from and to, in UTF-16 units. */
type Span = readonly [from: number, to: number];

const ELLIPSIS = '…';
/** What is shown of a line in any case, however narrow the terminal. */
const LEAST = 20;

/**
 * A line with the matches in it painted. On a terminal it is cut to a number of columns around the first match, so that
 * a value of one long line does not fill the screen.
 */
export function excerpt(text: string, spans: readonly Span[], style: Style, columns: number): string {
  if (!style.tty) return painted(text, spans, [0, text.length], style);
  const room = Math.max(LEAST, columns);
  if (displayWidth(style.name(text)) <= room) return painted(text, spans, [0, text.length], style);
  const [from, to] = windowAround(text, spans[0] ?? [0, 0], room, style);
  const before = from > 0 ? style.paint('dim', ELLIPSIS) : '';
  const after = to < text.length ? style.paint('dim', ELLIPSIS) : '';
  return before + painted(text, spans, [from, to], style) + after;
}

/** As much as there is room for, the match in it: a third of it before the match, unless the text ends sooner. */
function windowAround(text: string, [start]: Span, room: number, style: Style): Span {
  let from = Math.max(0, Math.min(start - Math.floor(room / 3), text.length - room + 2));
  let to = Math.min(text.length, from + room - 2);
  // What is wide, or written as an escape, goes from the longer side.
  while (to > from + 1 && displayWidth(style.name(text.slice(from, to))) > room - 2) {
    if (to - start > start - from) to -= 1;
    else from += 1;
  }
  return [onBoundary(text, from), onBoundary(text, to)];
}

/** Not between the halves of a surrogate pair. */
function onBoundary(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff && at > 0 ? at - 1 : at;
}

function painted(text: string, spans: readonly Span[], [from, to]: Span, style: Style): string {
  let out = '';
  let at = from;
  for (const [start, end] of spans) {
    if (end <= at || start >= to) continue;
    const begin = Math.max(at, start);
    const stop = Math.min(to, end);
    out += style.name(text.slice(at, begin)) + style.paint('bad', style.name(text.slice(begin, stop)));
    at = stop;
  }
  return out + style.name(text.slice(at, to));
}
