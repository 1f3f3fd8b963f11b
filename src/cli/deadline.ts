import { setMaxListeners } from 'node:events';
import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** The person stopped the command: Ctrl-C, or a signal to the process. */
export class InterruptedError extends ZkshError {
  constructor(message = 'interrupted') {
    super(message, { code: 'INTERRUPTED', exitCode: ExitCode.interrupted });
  }
}

/** The command's `--timeout` passed. */
class DeadlineError extends ZkshError {
  constructor(ms: number, connecting: boolean) {
    super(connecting ? `no connection within ${ms} ms` : `not finished within ${ms} ms`, {
      code: connecting ? 'CANNOT_CONNECT' : 'TIMEOUT',
      exitCode: connecting ? ExitCode.connection : ExitCode.timeout,
      hint: connecting ? 'Check the servers, or allow more with --timeout.' : 'Allow more with --timeout.',
    });
  }
}

/** Connecting has a deadline of its own, whose error says what each server did: it goes first. */
const CONNECT_GRACE_MS = 250;

/** What ends a command early: the host's signal, or its own deadline. */
export interface Ending {
  readonly signal: AbortSignal;
  /** When (`performance.now()`) connecting began, until it ends: a deadline that passes then means "cannot connect". */
  connectingSince: number | undefined;
  /** Stops the timer. */
  dispose(): void;
}

/** Joins the host's signal with a deadline in milliseconds. */
export function createEnding(host: AbortSignal | undefined, timeoutMs: number | undefined): Ending {
  const own = new AbortController();
  // A walk has hundreds of calls under way that all listen: that is no leak to warn of.
  setMaxListeners(0, own.signal);
  const interrupt = (): void => own.abort(asReason(host?.reason));
  const ending: Ending = { signal: own.signal, connectingSince: undefined, dispose };
  const expire = (ms: number): void => own.abort(new DeadlineError(ms, ending.connectingSince !== undefined));
  let timer: NodeJS.Timeout | undefined;
  if (timeoutMs !== undefined) {
    timer = setTimeout(() => {
      if (ending.connectingSince === undefined) return expire(timeoutMs);
      // Its deadline counts from its own beginning, which on a busy machine is much later than the command's.
      const rest = ending.connectingSince + timeoutMs - performance.now();
      timer = setTimeout(expire, Math.max(0, rest) + CONNECT_GRACE_MS, timeoutMs);
    }, timeoutMs);
  }
  function dispose(): void {
    clearTimeout(timer);
    host?.removeEventListener('abort', interrupt);
  }
  if (host?.aborted === true) interrupt();
  else host?.addEventListener('abort', interrupt, { once: true });
  return ending;
}

function asReason(reason: unknown): ZkshError {
  return reason instanceof ZkshError ? reason : new InterruptedError();
}

/**
 * The error to print when work ended because it was told to. A call that was cut off knows whether its write may have
 * happened; a deadline knows that it was one.
 */
export function endedBecause(error: unknown, reason: unknown): unknown {
  if (!(error instanceof Error) || !(reason instanceof ZkshError)) return error;
  const cutOff = error.name === 'AbortError' || ('code' in error && error.code === 'INTERRUPTED');
  if (!cutOff) return error;
  if (!(error instanceof ZkshError)) return reason;
  if (!(reason instanceof DeadlineError)) return error;
  const outcome = 'outcome' in error ? error.outcome : undefined;
  const { code, exitCode } = reason;
  const hint = outcome === 'unknown' ? error.hint : reason.hint;
  const message = `${error.message.replace(/: interrupted$/, '')}: ${reason.message}`;
  return Object.assign(new ZkshError(message, { code, exitCode, hint, cause: error }), { outcome });
}

/** How long a command that was told to stop may take to do so before it is left behind. */
const GRACE_MS = 2000;

/**
 * Waits for work that may be told to stop. Work that stops by itself decides how (its error may say that a write's
 * outcome is unknown); work that does not is left behind after a grace.
 */
export async function untilEnded<T>(work: Promise<T>, signal: AbortSignal, graceMs: number = GRACE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const leftBehind = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), graceMs);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, leftBehind]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

/** Aborts on SIGINT, SIGTERM and SIGHUP. The second signal has its default effect: the process dies. */
export function listenForSignals(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => {
    for (const name of names) process.removeListener(name, onSignal);
  };
  const onSignal = (): void => {
    stop();
    controller.abort(new InterruptedError());
  };
  for (const name of names) process.on(name, onSignal);
  return { signal: controller.signal, stop };
}
