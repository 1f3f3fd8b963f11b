import { ZkshError } from '../protocol/errors.ts';

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
}

/** Work on many znodes was done for some and failed for others; it has the code and exit code of the first failure. */
export class PartialError extends ZkshError {
  /** The first failures. */
  readonly failures: readonly ZnodeFailure[];
  /** How many there are in all. */
  readonly failed: number;

  /** @param summary what was done and what not, put before the first failure's own message */
  constructor(summary: string, { kept, count }: Failures, hint?: string) {
    const first = kept[0]?.error ?? new ZkshError('nothing failed', { code: 'BUG', exitCode: 1 });
    const { code, exitCode, message } = first;
    super(`${summary}: ${message}`, { code, exitCode, hint: hint ?? first.hint, cause: first });
    this.failures = kept;
    this.failed = count;
  }
}
