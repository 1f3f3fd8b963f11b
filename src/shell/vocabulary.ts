import type { Interfaces } from '@oclif/core';
import { SHELL_WORDS } from './words.ts';

/** What completion knows of a command. */
export interface CommandInfo {
  /** `['context', 'use']`. */
  readonly words: readonly string[];
  readonly flags: readonly FlagInfo[];
  readonly args: readonly ValueInfo[];
}

/** What a value is called, and what it may be where that is a list. */
export interface ValueInfo {
  readonly name: string;
  readonly options: readonly string[];
}

export interface FlagInfo extends ValueInfo {
  readonly char: string | undefined;
  readonly takesValue: boolean;
}

/** The shell's own words as if they were commands. */
const SHELL_COMMANDS: readonly CommandInfo[] = Object.keys(SHELL_WORDS).map((name) => ({
  words: [name],
  flags: name === 'connect' ? [{ name: 'context', char: 'C', takesValue: true, options: [] }] : [],
  args:
    name === 'cd'
      ? [{ name: 'path', options: [] }]
      : name === 'printwatches'
        ? [{ name: 'state', options: ['on', 'off'] }]
        : [],
}));

/** All that can stand at the beginning of a statement, from oclif's manifest: no command is loaded for it. */
export function vocabularyOf(config: Pick<Interfaces.Config, 'commands'>): CommandInfo[] {
  const commands = config.commands
    .filter((command) => command.hidden !== true && command.id !== 'shell')
    .flatMap((command) => {
      const flags = Object.entries(command.flags ?? {})
        .filter(([, flag]) => flag.hidden !== true)
        .map(([name, flag]) => ({
          name,
          char: flag.char,
          takesValue: flag.type === 'option',
          options: flag.type === 'option' ? (flag.options ?? []) : [],
        }));
      const args = Object.entries(command.args ?? {})
        .filter(([, arg]) => arg.hidden !== true)
        .map(([name, arg]) => ({ name, options: arg.options ?? [] }));
      return [command.id, ...(command.aliases ?? [])].map((id) => ({ words: id.split(':'), flags, args }));
    });
  return [...commands, ...SHELL_COMMANDS];
}
