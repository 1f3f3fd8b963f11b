import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** One znode of many with which something failed. */
export interface ZnodeFailure {
  readonly path: string;
  readonly error: ZkshError;
}

/** Failures kept one by one; the rest is counted. */
const KEPT = 100;

/** Failures as they come in: all are counted, the first are kept. */
export class Failures {
  readonly kept: ZnodeFailure[] = [];
  count = 0;

  add(path: string, error: ZkshError): void {
    this.count += 1;
    if (this.kept.length < KEPT) this.kept.push({ path, error });
  }

  /** Takes over those of a part of the work. */
  addAll({ failures, failed }: PartialError): void {
    for (const { path, error } of failures) this.add(path, error);
    this.count += failed - failures.length;
  }
}

/** Work on many znodes was done for some and failed for others; it has the code and exit code of the first failure. */
export class PartialError extends ZkshError {
  /** The first failures. */
  readonly failures: readonly ZnodeFailure[];
  /** How many there are in all. */
  readonly failed: number;
  /** How many were done, where that was said. */
  readonly done: number;

  /** @param summary what was done and what not, put before the first failure's own message */
  constructor(
    summary: string,
    { kept, count }: Pick<Failures, 'kept' | 'count'>,
    details: { done?: number; hint?: string } = {},
  ) {
    const first = kept[0]?.error ?? new ZkshError('nothing failed', { code: 'BUG', exitCode: ExitCode.failure });
    const { code, exitCode, message } = first;
    super(`${summary}: ${message}`, { code, exitCode, hint: details.hint ?? first.hint, cause: first });
    this.failures = kept;
    this.failed = count;
    this.done = details.done ?? 0;
  }
}

const AGAIN = 'What was under way may or may not have happened. Run it again to go on.';

/** The error that ended work on many znodes early, told together with how far it had come. */
export function brokenOff(error: unknown, summary: string): unknown {
  if (!(error instanceof ZkshError)) return error;
  const { code, exitCode, message } = error;
  const cutOff = exitCode === ExitCode.connection || exitCode === ExitCode.timeout || exitCode === ExitCode.interrupted;
  const hint = cutOff ? AGAIN : (error.hint ?? AGAIN);
  const details = { code, exitCode, hint, cause: error };
  return Object.assign(new ZkshError(`${summary}: ${message}`, details), { outcome: 'unknown' });
}
