import type { Command, Interfaces } from '@oclif/core';
import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { UsageError } from '../protocol/errors.ts';
import { ZkshCommand } from './base-command.ts';
import { processIo } from './io.ts';
import { reportError } from './report-error.ts';
import { nearest } from './suggest.ts';
import { zkcliArgv } from './zkcli-argv.ts';

/**
 * Runs one command line of a process and returns what it exits with. The one entry of `bin/`: it takes zkCli's grammar,
 * finds the command through oclif's manifest and lets the base command do the rest.
 */
export async function main(argv: readonly string[], load: string | Interfaces.LoadOptions): Promise<number> {
  // Else oclif, where NODE_ENV says development, would go looking for a TypeScript loader.
  settings.enableAutoTranspile = false;
  try {
    const words = zkcliArgv(argv);
    const config = await Config.load(typeof load === 'string' ? { root: load } : load);
    if (words[0] === '--version') return await runCommand(config, 'version', words.slice(1));
    return await dispatch(
      config,
      asksForHelp(words) ? ['help', ...words.filter((word) => !HELP.includes(word))] : words,
    );
  } catch (error) {
    const io = processIo();
    const json =
      io.env.ZKSH_OUTPUT?.endsWith('json') === true || /(^|,)(-o|--output)[=,]?(nd)?json(,|$)/.test(argv.join());
    return reportError(error, { io, json, debug: argv.includes('--debug') || io.env.ZKSH_DEBUG === '1' });
  }
}

const HELP = ['--help', '-h', '-?'];

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const ours = end === -1 ? words : words.slice(0, end);
  return ours.includes('--help') || ['-h', '-?'].includes(ours[0] ?? '');
}

async function dispatch(config: Config, words: readonly string[]): Promise<number> {
  const { id, rest } = findCommand(config, words);
  if (id !== undefined) return runCommand(config, id, rest);
  const topic = words[0] ?? '';
  if (config.findTopic(topic) !== undefined && words[1] === undefined) return runCommand(config, 'help', [topic]);
  throw unknownCommand(config, words);
}

/** The longest run of words that names a command: `member add`, then `member`. */
export function findCommand(config: Interfaces.Config, words: readonly string[]): { id?: string; rest: string[] } {
  let length = words.findIndex((word) => word.startsWith('-'));
  if (length === -1) length = words.length;
  // No command is more than three words deep.
  for (let n = Math.min(length, 3); n > 0; n -= 1) {
    const found = config.findCommand(words.slice(0, n).join(':'));
    if (found !== undefined) return { id: found.id, rest: words.slice(n) };
  }
  return { rest: [...words] };
}

async function runCommand(config: Config, id: string, argv: string[]): Promise<number> {
  const Class: Command.Class | undefined = await config.findCommand(id)?.load();
  if (Class === undefined) throw unknownCommand(config, [id]);
  const command = new (Class as unknown as new (argv: string[], config: Config) => Command)(argv, config);
  if (!(command instanceof ZkshCommand)) throw new Error(`${id} is no command of zksh`);
  return command.runInProcess();
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
