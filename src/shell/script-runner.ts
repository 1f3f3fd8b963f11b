import { Readable } from 'node:stream';
import { InterruptedError, listenForSignals } from '../cli/deadline.ts';
import type { Io } from '../cli/io.ts';
import { reportError } from '../cli/report-error.ts';
import { escapeControl } from '../output/text-safety.ts';
import { ExitCode, type ZkshError } from '../protocol/errors.ts';
import { History } from './history.ts';
import { runLine } from './interpreter.ts';
import { watchEvent } from './notices.ts';
import { redact } from './redaction.ts';
import { newScope, type ShellScope, type Surroundings, showsEvent } from './scope.ts';
import type { Script } from './script.ts';
import { ShellSession } from './session.ts';

/** Runs the lines of a script in one session. Returns the exit code of the first line that failed. */
export async function runScript(script: Script, options: Surroundings): Promise<number> {
  const { defaults, connectTimeout } = options;
  const io = scriptIo(options);
  const say = (text: string) => defaults.quiet !== true && io.stderr.write(`${escapeControl(text)}\n`);
  const signals = listenForSignals();
  const stop = new AbortController();
  signals.signal.addEventListener('abort', () => stop.abort(new InterruptedError()), { once: true });
  const session = new ShellSession(
    options.target,
    { patient: false, connectTimeout },
    {
      notice: say,
      changed: () => {},
      event: (event) => showsEvent(scope, event) && say(watchEvent(event)),
      gaveUp: (error: ZkshError) => {
        say(error.message);
        stop.abort(error);
      },
    },
  );
  const scope = newScope(options, session, new History(), io, false);
  try {
    await session.open();
    const code = await runLines(script, scope, stop.signal, options.keepGoing, say);
    return signals.signal.aborted ? ExitCode.interrupted : code;
  } finally {
    signals.stop();
    await session.close();
  }
}

async function runLines(
  script: Script,
  scope: ShellScope,
  signal: AbortSignal,
  keepGoing: boolean,
  say: (text: string) => void,
): Promise<number> {
  let failure: number = ExitCode.done;
  let number = 0;
  for await (const typed of script.lines) {
    number += 1;
    const { firstFailure } = await runScriptLine(typed, scope, signal, keepGoing);
    failure ||= firstFailure;
    const { quit } = scope;
    if (quit !== undefined) return failure || (quit.code ?? ExitCode.done);
    if (firstFailure === ExitCode.done && !signal.aborted) continue;
    say(`${keepGoing ? 'failed' : 'stopped'} at line ${number} of ${script.name}: ${redact(typed.trim())}`);
    if (!keepGoing || signal.aborted) break;
  }
  return failure;
}

async function runScriptLine(typed: string, scope: ShellScope, signal: AbortSignal, keepGoing: boolean) {
  try {
    const line = scope.history.expand(typed);
    scope.history.add(line);
    return await runLine(line, scope, signal, keepGoing);
  } catch (error) {
    return { firstFailure: await reportError(error, { io: scope.io, json: false, debug: false }) };
  }
}

/** A piped script is the standard input: a command that reads there would eat the lines to come. */
function scriptIo({ io, file }: Surroundings): Io {
  return file === undefined || file === '-' ? { ...io, stdin: Readable.from([]) } : io;
}
