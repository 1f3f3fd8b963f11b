import { UsageError } from '../../protocol/errors.ts';
import { entriesOf, parseProperties } from '../properties-file.ts';

/** What a patch does to one key; undefined where it is not set. */
export interface KeyEdit {
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/** Whether a text is a unified diff, which no configuration file can be mistaken for. */
export function isPatch(text: string): boolean {
  return /^--- .*\r?\n\+\+\+ .*\r?\n@@ /m.test(text);
}

/**
 * Reads a unified diff of one zoo.cfg as edits of its keys: files of the members differ in what surrounds them, and so the
 * lines around a change are not compared. Comments are left out.
 *
 * @throws UsageError `BAD_PATCH`
 */
export function patchEdits(path: string, text: string): KeyEdit[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.filter((line, i) => isHead(lines, line, i)).length !== 1)
    throw bad(path, 'it is of several files; one zoo.cfg is wanted');
  const edits = new Map<string, KeyEdit>();
  for (let at = lines.findIndex((line) => HUNK.test(line)); at < lines.length; ) {
    const { end, minus, plus } = readHunk(path, lines, at);
    for (const edit of editsOf(minus, plus)) {
      if (edits.has(edit.key)) throw bad(path, `${edit.key} stands in it twice`);
      edits.set(edit.key, edit);
    }
    at = end;
  }
  return [...edits.values()];
}

function isHead(lines: readonly string[], line: string, i: number): boolean {
  return line.startsWith('--- ') && (lines[i + 1]?.startsWith('+++ ') ?? false);
}

function readHunk(path: string, lines: readonly string[], at: number): { end: number; minus: string; plus: string } {
  const head = HUNK.exec(lines[at] ?? '');
  if (head === null) throw bad(path, `line ${at + 1} begins no hunk`);
  let [old, now] = [Number(head[1] ?? 1), Number(head[2] ?? 1)];
  let [minus, plus] = ['', ''];
  let continued = false;
  let end = at + 1;
  for (; old > 0 || now > 0; end += 1) {
    const line = lines[end] ?? '';
    const [sign, rest] = [line[0] ?? ' ', line.slice(1)];
    if (end >= lines.length || !' -+\\'.includes(sign)) throw bad(path, `line ${end + 1} is not of its hunk`);
    if (sign === '\\') continue;
    // A value over several lines, of which the patch shows a part, cannot be read as a key.
    if (continued && sign !== ' ') throw bad(path, `line ${end + 1} changes a part of a value over several lines`);
    if (sign !== '+') old -= 1;
    if (sign !== '-') now -= 1;
    if (sign === '-') minus += `${rest}\n`;
    if (sign === '+') plus += `${rest}\n`;
    continued = isContinued(rest);
  }
  if (old < 0 || now < 0) throw bad(path, `the hunk at line ${at + 1} is not as long as it says`);
  if (lines[end]?.startsWith('\\') === true) end += 1;
  return { end, minus, plus };
}

function isContinued(line: string): boolean {
  return (/(\\*)\r?$/.exec(line)?.[1]?.length ?? 0) % 2 === 1;
}

function editsOf(minus: string, plus: string): KeyEdit[] {
  const [before, after] = [minus, plus].map(
    (text) => new Map(entriesOf(parseProperties(text)).map(({ key, value }) => [key.trim(), value.trim()])),
  );
  const keys = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...keys]
    .map((key) => ({ key, from: before?.get(key), to: after?.get(key) }))
    .filter(({ from, to }) => from !== to);
}

function bad(path: string, why: string): UsageError {
  return new UsageError(`${path} is no patch that can be applied: ${why}`, {
    code: 'BAD_PATCH',
    hint: 'Give a unified diff of one zoo.cfg, such as "config tune FILE --patch" prints, or a whole zoo.cfg.',
  });
}
