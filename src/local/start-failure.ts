import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { tail } from './log-tail.ts';
import { type EnsembleRecord, logFile, type MemberRecord } from './record.ts';
import { ensembleDirectory } from './spec.ts';

const LOG_LINES = 12;

/** A server could not bind one of its ports: they were lost to a program that is not zksh. */
export class PortLost extends ZkshError {}

/** The error of a start that failed, with the ends of the logs of the members concerned. */
export async function startFailure(
  error: unknown,
  record: EnsembleRecord,
  members: readonly MemberRecord[],
  hint: string,
): Promise<unknown> {
  if (error instanceof ZkshError && error.code === 'INTERRUPTED') return error;
  const directory = ensembleDirectory(record.spec);
  const logs = await Promise.all(members.map((member) => tail(logFile(directory, member.id), LOG_LINES * 8)));
  if (logs.every((lines) => lines.length === 0)) return error;
  // Stack frames would push the line that names the reason out of sight.
  const telling = logs.map((lines) => lines.filter((line) => !/^\s+at /.test(line)).slice(-LOG_LINES));
  const shown = members.map(
    ({ id }, index) => `--- member ${id}, end of its log ---\n${(telling[index] ?? []).join('\n')}`,
  );
  const bind = logs.some((lines) => lines.some((line) => /BindException|Address already in use/.test(line)));
  const reason = error instanceof Error ? error.message : String(error);
  return new (bind ? PortLost : ZkshError)(
    `starting the local ensemble ${record.name} failed: ${reason}\n${shown.join('\n')}`,
    {
      code: 'START_FAILED',
      exitCode: error instanceof ZkshError ? error.exitCode : ExitCode.failure,
      hint,
      cause: error,
    },
  );
}
