/** What a process of zksh exits with; the contract scripts build on (`zksh help exit-codes` prints it). */
export const ExitCode = {
  done: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  connection: 5,
  conflict: 6,
  timeout: 7,
  unhealthy: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What an error carries besides its message. */
export interface ZkshErrorDetails {
  /** Stable upper-case name scripts may match on, such as `NO_NODE`. */
  code: string;
  /** What a process that ends with this error exits with. */
  exitCode: ExitCode;
  /** The next step for a person: one sentence. */
  hint?: string | undefined;
  cause?: unknown;
}

/**
 * Every error zksh raises on purpose. The message says what failed on what; `hint` says what to do next.
 * An error that is not a `ZkshError` is a bug of ours.
 */
export class ZkshError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, details: ZkshErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.exitCode = details.exitCode;
    this.hint = details.hint;
  }
}

/** The caller's input can't be used: a bad path, version, ACL, flag or file. Nothing was sent. */
export class UsageError extends ZkshError {
  constructor(message: string, details: { code?: string; hint?: string; cause?: unknown } = {}) {
    super(message, {
      code: details.code ?? 'BAD_USAGE',
      exitCode: ExitCode.usage,
      hint: details.hint,
      cause: details.cause,
    });
  }
}
