import { randomBytes } from 'node:crypto';
import { ExitCode } from '../protocol/errors.ts';
import type { Ended } from './child.ts';
import type { Limits, Ran, RunOptions } from './host.ts';
import { endOf, HostError, masked, type Outcome, shown } from './host-error.ts';

/** Runs a POSIX shell script on a host with `args` as $1, $2, … and returns when it has ended. @throws HostError */
export type Shell = (script: string, args: readonly string[], options: ShellOptions) => Promise<Ran>;

export interface ShellOptions extends RunOptions {
  /** What is done, in words for a message: `systemctl restart zookeeper`. */
  what: string;
}

/** Carries one command to a host and brings back what it wrote. @throws the reason of an aborted signal */
export type Transport = (
  argv: readonly string[],
  options: { stdin: string | Uint8Array | undefined; maxOutput: number; lastWord: string } & Limits & {
      timeout: number;
    },
) => Promise<Ended>;

/** How a host is reached, and what is put before every command there. */
export interface Carrier {
  name: string;
  transport: Transport;
  /** `sudo -n --` and its like; empty when there is none. */
  prefix: readonly string[];
  /** Why the command did not come back; undefined where nothing is known beyond what was written. */
  lost(ended: Ended): { message: string; code: string; exitCode: ExitCode; hint: string; begun: boolean } | undefined;
}

/** Milliseconds for what does not say otherwise. */
const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_OUTPUT = 1024 * 1024;
/** Around the output there may be what a login shell or sudo says. */
const SURROUNDINGS = 64 * 1024;

/** Tells the end of the command from the end of the connection: the way there reports both by an exit code. */
const OUTER = 't=$1; shift; "$@"; c=$?; printf "\\n%s=%d;\\n" "$t" "$c" >&2; exit "$c"';
/** What was written before belongs to a login shell or to sudo. */
const INNER = 't=$1; shift; printf "%s\\n" "$t"; printf "%s\\n" "$t" >&2\n';

/**
 * A shell at the other end of a transport that may break at any moment. That a script began, and that it ended, is told
 * by marks in its output which nobody could know before; without the last one, what it did is unknown.
 */
export function framedShell(carrier: Carrier): Shell {
  return async (script, args, options) => {
    const mark = randomBytes(12).toString('hex');
    const { timeout = DEFAULT_TIMEOUT, maxOutput = DEFAULT_OUTPUT, signal, stdin } = options;
    const inner = ['sh', '-c', `${INNER}${script}`, 'sh', mark, ...args];
    const argv = ['sh', '-c', OUTER, 'sh', mark, ...carrier.prefix, ...inner];
    const ended = await carrier.transport(argv, {
      stdin,
      timeout,
      signal,
      maxOutput: maxOutput + SURROUNDINGS,
      lastWord: `${mark}=`,
    });
    const seen = unframe(ended, mark);
    if (ended.why === 'overflow' || seen.stdout.length > maxOutput) throw tooMuch(carrier.name, maxOutput, options);
    if (seen.code === undefined) throw noEnd(carrier, ended, seen, { ...options, timeout });
    if (!seen.begun) throw refused(carrier, seen.stderr, options);
    return { code: seen.code, stdout: seen.stdout, stderr: seen.stderr };
  };
}

interface Seen {
  begun: boolean;
  code: number | undefined;
  stdout: Buffer;
  stderr: string;
}

function unframe({ stdout, stderr }: Ended, mark: string): Seen {
  const text = stderr.toString('utf8');
  const start = `${mark}\n`;
  const at = stdout.indexOf(start);
  const [, code] = new RegExp(`\\n${mark}=(\\d+);\\n`).exec(text) ?? [];
  const begun = text.includes(start);
  const body = text.replace(new RegExp(`\\n${mark}=\\d+;\\n[\\s\\S]*$`), '');
  return {
    begun: begun || at >= 0,
    code: code === undefined ? undefined : Number(code),
    stdout: at < 0 ? Buffer.alloc(0) : stdout.subarray(at + start.length),
    stderr: begun ? body.slice(body.indexOf(start) + start.length) : body,
  };
}

