import { type ExitCode, UsageError, ZkshError, type ZkshErrorDetails } from '../protocol/errors.ts';

/**
 * What is known of the deed: `none` it was not begun, `failed` it ran and failed, `unknown` it may have been done, or
 * still be under way: look before doing it again.
 */
export type Outcome = 'none' | 'failed' | 'unknown';

/** Something that can't be done on, or with, the host of a member. */
export class HostError extends ZkshError {
  readonly host: string;
  readonly outcome: Outcome;

  constructor(host: string, message: string, details: ZkshErrorDetails & { outcome: Outcome; exitCode: ExitCode }) {
    super(`${host}: ${message}`, details);
    this.host = host;
    this.outcome = details.outcome;
  }
}

const SHOWN = 300;

/** The end of what a command wrote, in one line that a message can hold. */
export function endOf(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const line = lines.filter((text) => text !== '').slice(-3);
  const text = line.join(' / ');
  return text.length <= SHOWN ? text : `…${text.slice(-SHOWN)}`;
}

/** A command as a message shows it: short, in one line, without the secrets. */
export function shown(argv: readonly string[], secrets: readonly string[] = []): string {
  const text = masked(argv.join(' '), secrets).replace(/\s+/g, ' ');
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

export function masked(text: string, secrets: readonly string[] = []): string {
  // The longest first: one may be a part of another.
  const known = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return known.reduce((sofar, secret) => sofar.replaceAll(secret, '********'), text);
}

/** A path on a host: absolute, since what it would be relative to is not known. @throws UsageError `BAD_PATH` */
export function absolute(path: string): string {
  if (path.startsWith('/') && !path.includes('\0')) return path;
  throw new UsageError(`${JSON.stringify(path)} is not an absolute path`, { code: 'BAD_PATH' });
}
