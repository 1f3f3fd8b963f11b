import { type Quote, type Token, tokenize } from './tokenizer.ts';
import type { CommandInfo, ShellValue } from './vocabulary.ts';

/** What stands at the cursor and what may stand there. */
export interface CompletionTarget {
  /** Offset in the line where the text to be replaced begins. */
  readonly from: number;
  /** The text there with its quotes resolved. */
  readonly typed: string;
  /** The quote that is open at the cursor. */
  readonly open: Quote | undefined;
  /** Names of commands and flags that may stand there. */
  readonly words: readonly string[];
  /** What kind of value may stand there. */
  readonly value: ShellValue;
}

/** Finds what the cursor is in: a command's name, a flag, a flag's value or an argument. Undefined inside `!` and `|`. */
export function completionTarget(
  line: string,
  cursor: number,
  vocabulary: readonly CommandInfo[],
): CompletionTarget | undefined {
  const before = line.slice(0, cursor);
  const tokens = tokenize(before, true);
  if (inSystemText(before, tokens) || inComment(before, tokens)) return undefined;
  const last = tokens.at(-1);
  const current = last?.kind === 'word' && last.end === cursor ? last : undefined;
  const rest = current === undefined ? tokens : tokens.slice(0, -1);
  const place = { from: current?.start ?? cursor, typed: current?.value ?? '', open: current?.open };
  const operator = rest.at(-1);
  if (operator?.kind === 'operator' && operator.value.startsWith('>')) return { ...place, words: [], value: 'file' };
  return targetOf(before, place, wordsOfStatement(rest), vocabulary);
}

type Place = Pick<CompletionTarget, 'from' | 'typed' | 'open'>;

function targetOf(
  before: string,
  place: Place,
  words: readonly string[],
  vocabulary: readonly CommandInfo[],
): CompletionTarget {
  const following = nextNames(words, vocabulary);
  const command = commandOf(words, vocabulary);
  if (command === undefined) return { ...place, words: following, value: 'none' };
  const args = words.slice(command.name.split(' ').length);
  const ended = args.includes('--');
  if (!ended) {
    const asking = flagOf(command, args.at(-1));
    if (asking?.value !== undefined) return { ...place, words: [], value: asking.value };
    const inline = inlineValue(before, place, command);
    if (inline !== undefined) return inline;
    if (place.typed.startsWith('-') && place.open === undefined) {
      return { ...place, words: command.flags.flatMap((flag) => flag.words), value: 'none' };
    }
  }
  const value = command.args[positionals(args, command)] ?? command.args.at(-1) ?? 'none';
  if (value === 'command') return { ...place, words: nextNames(args, vocabulary), value: 'none' };
  return { ...place, words: following, value };
}

/** `--context=pr`: what comes after the `=`. */
function inlineValue(before: string, place: Place, command: CommandInfo): CompletionTarget | undefined {
  const [head, name] = /^(--[\w-]+)=/.exec(place.typed) ?? [];
  const flag = head === undefined ? undefined : flagOf(command, name);
  if (head === undefined || flag?.value === undefined) return undefined;
  const from = before.indexOf('=', place.from) + 1;
  return { from, typed: place.typed.slice(head.length), open: place.open, words: [], value: flag.value };
}

function wordsOfStatement(tokens: readonly Token[]): string[] {
  const start = tokens.findLastIndex((token) => token.kind !== 'word') + 1;
  return tokens.slice(start).map((token) => token.value);
}

/** The longest name that the words begin with. */
function commandOf(words: readonly string[], vocabulary: readonly CommandInfo[]): CommandInfo | undefined {
  const typed = `${words.join(' ')} `;
  const fitting = vocabulary.filter(({ name }) => typed.startsWith(`${name} `));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0];
}

/** Names that can follow: topics and commands at first, then what is in the topic. */
function nextNames(words: readonly string[], vocabulary: readonly CommandInfo[]): string[] {
  const following = vocabulary.flatMap(({ name }) => {
    const parts = name.split(' ');
    return words.every((word, index) => parts[index] === word) ? (parts[words.length] ?? []) : [];
  });
  return [...new Set(following)];
}

function flagOf({ flags }: CommandInfo, word: string | undefined): CommandInfo['flags'][number] | undefined {
  return word === undefined ? undefined : flags.find(({ words }) => words.includes(word));
}

function positionals(words: readonly string[], command: CommandInfo): number {
  return words.filter((word, index) => !word.startsWith('-') && flagOf(command, words[index - 1])?.value === undefined)
    .length;
}

function inSystemText(before: string, tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  return last?.kind === 'system' && last.end === before.length;
}

function inComment(before: string, tokens: readonly Token[]): boolean {
  return before
    .slice(tokens.at(-1)?.end ?? 0)
    .trimStart()
    .startsWith('#');
}
