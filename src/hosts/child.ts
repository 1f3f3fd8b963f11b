import { shellLine } from './quote.ts';

/** How a program here is run to its end. */
export interface ChildOptions {
  stdin?: string | Uint8Array | undefined;
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal | undefined;
  /** Bytes of standard output. */
  maxOutput: number;
  env?: NodeJS.ProcessEnv | undefined;
  /** Once this was written to standard error all is done, though something left behind may keep the streams open. */
  lastWord?: string | undefined;
}

/** How it ended. `code` is undefined when a signal ended it. */
export interface Ended {
  why: 'exited' | 'timeout' | 'overflow' | 'missing';
  code: number | undefined;
  stdout: Buffer;
  stderr: Buffer;
}

/** Somebody who heard SIGTERM and stays is killed after this. Milliseconds. */
const GRACE = 1000;
const MAX_STDERR = 64 * 1024;
const NOT_FOUND = 127;

/** Starts a program of this machine in a process group of its own, so that Ctrl-C on the terminal does not reach it. */
export async function startChild(argv: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { $ } = await import('zx');
  const shell = $({
    shell: '/bin/sh',
    prefix: '',
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    nothrow: true,
    quiet: true,
    detached: true,
  });
  // zx would quote for bash; the line is quoted for any POSIX shell already.
  const line = `exec ${shellLine(argv)}`;
  const running = shell(Object.assign([line], { raw: [line] }));
  const child = running.child;
  if (child === undefined) throw new Error('zx started nothing');
  const { stdin, stdout, stderr } = running;
  // A program that ends without reading its input is no error of ours.
  stdin.on('error', () => undefined);
  const kill = (): void => {
    signalGroup(child, 'SIGTERM');
    const insist = (): void => {
      signalGroup(child, 'SIGKILL');
      // What left the group may hold the streams for ever.
      stdout.destroy();
      stderr.destroy();
    };
    setTimeout(insist, GRACE).unref();
  };
  // A daemon that was left behind keeps the streams open; what was run has ended all the same.
  child.once('exit', () => setTimeout(kill, GRACE).unref());
  const ended = Promise.resolve(running).then(({ exitCode, signal }) => (signal === null ? exitCode : null));
  return { stdin, stdout, stderr, ended, kill };
}

/** Runs a program with exactly these arguments to its end. @throws the reason of an aborted signal */
export async function runChild(argv: readonly string[], options: ChildOptions): Promise<Ended> {
  options.signal?.throwIfAborted();
  const child = await startChild(argv, options.env);
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const sizes = { stdout: 0, stderr: 0 };
  let why: Ended['why'] = 'exited';
  const end = (reason: Ended['why']): void => {
    if (why === 'exited') why = reason;
    child.kill();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    sizes.stdout += chunk.length;
    if (sizes.stdout > options.maxOutput) end('overflow');
    else kept.stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    sizes.stderr += chunk.length;
    kept.stderr.push(chunk);
    // The end is what tells why something failed.
    while (sizes.stderr > MAX_STDERR && kept.stderr.length > 1) sizes.stderr -= kept.stderr.shift()?.length ?? 0;
    if (options.lastWord !== undefined && last === undefined && ends(kept.stderr, options.lastWord)) {
      last = setTimeout(child.kill, GRACE);
    }
  });
  let last: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => end('timeout'), options.timeout);
  const onAbort = (): void => child.kill();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  child.stdin.end(options.stdin ?? '');
  try {
    const exitCode = await child.ended;
    options.signal?.throwIfAborted();
    if (exitCode === NOT_FOUND && why === 'exited' && isMissing(argv, Buffer.concat(kept.stderr))) why = 'missing';
    return { why, code: exitCode ?? undefined, stdout: Buffer.concat(kept.stdout), stderr: Buffer.concat(kept.stderr) };
  } finally {
    clearTimeout(timer);
    clearTimeout(last);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** `exec` of what is not there: the shell says so, and nothing was run. */
function isMissing(argv: readonly string[], stderr: Buffer): boolean {
  const text = stderr.toString('utf8');
  return text.includes(argv[0] ?? '') && /not found|No such file/.test(text) && text.trim().split('\n').length === 1;
}

function ends(stderr: readonly Buffer[], lastWord: string): boolean {
  return Buffer.concat(stderr.slice(-2)).includes(lastWord);
}

function signalGroup(
  child: { pid?: number | undefined; exitCode: number | null; signalCode: unknown },
  signal: NodeJS.Signals,
): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It is gone.
  }
}
