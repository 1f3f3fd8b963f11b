import type { Interfaces } from '@oclif/core';

/** What the value of a flag or argument is, as far as completion can help. */
export type ValueKind = 'path' | 'context' | 'file' | 'none' | readonly string[];

export interface FlagModel {
  /** As typed: `-o`, `--output`. */
  words: readonly string[];
  description: string;
  /** Undefined for a switch. */
  value: ValueKind | undefined;
}

/** What the completion scripts know of one command. */
export interface CommandModel {
  /** As typed: `context add`. */
  name: string;
  summary: string;
  flags: readonly FlagModel[];
  /** The last one repeats. */
  args: readonly ValueKind[];
}

export interface CompletionModel {
  commands: readonly CommandModel[];
  /** Flags of every command. */
  globals: readonly FlagModel[];
  /** Words of global flags that choose the connection: the script hands them on when it asks for live paths. */
  connection: readonly string[];
}

const PATH_NAMES = /path|source|destination|target|parent|znode|node/;
const FILE_FLAGS = /^(ca|cert|key|keystore|truststore|file|client-configuration)$/;

/** Reads the model off oclif's manifest; loads no command. */
export function completionModel(
  config: Pick<Interfaces.Config, 'commands'>,
  globalNames: readonly string[],
): CompletionModel {
  const shown = config.commands.filter((command) => command.hidden !== true);
  const commands = shown
    .map((command) => ({
      name: command.id.replaceAll(':', ' '),
      summary: command.summary ?? '',
      flags: flagModels(command.flags, (name) => !globalNames.includes(name)),
      args: Object.entries(command.args)
        .filter(([, arg]) => arg.hidden !== true)
        .map(([name, arg]) => argKind(command.id, name, arg.options)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const [any] = shown;
  const globals = any === undefined ? [] : flagModels(any.flags, (name) => globalNames.includes(name));
  const connection = Object.values(any?.flags ?? {})
    .filter(({ helpGroup, name }) => (helpGroup === 'CONNECTION' && name !== 'timeout') || helpGroup === 'TLS')
    .flatMap(flagWords);
  return { commands, globals, connection };
}

/** The words that may follow a run of words: `['add', 'list', …]` after `context`. */
export function wordsAfter({ commands }: CompletionModel): Map<string, { word: string; summary: string }[]> {
  const after = new Map<string, { word: string; summary: string }[]>();
  for (const { name, summary } of commands) {
    const words = name.split(' ');
    for (const [i, word] of words.entries()) {
      const before = words.slice(0, i).join(' ');
      const known = after.get(before) ?? [];
      after.set(before, known);
      const last = i === words.length - 1;
      if (!known.some((one) => one.word === word)) known.push({ word, summary: last ? summary : `${word} commands` });
    }
  }
  return after;
}

type CommandFlags = Interfaces.Config['commands'][number]['flags'];

function flagModels(flags: CommandFlags, wanted: (name: string) => boolean): FlagModel[] {
  return Object.entries(flags)
    .filter(([name, flag]) => flag.hidden !== true && wanted(name))
    .map(([name, flag]) => ({
      words: flagWords(flag),
      description: flag.summary ?? flag.description ?? '',
      value: flag.type === 'option' ? flagKind(name, flag.options) : undefined,
    }));
}

function flagWords({ name, char }: { name: string; char?: string | undefined }): string[] {
  return [...(char === undefined ? [] : [`-${char}`]), `--${name}`];
}

function flagKind(name: string, options: readonly string[] | undefined): ValueKind {
  if (options !== undefined) return options;
  if (name === 'context' || name === 'i-know') return 'context';
  return FILE_FLAGS.test(name) ? 'file' : 'none';
}

function argKind(id: string, name: string, options: readonly string[] | undefined): ValueKind {
  if (options !== undefined) return options;
  if (name === 'name' && id.startsWith('context:') && id !== 'context:add') return 'context';
  if (/file/.test(name)) return 'file';
  return PATH_NAMES.test(name) ? 'path' : 'none';
}
