import { UsageError } from '../protocol/errors.ts';

const PLAIN = /^[A-Za-z0-9_/.:@%+,=-]+$/;

/** One word for a POSIX shell, whatever is in it. @throws UsageError for a NUL, which no argument can hold */
function quoteForShell(word: string): string {
  if (word.includes('\0')) throw new UsageError('an argument of a command holds a NUL', { code: 'BAD_ARGUMENT' });
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for a POSIX shell that means exactly these arguments. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(quoteForShell).join(' ');
}
