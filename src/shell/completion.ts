import { contextsFile, loadContexts } from '../cli/contexts.ts';
import type { Io } from '../cli/io.ts';
import { resolveZnodePath } from '../cli/resolve-path.ts';
import type { Client } from '../client/client.ts';
import { displayWidth } from '../output/display-width.ts';
import { escapeControl } from '../output/text-safety.ts';
import { type CompletionTarget, completionTarget } from './completion-target.ts';
import type { Completion } from './line-editor.ts';
import { closing, openWord, quoteFor } from './quoting.ts';
import type { ShellScope } from './scope.ts';
import { inHome } from './system-command.ts';
import type { Quote } from './tokenizer.ts';
import { type CommandInfo, vocabularyOf } from './vocabulary.ts';

/** An answer later than this is of no use to somebody typing. Milliseconds. */
const LIVE_LIMIT = 2000;
/** More candidates than this are counted, not listed. */
const MAX_SHOWN = 200;

/** One thing that may stand at the cursor. */
interface Candidate {
  readonly value: string;
  /** More may follow within the same word: a parent znode. */
  readonly goesOn: boolean;
}

/** What Tab does at this place in the line; asks the ensemble where it must. */
export async function complete(line: string, cursor: number, scope: ShellScope): Promise<Completion | undefined> {
  const target = completionTarget(line, cursor, vocabulary(scope));
  if (target === undefined) return undefined;
  const options = Array.isArray(target.value) ? target.value : [];
  const fixed = [...target.words, ...options].map((value) => ({ value, goesOn: false }));
  const live = await liveCandidates(target, scope).catch(() => []);
  const fitting = [...fixed, ...live].filter(({ value }) => value.startsWith(target.typed));
  return fitting.length === 0 ? undefined : chooseCompletion(target, await settleSingle(fitting, scope));
}

/** The completion among candidates that all begin with what is typed. */
export function chooseCompletion(target: CompletionTarget, candidates: readonly Candidate[]): Completion {
  const values = [...new Set(candidates.map(({ value }) => value))].sort();
  const [only] = values.length === 1 ? candidates : [];
  const text = commonPrefix(values);
  const quote = text === '' ? target.open : quoteThatHolds(text, target.open);
  const opened = quote === undefined ? text : openWord(text, quote);
  const done = only !== undefined && !only.goesOn;
  const shown = values.slice(0, MAX_SHOWN).map((value) => escapeControl(lastPart(value)));
  if (values.length > MAX_SHOWN) shown.push(`… ${values.length - MAX_SHOWN} more`);
  return { from: target.from, text: done ? `${opened}${quote ? closing(quote) : ''} ` : opened, candidates: shown };
}

/** Candidates in columns, filled downwards as `ls` does. */
export function layOut(candidates: readonly string[], columns: number): string {
  const width = Math.max(...candidates.map(displayWidth)) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(candidates.length / perRow);
  return Array.from({ length: rows }, (_, row) =>
    candidates
      .filter((_candidate, index) => index % rows === row)
      .map((text) => text + ' '.repeat(width - displayWidth(text)))
      .join('')
      .trimEnd(),
  ).join('\n');
}

const vocabularies = new WeakMap<ShellScope['config'], CommandInfo[]>();

function vocabulary({ config }: ShellScope): CommandInfo[] {
  const known = vocabularies.get(config) ?? vocabularyOf(config);
  vocabularies.set(config, known);
  return known;
}

async function liveCandidates(target: CompletionTarget, scope: ShellScope): Promise<Candidate[]> {
  const { value, typed } = target;
  if (value === 'context') return contexts(scope);
  if (value === 'file') return files(typed, scope.io);
  const client = scope.session.ready;
  if (client === undefined) return [];
  if (value === 'member') return members(client);
  return value === 'path' || typed.startsWith('/') ? children(client, typed, scope.cwd) : [];
}

async function files(typed: string, io: Io): Promise<Candidate[]> {
  const { readdir } = await import('node:fs/promises');
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const entries = await readdir(folder === '' ? '.' : inHome(folder, io), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith('.') || typed.slice(folder.length).startsWith('.'))
    .map((entry) => {
      const isFolder = entry.isDirectory();
      return { value: folder + entry.name + (isFolder ? '/' : ''), goesOn: isFolder };
    });
}

async function contexts({ io }: ShellScope): Promise<Candidate[]> {
  const { contexts: known } = await loadContexts(contextsFile(io.env));
  return Object.keys(known).map((value) => ({ value, goesOn: false }));
}

async function members(client: Client): Promise<Candidate[]> {
  const { data } = await client.getConfig({ signal: AbortSignal.timeout(LIVE_LIMIT) });
  const ids = Array.from((data ?? '').toString().matchAll(/^server\.(\d+)=/gm), (match) => match[1] ?? '');
  return ids.map((value) => ({ value, goesOn: false }));
}

async function children(client: Client, typed: string, cwd: string): Promise<Candidate[]> {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const path = resolveZnodePath(folder === '' ? '.' : folder, cwd);
  const found = await client.getChildren(path, { signal: AbortSignal.timeout(LIVE_LIMIT) });
  return found.children.map((child) => ({ value: folder + child, goesOn: true }));
}

/** A single znode is followed by a slash where it has children, by a blank where it has none. */
async function settleSingle(fitting: readonly Candidate[], scope: ShellScope): Promise<readonly Candidate[]> {
  const [only, ...others] = fitting;
  const client = scope.session.ready;
  if (only === undefined || others.length > 0 || !only.goesOn || client === undefined) return fitting;
  if (only.value.endsWith('/')) return fitting;
  const path = resolveZnodePath(only.value, scope.cwd);
  const stat = await client.exists(path, { signal: AbortSignal.timeout(LIVE_LIMIT) }).catch(() => undefined);
  return stat !== undefined && stat.numChildren > 0
    ? [{ value: `${only.value}/`, goesOn: true }]
    : [{ value: only.value, goesOn: false }];
}

/** The quote already open, as long as it can hold the text. */
function quoteThatHolds(text: string, open: Quote | undefined): Quote | undefined {
  const needed = quoteFor(text);
  if (open === undefined || needed === "$'") return needed;
  return open === "'" && text.includes("'") ? needed : open;
}

function commonPrefix(values: readonly string[]): string {
  const [first = '', ...others] = values.map((value) => Array.from(value));
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && other[same] === first[same]) same += 1;
    length = same;
  }
  return Array.from(first).slice(0, length).join('');
}

function lastPart(value: string): string {
  return value.slice(value.lastIndexOf('/', value.length - 2) + 1);
}
