import { type PropertiesFile, printProperties, setProperty } from '../properties-file.ts';

/** A value that a key of a file shall have. */
export interface Edit {
  readonly key: string;
  readonly value: string;
}

/** A file with other values: comments, order, line ends and every byte of other lines stay. */
export function editedFile(file: PropertiesFile, edits: readonly Edit[]): PropertiesFile {
  return edits.reduce((edited, { key, value }) => setProperty(edited, key, value), file);
}

const CONTEXT = 3;

interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  /** With its line feed, where it has one. */
  readonly text: string;
}

/**
 * The difference between a file and what `editedFile` made of it, as `patch` takes it; empty where nothing differs. Text is
 * Latin-1, a character a byte, as the file was read.
 *
 * @param path stands in the head, for `patch -p0`
 */
export function unifiedDiff(path: string, before: PropertiesFile, after: PropertiesFile): string {
  const hunks = hunksOf(diffLines(before, after));
  // A name with a blank ends at a tab, by which patch tells it from a date.
  const name = /\s/.test(path) ? `${path}\t` : path;
  return hunks.length === 0 ? '' : `--- ${name}\n+++ ${name}\n${hunks.join('')}`;
}

/** An edit keeps the pieces of a file in their places, and appends at its end. */
function diffLines(before: PropertiesFile, after: PropertiesFile): DiffLine[] {
  const lines: DiffLine[] = [];
  let from = 0;
  for (let end = 1; end <= before.length; end += 1) {
    // Lines of patch end with a line feed; a piece that ends with a CR alone is part of one.
    if (end < before.length && before[end - 1]?.raw.endsWith('\n') !== true) continue;
    const [old, now] = [printProperties(before.slice(from, end)), printProperties(after.slice(from, end))];
    lines.push(...(old === now ? signed(' ', old) : [...signed('-', old), ...signed('+', now)]));
    from = end;
  }
  return [...lines, ...signed('+', printProperties(after.slice(before.length)))].reduce(joinedTail, []);
}

/** What was appended to a line without a line feed is part of that line. */
function joinedTail(lines: DiffLine[], line: DiffLine): DiffLine[] {
  const last = lines.at(-1);
  if (line.sign !== '+' || last === undefined || last.text.endsWith('\n')) return [...lines, line];
  if (last.sign === '-') return [...lines, line];
  const whole: DiffLine = { sign: '+', text: `${last.text}${line.text}` };
  return [...lines.slice(0, -1), ...(last.sign === ' ' ? [{ ...last, sign: '-' as const }] : []), whole];
}

function signed(sign: DiffLine['sign'], text: string): DiffLine[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => ({ sign, text: line }));
}

function hunksOf(lines: readonly DiffLine[]): string[] {
  const changed = lines.flatMap(({ sign }, i) => (sign === ' ' ? [] : [i]));
  const ranges: [number, number][] = [];
  for (const i of changed) {
    const last = ranges.at(-1);
    const [start, end] = [Math.max(0, i - CONTEXT), Math.min(lines.length, i + CONTEXT + 1)];
    if (last !== undefined && start <= last[1]) last[1] = end;
    else ranges.push([start, end]);
  }
  return ranges.map(([start, end]) => hunk(lines, start, end));
}

function hunk(lines: readonly DiffLine[], start: number, end: number): string {
  const count = (from: number, to: number, not: DiffLine['sign']): number =>
    lines.slice(from, to).filter(({ sign }) => sign !== not).length;
  const range = (not: DiffLine['sign']): string => {
    const [before, length] = [count(0, start, not), count(start, end, not)];
    return `${length === 0 ? before : before + 1},${length}`;
  };
  const body = lines
    .slice(start, end)
    .map(({ sign, text }) => `${sign}${text}${text.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`);
  return `@@ -${range('+')} +${range('-')} @@\n${body.join('')}`;
}
