import type { Command, Interfaces } from '@oclif/core';
import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { ZkshCommand } from './base-command.ts';
import { BuiltConfig, type Startable } from './built-config.ts';
import { findCommand, unknownCommand } from './find-command.ts';
import { processIo } from './io.ts';
import { asksForJson } from './line-peek.ts';
import { reportError } from './report-error.ts';
import { zkcliArgv } from './zkcli-argv.ts';

/**
 * Runs one command line of a process and returns what it exits with. The one entry of `bin/`: it takes zkCli's grammar,
 * finds the command through oclif's manifest and lets the base command do the rest.
 */
export async function main(argv: readonly string[], load: BuiltConfig | Interfaces.LoadOptions): Promise<number> {
  // Else oclif, where NODE_ENV says development, would go looking for a TypeScript loader.
  settings.enableAutoTranspile = false;
  try {
    const words = zkcliArgv(argv);
    const config = load instanceof BuiltConfig ? load : await Config.load(load);
    if (words[0] === '--version') return await runCommand(config, 'version', words.slice(1));
    if (HELP.includes(words[0] ?? '')) return await runCommand(config, 'help', words.slice(1));
    return await dispatch(config, words);
  } catch (error) {
    const io = processIo();
    const json = asksForJson(argv, io.env);
    return reportError(error, { io, json, debug: argv.includes('--debug') || io.env.ZKSH_DEBUG === '1' });
  }
}

const HELP = ['--help', '-h', '-?'];

async function dispatch(config: Config, words: readonly string[]): Promise<number> {
  const { id, rest } = findCommand({ findCommand: (id) => startable(config, id) }, words);
  if (id !== undefined) return runCommand(config, id, rest);
  const topic = words[0] ?? '';
  const alone = words.slice(1).every((word) => word.startsWith('-'));
  if (config.findTopic(topic) !== undefined && alone) return runCommand(config, 'help', [topic]);
  throw unknownCommand(config, words);
}

async function runCommand(config: Config, id: string, argv: string[]): Promise<number> {
  const Class = await startable(config, id)?.load();
  if (Class === undefined) throw unknownCommand(config, [id]);
  const command = new (Class as unknown as new (argv: string[], config: Config) => Command)(argv, config);
  if (!(command instanceof ZkshCommand)) throw new Error(`${id} is no command of zksh`);
  return command.runInProcess();
}

/** A build finds a command without reading the manifest of all of them. */
function startable(config: Config, id: string): Startable | undefined {
  return config instanceof BuiltConfig ? config.startable(id) : config.findCommand(id);
}
