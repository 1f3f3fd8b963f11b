import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode } from '../protocol/errors.ts';
import { type Ended, runChild, startChild } from './child.ts';
import type { Transport } from './framed-shell.ts';
import { HostError } from './host-error.ts';
import { shellLine } from './quote.ts';
import { type SshFailure, sshFailure } from './ssh-failure.ts';
import { CONNECT_TIMEOUT, type SshSettings, sshConfig, sshTarget } from './ssh-settings.ts';

/** A path of a socket holds about 100 characters, and ssh adds 17 to ours. */
const LONGEST_DIRECTORY = 60;
/** ssh gives up by itself after the time for a connection, but a jump host or a name server may take theirs as well. */
const PATIENCE = 3;
const FAREWELL = 2000;
/** sshd allows 10 sessions to a connection if its MaxSessions says nothing else, and the one that stays is the first. */
const AT_ONCE = 4;
const GREETING = 'zksh-is-connected';
/** Ends with us, whatever ends us: then its input ends. */
const STAY = `echo ${GREETING}; exec cat >/dev/null`;
/** Also when we are killed: then ssh ends, and this after it. */
const TIDY = 'd=$1; shift; "$@"; c=$?; rm -f "$d/config" "$d/c"; rmdir "$d"; exit "$c"';
const MAX_KEPT = 16 * 1024;

/** One connection to a host that many commands share, opened by the first one. */
export interface SshConnection {
  transport: Transport;
  /** Why the last connection was lost; undefined while it stands. */
  failure(): SshFailure | undefined;
  close(): Promise<void>;
}

interface Standing {
  directory: string;
  /** Whose arguments make ssh use the connection, and never open one of its own without a word. */
  options: readonly string[];
  ended: Promise<unknown>;
  lives(): boolean;
  stderr(): string;
  stop(): Promise<void>;
}

/** @throws HostError with why there is no connection; `none` was begun then */
export function sshConnection(name: string, settings: SshSettings): SshConnection {
  const turn = turns(AT_ONCE);
  let standing: Promise<Standing> | undefined;
  let last: Standing | undefined;
  const current = async (signal: AbortSignal | undefined): Promise<Standing> => {
    if (last !== undefined && !last.lives()) {
      await last.stop();
      [standing, last] = [undefined, undefined];
    }
    standing ??= open(name, settings).catch((error) => {
      standing = undefined;
      throw error;
    });
    last = await untilAborted(standing, signal);
    return last;
  };
  return {
    transport: (argv, options) =>
      turn(async () => {
        const connection = await current(options.signal);
        const line = ['ssh', ...connection.options, '-T', '--', settings.host, shellLine(argv)];
        const ended = await runChild(line, options);
        if (ended.code === LOST) await Promise.race([connection.ended, later()]);
        return ended;
      }),
    failure: () => (last === undefined || last.lives() ? undefined : sshFailure(last.stderr())),
    async close() {
      const opened = await standing?.catch(() => undefined);
      [standing, last] = [undefined, undefined];
      await opened?.stop();
    },
  };
}

/** Runs at most so many at a time; the others wait for their turn. */
function turns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** What ssh itself exits with, and any command may as well. */
const LOST = 255;

/** When a command fell with the connection, the master's own last words come a moment later. */
function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500).unref());
}

async function open(name: string, settings: SshSettings): Promise<Standing> {
  const base = tmpdir().length > LONGEST_DIRECTORY ? '/tmp' : tmpdir();
  const directory = await mkdtemp(join(base, 'zksh-ssh-'));
  try {
    const config = join(directory, 'config');
    await writeFile(config, sshConfig(settings), { mode: 0o600 });
    return await openMaster(name, settings, directory, config);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function openMaster(name: string, settings: SshSettings, directory: string, config: string): Promise<Standing> {
  const control = `ControlPath=${join(directory, 'c').replaceAll('%', '%%')}`;
  const argv = ['ssh', '-F', config, '-o', control, '-o', 'ControlMaster=yes', '-T', ...sshTarget(settings)];
  const child = await startChild(['sh', '-c', TIDY, 'sh', directory, ...argv, STAY]);
  let [stdout, stderr, alive] = ['', '', true];
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-MAX_KEPT);
  });
  const ended = child.ended.finally(() => {
    alive = false;
  });
  const greeted = new Promise<'greeted'>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString('latin1')).slice(-MAX_KEPT);
      if (stdout.includes(GREETING)) resolve('greeted');
    });
  });
  const limit = (settings.connectTimeout ?? CONNECT_TIMEOUT) * PATIENCE;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, limit, 'late');
  });
  const first = await Promise.race([greeted, ended, late]).finally(() => clearTimeout(timer));
  if (first !== 'greeted') {
    child.kill();
    await ended;
    throw noConnection(name, first, stderr, limit);
  }
  return {
    directory,
    // Without the socket ssh would connect anew: this way it fails, and nothing was begun.
    options: ['-F', config, '-o', control, '-o', 'ControlMaster=no', '-o', `ProxyCommand=${NO_OTHER_WAY}`],
    ended,
    lives: () => alive,
    stderr: () => stderr,
    async stop() {
      child.stdin.end();
      const hurry = setTimeout(child.kill, FAREWELL);
      await ended.finally(() => clearTimeout(hurry));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const NO_OTHER_WAY = 'echo zksh-no-connection >&2; exit 1';

/** Whether a command surely never reached the host, since there was no connection to carry it. */
export function neverLeft({ stderr }: Ended): boolean {
  return stderr.includes('zksh-no-connection');
}

function noConnection(name: string, first: number | null | 'late', stderr: string, limit: number): HostError {
  if (first === 'late') {
    return new HostError(name, `no connection by ssh within ${limit} ms`, {
      code: 'HOST_UNREACHABLE',
      exitCode: ExitCode.connection,
      outcome: 'none',
      hint: 'Check the host and its jump hosts.',
    });
  }
  if (first === LOST) {
    const { message, ...failure } = sshFailure(stderr);
    return new HostError(name, message, { ...failure, outcome: 'none' });
  }
  const missing = first === 127;
  return new HostError(name, missing ? 'there is no ssh on this machine' : 'the login gives no POSIX shell', {
    code: missing ? 'HOST_TOOL_MISSING' : 'HOST_NO_SHELL',
    exitCode: missing ? ExitCode.failure : ExitCode.refused,
    outcome: 'none',
    hint: missing ? 'Install the OpenSSH client.' : 'Commands must be allowed there, by a shell such as sh or bash.',
  });
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
