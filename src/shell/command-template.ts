import { UsageError } from '../protocol/errors.ts';
import { quoteWord } from './quoting.ts';
import { tokenize } from './tokenizer.ts';

const PLACE = '{}';

/** A command with a place for what was found. */
export interface CommandTemplate {
  readonly words: readonly string[];
}

/**
 * Reads a command as it is typed, quotes included. No shell is asked: a path never becomes more than a part of one
 * argument, whatever is in it. Without `{}` the path is the last argument.
 *
 * @throws UsageError `BAD_SYNTAX`, `BAD_USAGE`
 */
export function parseTemplate(text: string): CommandTemplate {
  const words = tokenize(text).map((token) => {
    if (token.kind === 'word') return token.value;
    throw new UsageError(`${JSON.stringify(token.value)} has no meaning in --exec, which starts no shell`, {
      hint: `Quote it if it is an argument; give sh -c '…' _ {} if a shell is wanted.`,
    });
  });
  if (words.length === 0) throw new UsageError('--exec names no command');
  return { words: words.some((word) => word.includes(PLACE)) ? words : [...words, PLACE] };
}

/** Program and arguments for one path. */
export function commandFor({ words }: CommandTemplate, path: string): string[] {
  return words.map((word) => word.replaceAll(PLACE, () => path));
}

/** The command as it could be typed. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}
