import { once } from 'node:events';
import { constants } from 'node:os';
import type { Io, OutputStream } from '../cli/io.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** A system command that reads what one of ours writes. */
export interface PipedCommand {
  readonly stdin: OutputStream;
  /** Its exit code, 128 + n when signal n ended it. */
  readonly ended: Promise<number>;
}

/** The shell people write one-liners for; zx would take bash, which a small container has not. */
const SYSTEM_SHELL = '/bin/sh';
const SIGNAL_BASE = 128;

/** Runs a system command on the terminal itself: it hears Ctrl-C from there. Resolves to its exit code. */
export async function runSystemCommand(command: string, io: Io): Promise<number> {
  const child = await start(command, io, stdinOf(io));
  return exitCode(child);
}

/** Starts a system command whose standard input is ours to write. */
export async function openPipedCommand(command: string, io: Io): Promise<PipedCommand> {
  const child = await start(command, io, 'pipe');
  return { stdin: child.stdin, ended: exitCode(child) };
}

type Child = Awaited<ReturnType<typeof start>>['child'];

async function start(command: string, io: Io, stdin: 'inherit' | 'pipe' | 'ignore') {
  const { $ } = await import('zx');
  const stdout = io.stdout === process.stdout ? 'inherit' : 'pipe';
  const stderr = io.stderr === process.stderr ? 'inherit' : 'pipe';
  const shell = $({
    shell: SYSTEM_SHELL,
    prefix: '',
    env: { ...io.env },
    stdio: [stdin, stdout, stderr],
    nothrow: true,
    quiet: true,
    // A group of its own would take the terminal's Ctrl-C away from it.
    detached: false,
  });
  // The text goes to the shell as it was typed: it is a command, not a template with values to quote.
  const child = shell(Object.assign([command], { raw: [command] }));
  if (stdout === 'pipe') child.stdout.pipe(io.stdout, { end: false });
  if (stderr === 'pipe') child.stderr.pipe(io.stderr, { end: false });
  return { child, stdin: child.stdin };
}

async function exitCode({ child }: { child: Child }): Promise<number> {
  const output = await child;
  if (output.signal) return SIGNAL_BASE + (constants.signals[output.signal] ?? 0);
  return output.exitCode ?? ExitCode.failure;
}

/** A script's standard input is the script: a system command must not eat it. */
function stdinOf(io: Io): 'inherit' | 'ignore' {
  return io.stdin === process.stdin ? 'inherit' : 'ignore';
}

/** A file that takes a statement's output. Resolves once it is open. */
export async function openFile(path: string, append: boolean, io: Io): Promise<OutputFile> {
  const { createWriteStream } = await import('node:fs');
  const stream = createWriteStream(inHome(path, io), { flags: append ? 'a' : 'w' });
  try {
    await once(stream, 'open');
  } catch (error) {
    throw new ZkshError(`cannot write ${path}: ${(error as Error).message}`, {
      code: 'CANNOT_WRITE_FILE',
      exitCode: ExitCode.failure,
      hint: 'Nothing was run.',
      cause: error,
    });
  }
  return {
    stream,
    async close() {
      stream.end();
      if (!stream.closed) await once(stream, 'close');
    },
  };
}

/** A local file's path with a leading `~` resolved. */
export function inHome(path: string, io: Io): string {
  return path.replace(/^~(?=\/|$)/, io.env.HOME ?? '~');
}

export interface OutputFile {
  readonly stream: OutputStream;
  close(): Promise<void>;
}