function noEnd(carrier: Carrier, ended: Ended, seen: Seen, options: ShellOptions & { timeout: number }): HostError {
  const what = masked(options.what, options.secrets);
  if (ended.why === 'timeout') {
    return new HostError(carrier.name, `${what} did not end within ${options.timeout} ms`, {
      code: 'HOST_TIMEOUT',
      exitCode: ExitCode.timeout,
      outcome: outcomeOf(true, options),
      hint: after(true, options, 'It may still run there.'),
    });
  }
  const lost = carrier.lost(ended);
  const begun = seen.begun || (lost?.begun ?? true);
  const why = lost?.message ?? `the command did not come back (${endOf(seen.stderr) || `exit code ${ended.code}`})`;
  return new HostError(carrier.name, begun ? `${why} while ${what} ran` : why, {
    code: lost?.code ?? 'HOST_LOST',
    exitCode: lost?.exitCode ?? ExitCode.connection,
    outcome: outcomeOf(begun, options),
    hint: after(begun, options, lost?.hint ?? ''),
  });
}

function outcomeOf(begun: boolean, { idempotent = false }: ShellOptions): Outcome {
  return begun && !idempotent ? 'unknown' : 'none';
}

function after(begun: boolean, options: ShellOptions, hint: string): string {
  if (outcomeOf(begun, options) === 'none') return hint || 'Nothing was changed; try again.';
  return `Whether it was done is not known: look before doing it again.${hint === '' ? '' : ` ${hint}`}`;
}

/** The way there works, but what stands before the command (sudo) did not let it begin. */
function refused({ name, prefix }: Carrier, stderr: string, { what, secrets }: ShellOptions): HostError {
  const sudo = prefix[0] === 'sudo';
  return new HostError(name, `${masked(what, secrets)} was not begun: ${endOf(masked(stderr, secrets))}`, {
    code: sudo ? 'SUDO_REFUSED' : 'HOST_NO_SHELL',
    exitCode: ExitCode.refused,
    outcome: 'none',
    hint: sudo
      ? 'Allow this user to run sh with sudo without a password (NOPASSWD), or leave sudo out.'
      : 'A POSIX sh is needed there.',
  });
}

function tooMuch(name: string, limit: number, options: ShellOptions): HostError {
  return new HostError(name, `${masked(options.what, options.secrets)} gave more than ${limit} bytes`, {
    code: 'FILE_TOO_LARGE',
    exitCode: ExitCode.failure,
    outcome: outcomeOf(true, options),
    hint: after(true, options, 'Ask for less.'),
  });
}

/** A script that ended otherwise than it should. */
export function failed(name: string, { code, stderr }: Ran, options: ShellOptions): HostError {
  const { what, secrets = [] } = options;
  const said = endOf(masked(stderr, secrets));
  const [errorCode, exitCode, hint] = reasonOf(stderr);
  return new HostError(name, `${masked(what, secrets)} failed: ${said === '' ? `exit code ${code}` : said}`, {
    code: errorCode,
    exitCode,
    outcome: 'failed',
    hint,
  });
}

/** Every system says it in these words, in the C locale. */
function reasonOf(stderr: string): [string, ExitCode, string] {
  if (/No such file or directory/i.test(stderr)) return ['NO_FILE', ExitCode.notFound, 'Check the path.'];
  if (/Permission denied|Operation not permitted/i.test(stderr)) {
    return ['HOST_PERMISSION', ExitCode.refused, 'Another user may be needed there, or sudo.'];
  }
  if (/No space left/i.test(stderr)) return ['HOST_DISK_FULL', ExitCode.failure, 'Make room on that host first.'];
  return ['HOST_COMMAND_FAILED', ExitCode.failure, 'What it wrote says why.'];
}

/** Runs a script that must succeed. @throws HostError */
export async function must(name: string, shell: Shell, ...call: Parameters<Shell>): Promise<Ran> {
  const ran = await shell(...call);
  if (ran.code !== 0) throw failed(name, ran, call[2]);
  return ran;
}

/** Runs a program with exactly these arguments, without a shell reading them. */
export function runIn(shell: Shell, argv: readonly string[], options: RunOptions): Promise<Ran> {
  return shell('exec "$@"', argv, { ...options, what: `\`${shown(argv, options.secrets)}\`` });
}
