import type { Style } from '../output/style.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { PartialError } from '../znodes/partial-error.ts';
import type { Io } from './io.ts';
import { styleOf } from './stream-style.ts';

/** An error in the shape that `-o json` prints: a contract. */
interface ErrorReport {
  code: string;
  message: string;
  hint?: string | undefined;
  exitCode: ExitCode;
  /** `unknown`: a write whose answer never came, so it may or may not have happened. */
  outcome?: string | undefined;
  /** Of work on many znodes: with how many it failed, and the first of them. */
  failed?: number | undefined;
  failures?: readonly { path: string; code: string; message: string }[] | undefined;
}

/** Failures told to a person one by one, beside the first, which the message has. */
const LISTED = 9;

export interface ReportOptions {
  io: Io;
  /** One JSON object instead of text. */
  json: boolean;
  noColor?: boolean | undefined;
  /** Show the stack. */
  debug: boolean;
  /** The command as typed after `zksh`, for the hint of a usage error. */
  command?: string | undefined;
}

/** What an error of any origin means to a person and to a script. */
function describeError(error: unknown, command?: string): ErrorReport {
  if (error instanceof ZkshError) return fromZkshError(error);
  if (!(error instanceof Error)) return bug(String(error));
  if (error.name === 'AbortError')
    return { code: 'INTERRUPTED', message: 'interrupted', exitCode: ExitCode.interrupted };
  if (isParseError(error)) return fromParseError(error, command);
  return bug(error.message);
}

/** Prints an error, the one place that does; returns what the process exits with. */
export async function reportError(error: unknown, options: ReportOptions): Promise<ExitCode> {
  const report = describeError(error, options.command);
  const { io } = options;
  try {
    if (options.json) io.stderr.write(`${JSON.stringify({ error: report })}\n`);
    else io.stderr.write(await errorText(report, error, options));
  } catch {
    // With stderr gone, the exit code still tells.
  }
  return report.exitCode;
}

async function errorText(report: ErrorReport, error: unknown, { io, noColor, debug }: ReportOptions): Promise<string> {
  const style = await styleOf(io.stderr, io, noColor);
  const lines = [`${style.paint('bad', 'error:')} ${report.message}`];
  lines.push(...failureLines(report, style));
  if (report.hint !== undefined) lines.push(`  ${style.paint('dim', report.hint)}`);
  if (debug || report.code === 'BUG') lines.push(...stackLines(error, style));
  return `${lines.map((line) => style.finish(line)).join('\n')}\n`;
}

function failureLines({ failed = 0, failures = [] }: ErrorReport, style: Style): string[] {
  const others = failures.slice(1, 1 + LISTED).map(({ message }) => `  ${style.name(message)}`);
  const more = failed - others.length - 1;
  return more > 0 ? [...others, `  and ${more.toLocaleString('en-US')} more`] : others;
}

function stackLines(error: unknown, style: Style): string[] {
  const lines: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    lines.push(style.paint('dim', `${lines.length === 0 ? '' : 'caused by: '}${at.stack ?? at.message}`));
  }
  return lines;
}

function fromZkshError(error: ZkshError): ErrorReport {
  const outcome = 'outcome' in error && typeof error.outcome === 'string' ? error.outcome : undefined;
  // oclif puts its own words around what a flag's parser throws.
  const message = unwrapFlagMessage(error.message);
  const { code, hint, exitCode } = error;
  return { code, message, hint, exitCode, outcome, ...failuresOf(error) };
}

function failuresOf(error: ZkshError): Pick<ErrorReport, 'failed' | 'failures'> {
  // By its fields: its module is not worth loading for every command's start.
  if (!('failures' in error && 'failed' in error)) return {};
  const { failures, failed } = error as PartialError;
  return { failed, failures: failures.map(({ path, error: { code, message } }) => ({ path, code, message })) };
}

function unwrapFlagMessage(message: string): string {
  const match = /^Parsing --(\S+) \n\t([\s\S]*?)\nSee more help with --help$/.exec(message);
  return match === null ? message : `--${match[1]}: ${match[2]}`;
}

function isParseError(error: Error): boolean {
  return 'oclif' in error || /^Parsing --\S+ \n/.test(error.message);
}

function fromParseError(error: Error, command: string | undefined): ErrorReport {
  const [first = '', ...rest] = unwrapFlagMessage(error.message)
    .replace(/\nSee more help with --help$/, '')
    .split('\n');
  const details = rest.map((line) => line.trim().replace(/\s+/g, ' ')).filter((line) => line !== '');
  return {
    code: 'BAD_USAGE',
    message: missingArguments(first, details) ?? [lowerFirst(first.trim()), ...details].join(' ').trim(),
    hint: `See zksh help${command === undefined ? '' : ` ${command}`}.`,
    exitCode: ExitCode.usage,
  };
}

/** oclif adds each one's description and a note on flags that nobody gave: the names are what is missed. */
function missingArguments(first: string, details: readonly string[]): string | undefined {
  const count = Number(/^Missing (\d+) required arg/.exec(first)?.[1] ?? 0);
  if (count === 0) return undefined;
  const names = details.slice(0, count).map((line) => line.split(' ')[0]);
  return `missing argument${count === 1 ? '' : 's'}: ${names.join(', ')}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function bug(message: string): ErrorReport {
  return {
    code: 'BUG',
    message: `unexpected: ${message}`,
    hint: 'This is a bug in zksh. Please report it with the command you gave and the lines below.',
    exitCode: ExitCode.failure,
  };
}
