import type { Interfaces } from '@oclif/core';
import { type CommandModel, completionModel, type ValueKind } from '../cli/completion/model.ts';
import { SHELL_WORDS } from './words.ts';

/** What completion in the shell knows of a command or a word of the shell. */
export interface CommandInfo extends Pick<CommandModel, 'name' | 'flags'> {
  /** The last one repeats. */
  readonly args: readonly ShellValue[];
}

/** As for the completion of other shells; only here is there a session to ask for the members. */
export type ShellValue = ValueKind | 'member' | 'command';

const MEMBER_ARGUMENT = /^(?:id|member|server-?id)$/;

const WORD_ARGUMENTS: Readonly<Record<string, readonly ShellValue[]>> = {
  cd: ['path'],
  printwatches: [['on', 'off']],
};
const CONTEXT_FLAG = { words: ['-C', '--context'], description: 'context to connect to', value: 'context' } as const;

/** All that can stand at the beginning of a statement, from oclif's manifest: no command is loaded for it. */
export function vocabularyOf(config: Pick<Interfaces.Config, 'commands'>): CommandInfo[] {
  const names = new Map(config.commands.map(({ id, args }) => [id.replaceAll(':', ' '), argumentNames(args)]));
  const commands = completionModel(config, []).commands.filter(({ name }) => name !== 'shell');
  const words = Object.keys(SHELL_WORDS).map((name) => ({
    name,
    flags: name === 'connect' ? [CONTEXT_FLAG] : [],
    args: WORD_ARGUMENTS[name] ?? [],
  }));
  return [...commands.map(({ name, flags, args }) => ({ name, flags, args: shellArgs(name, args, names) })), ...words];
}

function shellArgs(
  name: string,
  kinds: readonly ValueKind[],
  names: ReadonlyMap<string, readonly string[]>,
): ShellValue[] {
  if (name === 'help') return ['command'];
  const known = names.get(name) ?? [];
  return kinds.map((kind, index) => (kind === 'none' && MEMBER_ARGUMENT.test(known[index] ?? '') ? 'member' : kind));
}

function argumentNames(args: Interfaces.Config['commands'][number]['args']): string[] {
  return Object.entries(args ?? {}).flatMap(([name, arg]) => (arg.hidden === true ? [] : [name]));
}
