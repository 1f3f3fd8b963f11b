import type { Interfaces } from '@oclif/core';
import { UsageError } from '../protocol/errors.ts';
import { nearest } from './suggest.ts';

/** Who knows the commands: oclif's Config, or less. */
interface Commands {
  findCommand(id: string): { readonly id: string } | undefined;
}

/** The longest run of words that names a command: `member add`, then `member`. */
export function findCommand(config: Commands, words: readonly string[]): { id?: string; rest: string[] } {
  let length = words.findIndex((word) => word.startsWith('-'));
  if (length === -1) length = words.length;
  // No command is more than three words deep.
  for (let n = Math.min(length, 3); n > 0; n -= 1) {
    const found = config.findCommand(words.slice(0, n).join(':'));
    if (found !== undefined) return { id: found.id, rest: words.slice(n) };
  }
  return { rest: [...words] };
}

/** The error for words that name no command, with the likeliest ones meant. */
export function unknownCommand(config: Interfaces.Config, words: readonly string[]): UsageError {
  const typed = words.filter((word) => !word.startsWith('-')).slice(0, 2);
  const known = config.commands.filter((command) => command.hidden !== true).map(({ id }) => id.replaceAll(':', ' '));
  const isTopic = config.findTopic(typed[0] ?? '') !== undefined;
  const name = isTopic ? typed.join(' ') : (typed[0] ?? '');
  const likely = nearest(name, known);
  return new UsageError(`there is no command "${name}"`, {
    code: 'NO_COMMAND',
    hint: likely.length > 0 ? `Did you mean ${likely.join(' or ')}?` : 'See zksh help.',
  });
}
