import type { Command } from '@oclif/core';
import { ZkshCommand } from '../cli/base-command.ts';
import { findCommand, unknownCommand } from '../cli/find-command.ts';
import type { CommandHost } from '../cli/host.ts';
import type { Io, OutputStream } from '../cli/io.ts';
import { reportError } from '../cli/report-error.ts';
import { resolveZnodePath } from '../cli/resolve-path.ts';
import { SinkClosed, streamSink } from '../output/sink.ts';
import { ExitCode, UsageError } from '../protocol/errors.ts';
import type { ShellScope } from './scope.ts';
import { parseLine, type Sink, type Statement } from './statement.ts';
import { openFile, openPipedCommand, runSystemCommand } from './system-command.ts';
import { SHELL_WORDS, shellHelp } from './words.ts';

/** How a line went. */
export interface LineOutcome {
  /** Exit code of the last statement that ran. */
  readonly code: number;
  /** Exit code of the first statement that failed and ended the line or was passed over; 0 when none did. */
  readonly firstFailure: number;
}

const NOTHING_RAN: LineOutcome = { code: ExitCode.done, firstFailure: ExitCode.done };

/**
 * Runs one line: the very same command classes as outside the shell, with the shell's session and current path.
 * Reports every error; throws nothing.
 *
 * @param keepGoing after a failure, goes on with what follows `;`
 */
export async function runLine(
  line: string,
  scope: ShellScope,
  signal: AbortSignal,
  keepGoing: boolean,
): Promise<LineOutcome> {
  let statements: Statement[];
  try {
    statements = parseLine(line);
  } catch (error) {
    const code = await report(error, scope);
    return { code, firstFailure: code };
  }
  let outcome = NOTHING_RAN;
  for (const statement of statements) {
    if (signal.aborted || scope.quit !== undefined) break;
    if (outcome.code !== ExitCode.done && (statement.after === '&&' || !keepGoing)) continue;
    const code = await runStatement(statement, scope, signal);
    outcome = { code, firstFailure: outcome.firstFailure || code };
  }
  return outcome;
}

async function runStatement(statement: Statement, scope: ShellScope, signal: AbortSignal): Promise<number> {
  try {
    scope.terminalLent = statement.kind === 'system' || statement.sink?.kind === 'pipe';
    if (statement.kind === 'system') return await runSystemCommand(statement.command, scope.io);
    return await runInto(statement.sink, scope.io, (io) => runWords(statement.words, scope, io, signal));
  } catch (error) {
    return report(error, scope);
  } finally {
    scope.terminalLent = false;
    // oclif leaves exit codes there, and the process's own is the shell's to give.
    process.exitCode = undefined;
  }
}

/** Runs with the output going where the line sends it. A failure of ours outweighs what a later command makes of it. */
async function runInto(sink: Sink | undefined, io: Io, run: (io: Io) => Promise<number>): Promise<number> {
  if (sink === undefined) return run(io);
  if (sink.kind === 'file') {
    const file = await openFile(sink.path, sink.append, io);
    return run({ ...io, stdout: file.stream }).finally(() => file.close());
  }
  const piped = await openPipedCommand(sink.command, io);
  // `get /big | head -1` closes its input early. The sink hears of it; an error nobody listens to would end us.
  piped.stdin.on('error', () => {});
  let theirs: number = ExitCode.done;
  // Also when ours throws: a command that waits for input for ever would hold the shell.
  const ours = await run({ ...io, stdout: piped.stdin }).finally(async () => {
    piped.stdin.end();
    theirs = await piped.ended;
  });
  return ours === ExitCode.done ? theirs : ours;
}

async function runWords(words: readonly string[], scope: ShellScope, io: Io, signal: AbortSignal): Promise<number> {
  const [name = '', ...args] = words;
  const asksHelp = args.includes('--help') && !args.slice(0, args.indexOf('--help')).includes('--');
  if (asksHelp) return runWords(['help', ...words.filter((word) => word !== '--help')], scope, io, signal);
  if (name === 'help' && (args.length === 0 || args[0] === 'shell' || isShellWord(args[0]))) {
    return help(args, scope, io, signal);
  }
  const word = isShellWord(name) ? SHELL_WORDS[name] : undefined;
  if (word === undefined) return runCommand(words, scope, io, signal);
  const lines = await word.run(args, { scope, io, signal });
  await print(lines, io.stdout);
  return ExitCode.done;
}

async function runCommand(words: readonly string[], scope: ShellScope, io: Io, signal: AbortSignal): Promise<number> {
  const { config } = scope;
  const { id, rest } = findCommand(config, words);
  if (id === undefined) {
    if (words.length === 1 && config.findTopic(words[0] ?? ''))
      return runCommand(['help', ...words], scope, io, signal);
    throw unknownCommand(config, words);
  }
  if (id === 'shell') throw new UsageError('this is the shell already');
  const Class: Command.Class | undefined = await config.findCommand(id)?.load();
  const command =
    Class && new (Class as unknown as new (argv: string[], config: typeof scope.config) => Command)(rest, config);
  if (!(command instanceof ZkshCommand)) throw new Error(`${id} is no command of zksh`);
  command.host = hostOf(scope, io, signal);
  scope.watched = id === 'watch' ? watchedBy(rest, scope) : undefined;
  // These have the whole screen.
  scope.terminalLent ||= id === 'edit' || id === 'top';
  try {
    const code = await command.perform();
    if (id === 'addauth' && code === ExitCode.done) scope.session.credentialsAdded();
    return code;
  } finally {
    scope.watched = undefined;
  }
}

function hostOf(scope: ShellScope, io: Io, signal: AbortSignal): CommandHost {
  const { session, cwd, defaults } = scope;
  return { io, cwd, chosen: session.target.chosen, session: () => session.client(), signal, defaults };
}

/** The events of the znode that `watch` shows are not shown a second time by the shell. */
function watchedBy(argv: readonly string[], scope: ShellScope): string | undefined {
  const typed = argv.find((word) => !word.startsWith('-'));
  try {
    return typed === undefined ? undefined : resolveZnodePath(typed, scope.cwd);
  } catch {
    return undefined;
  }
}

async function help(args: readonly string[], scope: ShellScope, io: Io, signal: AbortSignal): Promise<number> {
  const word = SHELL_WORDS[args[0] ?? ''];
  if (word !== undefined) await print([`${word.usage}`, `  ${word.summary}`], io.stdout);
  else await print(shellHelp(), io.stdout);
  if (args.length > 0) return ExitCode.done;
  await print([''], io.stdout);
  return runCommand(['help'], scope, io, signal);
}

function isShellWord(word: string | undefined): word is string {
  return word !== undefined && Object.hasOwn(SHELL_WORDS, word);
}

async function print(lines: readonly string[], stdout: OutputStream): Promise<void> {
  if (lines.length === 0) return;
  const sink = streamSink(stdout);
  try {
    await sink.write(`${lines.join('\n')}\n`);
    await sink.flush();
  } catch (error) {
    if (!(error instanceof SinkClosed)) throw error;
  }
}

function report(error: unknown, { io, defaults }: ShellScope): Promise<number> {
  const { output, noColor, debug } = defaults;
  return reportError(error, { io, json: output?.endsWith('json') === true, noColor, debug: debug === true });
}
