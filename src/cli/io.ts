/** A stream a person may be watching. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** A stream a person may be typing into. */
export type InputStream = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  /** Keys as they are pressed, unseen; a terminal has it. */
  setRawMode?(raw: boolean): unknown;
};

/** Everything a command may know of the process it runs in; tests and the shell hand in their own. */
export interface Io {
  readonly stdin: InputStream;
  /** Carries the result and nothing else. */
  readonly stdout: OutputStream;
  /** Carries errors, warnings, prompts and progress. */
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The process's own streams, environment and clock. */
export function processIo(): Io {
  // A stream is made when it is first looked at, and stdin costs two milliseconds that most commands need not spend.
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    now: Date.now,
  };
}

/** Whether a question can be asked: it goes to stderr and the answer comes from stdin, so both must be a terminal. */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}
