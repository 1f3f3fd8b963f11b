import type { Operation, OperationName } from '../protocol/operations.ts';
import type { Environment, Timer } from './environment.ts';
import { AbortedError, type Outcome, TimeoutError } from './errors.ts';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call when aborted. A write already sent may still happen; the error's `outcome` says so. */
  signal?: AbortSignal | undefined;
  /** Milliseconds until the call fails with `TIMEOUT`; none by default, then it waits as long as the session lives. */
  timeout?: number | undefined;
}

/** One operation to be asked of the server. */
export interface Ask<Q, P> {
  name: OperationName;
  operation: Operation<Q, P>;
  record: Q;
  /** What the user named, for error messages. */
  path: string | undefined;
  /** The chroot that path is below; undefined without one. */
  chroot?: string | undefined;
  /** Says what is wrong with a reply that is well-formed but can't be the answer to this request. */
  fault?: ((reply: P) => string | undefined) | undefined;
  /**
   * Called in the reader before the next packet is looked at, with the error number (0 for none): a watch must be in
   * the table before its event can arrive.
   */
  onReply?: ((errno: number, reply: P | undefined) => void) | undefined;
}

/** A read lost this often is not asked again: its reply may be what breaks the connection. */
export const MAX_LOSSES = 3;

/** One call under way: its place in the queue, then on the wire, then its one settling. */
export class PendingRequest {
  readonly ask: Ask<unknown, unknown>;
  /** 0 until it is sent; then its xid on the present connection. */
  xid = 0;
  /** Connections that went while it was on them. */
  losses = 0;
  /** Bytes of its frame when it was last sent. */
  frameBytes = 0;
  settled = false;
  readonly #resolve: (reply: unknown) => void;
  readonly #reject: (error: Error) => void;
  #release: (() => void) | undefined;

  constructor(ask: Ask<unknown, unknown>, resolve: (reply: unknown) => void, reject: (error: Error) => void) {
    this.ask = ask;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The call as a person would name it: `setData "/a"`. */
  get label(): string {
    return this.ask.path === undefined ? this.ask.name : `${this.ask.name} ${JSON.stringify(this.ask.path)}`;
  }

  /** What failing now would leave behind. */
  get outcome(): Outcome {
    return this.ask.operation.kind === 'write' && (this.xid !== 0 || this.losses > 0) ? 'unknown' : 'none';
  }

  /** Arms deadline and abort; `state` tells how the connection stands when the deadline passes. */
  bound(options: CallOptions, environment: Environment, state: () => string): void {
    const { signal, timeout } = options;
    let timer: Timer | undefined;
    const onAbort = () => this.reject(new AbortedError(this.label, this.outcome));
    if (timeout !== undefined) {
      timer = environment.setTimer(
        () => this.reject(new TimeoutError(this.label, timeout, this.outcome, state())),
        timeout,
      );
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#release = () => {
      environment.clearTimer(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) onAbort();
  }

  resolve(reply: unknown): void {
    if (!this.#settle()) return;
    this.#resolve(reply);
  }

  reject(error: Error): void {
    if (!this.#settle()) return;
    this.#reject(error);
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.#release?.();
    return true;
  }
}
