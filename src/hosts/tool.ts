import { ExitCode } from '../protocol/errors.ts';
import { type Ended, runChild } from './child.ts';
import type { Limits, Ran } from './host.ts';
import { endOf, HostError, type Outcome, shown } from './host-error.ts';

const DEFAULT_TIMEOUT = 30_000;
const MAX_OUTPUT = 4 * 1024 * 1024;

/** What a command line tool of this machine said of its own failure. */
interface ToolFailure {
  code: string;
  exitCode: ExitCode;
  hint: string;
}

/** Recognizes the failures of a tool by its words; undefined for others. */
export type Recognize = (stderr: string) => ToolFailure | undefined;

/** Runs a tool of this machine that acts on a host, and must succeed. @throws HostError */
export async function runTool(
  host: string,
  argv: readonly string[],
  how: Limits & { recognize: Recognize; idempotent?: boolean; what?: string; stdin?: string | Uint8Array },
): Promise<Ran> {
  const { timeout = DEFAULT_TIMEOUT, signal, stdin } = how;
  const ended = await runChild(argv, { timeout, signal, stdin, maxOutput: MAX_OUTPUT });
  const stderr = ended.stderr.toString('utf8');
  if (ended.why === 'exited' && ended.code === 0) return { code: 0, stdout: ended.stdout, stderr };
  throw toolFailed(host, how.what ?? `\`${shown(argv)}\``, argv[0] ?? '', ended, how);
}

function toolFailed(
  host: string,
  what: string,
  tool: string,
  { why, code, stderr }: Ended,
  { recognize, idempotent = false, timeout = DEFAULT_TIMEOUT }: { recognize: Recognize; idempotent?: boolean } & Limits,
): HostError {
  if (why === 'missing') return toolMissing(host, tool);
  const text = stderr.toString('utf8');
  const unclear: Outcome = idempotent ? 'none' : 'unknown';
  if (why === 'timeout' || why === 'overflow') {
    return new HostError(host, `${what} did not end within ${timeout} ms`, {
      code: 'HOST_TIMEOUT',
      exitCode: ExitCode.timeout,
      outcome: unclear,
      hint: 'Whether it was done is not known: look before doing it again.',
    });
  }
  const known = recognize(text) ?? {
    code: 'HOST_COMMAND_FAILED',
    exitCode: ExitCode.failure,
    hint: 'What it wrote says why.',
  };
  const said = endOf(text);
  const message = `${what} failed: ${said === '' ? `exit code ${code ?? 'of a signal'}` : said}`;
  return new HostError(host, message, { ...known, outcome: 'failed' });
}

function toolMissing(host: string, tool: string): HostError {
  return new HostError(host, `there is no ${tool} on this machine`, {
    code: 'HOST_TOOL_MISSING',
    exitCode: ExitCode.failure,
    outcome: 'none',
    hint: `Install ${tool}, or put it on the PATH.`,
  });
}

/** For a shell that a tool carries: its own failures, which mean that the command was not begun. */
export function lostByTool(host: string, tool: string, recognize: Recognize) {
  return (ended: Ended) => {
    if (ended.why === 'missing') throw toolMissing(host, tool);
    const text = ended.stderr.toString('utf8');
    const known = recognize(text);
    if (known === undefined) return undefined;
    return { ...known, message: `${tool} did not reach it: ${endOf(text)}`, begun: false };
  };
}
