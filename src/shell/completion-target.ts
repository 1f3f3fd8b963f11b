import { type Quote, type Token, tokenize, type Word } from './tokenizer.ts';
import type { CommandInfo, ValueInfo } from './vocabulary.ts';

/** What stands at the cursor and what may stand there. */
export interface CompletionTarget {
  /** Offset in the line where the text to be replaced begins. */
  readonly from: number;
  /** The text there with its quotes resolved. */
  readonly typed: string;
  /** The quote that is open at the cursor. */
  readonly open: Quote | undefined;
  /** Words that may stand there. */
  readonly words: readonly string[];
  /** The value that stands there, by name, for what only the ensemble or the contexts know. */
  readonly value: (ValueInfo & { readonly command: string }) | undefined;
}

/** Finds what the cursor is in: a command's name, a flag, a flag's value or an argument. Undefined inside `!` and `|`. */
export function completionTarget(
  line: string,
  cursor: number,
  vocabulary: readonly CommandInfo[],
): CompletionTarget | undefined {
  const before = line.slice(0, cursor);
  const tokens = tokenize(before, true);
  if (tokens.some((token) => token.kind === 'system' && token.end === before.length) || inComment(before, tokens))
    return undefined;
  const last = tokens.at(-1);
  const current =
    last?.kind === 'word' && last.end === cursor && (last.open !== undefined || !/\s$/.test(before)) ? last : undefined;
  const statement = statementWords(current === undefined ? tokens : tokens.slice(0, -1));
  if (statement === undefined) return undefined;
  return targetOf(before, current ?? emptyWord(cursor), statement, vocabulary);
}

function targetOf(
  before: string,
  current: Word,
  words: readonly string[],
  vocabulary: readonly CommandInfo[],
): CompletionTarget {
  const base = { from: current.start, typed: current.value, open: current.open, words: [], value: undefined };
  const command = commandOf(words, vocabulary);
  const names = nextNames(words, vocabulary);
  if (command === undefined)
    return { ...base, words: words[0] === 'help' ? nextNames(words.slice(1), vocabulary) : names };
  if (command.words[0] === 'help') return { ...base, words: nextNames(words.slice(1), vocabulary) };
  const id = command.words.join(' ');
  const rest = words.slice(command.words.length);
  const ended = rest.includes('--');
  const inline = /^(--[\w-]+)=/.exec(current.value);
  if (inline && !ended) {
    const flag = flagOf(command, inline[1] ?? '');
    const from = before.indexOf('=', current.start) + 1;
    return { ...base, from, typed: current.value.slice(inline[0].length), value: flag && { ...flag, command: id } };
  }
  const asking = ended ? undefined : flagOf(command, rest.at(-1) ?? '');
  if (asking?.takesValue) return { ...base, value: { ...asking, command: id } };
  if (current.value.startsWith('-') && current.open === undefined && !ended)
    return { ...base, words: flagWords(command) };
  const arg = command.args[positionals(rest, command)] ?? command.args.at(-1);
  return { ...base, words: names, value: arg && { ...arg, command: id } };
}

/** The words of the statement the cursor is in; undefined where a file name is due. */
function statementWords(tokens: readonly Token[]): string[] | undefined {
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'word') words.push(token.value);
    else words.length = 0;
  }
  const last = tokens.at(-1);
  return last?.kind === 'operator' && last.value.startsWith('>') ? undefined : words;
}

function commandOf(words: readonly string[], vocabulary: readonly CommandInfo[]): CommandInfo | undefined {
  const fits = vocabulary.filter((command) => command.words.every((word, index) => words[index] === word));
  return fits.sort((a, b) => b.words.length - a.words.length)[0];
}

/** Names that can follow: topics and commands at first, then what is in the topic. */
function nextNames(words: readonly string[], vocabulary: readonly CommandInfo[]): string[] {
  const following = vocabulary
    .filter((command) => words.every((word, index) => command.words[index] === word))
    .flatMap((command) => command.words[words.length] ?? []);
  return [...new Set(following)];
}

function flagWords({ flags }: CommandInfo): string[] {
  return flags.flatMap(({ name, char }) => [...(char === undefined ? [] : [`-${char}`]), `--${name}`]);
}

function flagOf({ flags }: CommandInfo, word: string): CommandInfo['flags'][number] | undefined {
  return flags.find(({ name, char }) => word === `--${name}` || (char !== undefined && word === `-${char}`));
}

function positionals(words: readonly string[], command: CommandInfo): number {
  let count = 0;
  for (const [index, word] of words.entries()) {
    if (word.startsWith('-')) continue;
    if (flagOf(command, words[index - 1] ?? '')?.takesValue !== true) count += 1;
  }
  return count;
}

function inComment(before: string, tokens: readonly Token[]): boolean {
  return before
    .slice(tokens.at(-1)?.end ?? 0)
    .trimStart()
    .startsWith('#');
}

function emptyWord(at: number): Word {
  return { kind: 'word', value: '', start: at, end: at, open: undefined };
}
