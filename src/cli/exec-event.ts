import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ChosenContext } from './connecting.ts';

/** How a command that was run for an event ended. */
export interface Execution {
  /** As a shell has it: 128 + n when signal n ended it. */
  exitCode: number;
  /** What it wrote to its stdout, up to {@link MAX_OUTPUT}. */
  output: Buffer;
  /** Milliseconds. */
  took: number;
}

export interface ExecutionOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** What the command reads from its stdin. */
  input?: Uint8Array | undefined;
  /** Takes what the command writes to its stderr, as it comes. */
  stderr: NodeJS.WritableStream;
  /** Ends the command with SIGTERM. */
  signal: AbortSignal;
  now(): number;
}

const SHELL = '/bin/sh';
/** Bytes; what a command prints beyond them is left out. */
export const MAX_OUTPUT = 1024 * 1024;
const NOT_FOUND = 127;

/**
 * Runs a shell command, or the program and arguments of a list without a shell, and waits for its end. Never throws: a
 * command that can't be started ended with 127.
 */
export function execute(command: string | readonly string[], options: ExecutionOptions): Promise<Execution> {
  const { signal, now } = options;
  const [file = '', ...args] = typeof command === 'string' ? [SHELL, '-c', command] : command;
  const started = now();
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    // A group of its own: Ctrl-C on the terminal is ours to hear, and ending the command ends what it started too.
    const child = spawn(file, args, {
      env: { ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // A command that does not read its input is none the worse for it.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
    const stop = () => endGroup(child);
    const ended = (exitCode: number) => {
      signal.removeEventListener('abort', stop);
      resolve({ exitCode, output: Buffer.concat(chunks), took: now() - started });
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (size < MAX_OUTPUT) chunks.push(chunk.subarray(0, MAX_OUTPUT - size));
      size += chunk.length;
    });
    child.stderr.pipe(options.stderr, { end: false });
    child.on('error', (error) => {
      options.stderr.write(`cannot run ${file}: ${error.message}\n`);
      ended(NOT_FOUND);
    });
    child.on('close', (code, killer) => ended(code ?? 128 + (killer === null ? 0 : constants.signals[killer])));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** What tells a command that runs zksh itself which ensemble is meant. */
export function ensembleVariables({ name, context }: ChosenContext): Record<string, string | undefined> {
  return name === undefined ? { ZKSH_SERVER: context.servers } : { ZKSH_CONTEXT: name, ZKSH_SERVER: undefined };
}

/**
 * Maps a stream with at most `limit` pieces of work at once; results come in the order of the stream. While all places
 * are taken, the stream is not read.
 */
export async function* mapConcurrently<A, B>(
  source: AsyncIterable<A>,
  limit: number,
  work: (item: A) => Promise<B>,
): AsyncGenerator<B> {
  const iterator = source[Symbol.asyncIterator]();
  const running: Promise<B>[] = [];
  let next: Promise<IteratorResult<A>> | undefined;
  let over = false;
  try {
    while (!over || running.length > 0) {
      if (!over && next === undefined && running.length < limit) {
        next = iterator.next();
        next.catch(() => {});
      }
      const head = running[0];
      const ready = await Promise.race([
        ...(head === undefined ? [] : [head.then(() => 'head' as const)]),
        ...(next === undefined ? [] : [next.then(() => 'next' as const)]),
      ]);
      if (ready === 'head' && head !== undefined) {
        running.shift();
        yield await head;
      } else if (next !== undefined) {
        const result = await next;
        next = undefined;
        if (result.done === true) over = true;
        else running.push(work(result.value));
      }
    }
  } finally {
    for (const one of running) one.catch(() => {});
    // Not awaited: a generator that waits for its next item can't return before that has come.
    if (!over) iterator.return?.().catch(() => {});
  }
}
