import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { type Operation, type OperationName, operations } from '../protocol/operations.ts';
import { validatePath } from '../protocol/paths.ts';
import { type Chroot, chrootAt } from './chroot.ts';
import { formatHostPort, type HostPort } from './connect-string.ts';
import type { Environment } from './environment.ts';
import { ClosedError, type LostWithSession } from './errors.ts';
import { EventHub } from './event-hub.ts';
import type { Target } from './host-list.ts';
import type { ClientEvent } from './options.ts';
import { type CallOptions, PendingRequest } from './request.ts';
import { Session, type SessionOptions } from './session.ts';
import type { SessionState, StateChange } from './session-state.ts';
import { toBytes } from './transaction.ts';

/** What a call adds to its operation and record. */
export interface CallDetails<P> {
  /** The user's path, for error messages. */
  path?: string | undefined;
  onReply?: (errno: number, reply: P | undefined) => void;
  fault?: (reply: P) => string | undefined;
}

/** What all calls of a client stand on: its session, its chroot, its events, and its end. */
export abstract class Caller {
  /** The servers connected to, `host:port` joined by commas, without the chroot. */
  readonly servers: string;
  /** `''`, or the path everything is below. */
  readonly chroot: string;
  readonly #session: Session;
  protected readonly paths: Chroot;
  readonly #environment: Environment;
  readonly #requestTimeout: number | undefined;
  readonly #hub = new EventHub<ClientEvent>();
  readonly #listeners = new Set<(change: StateChange) => void>();
  #closing: Promise<void> | undefined;

  /** Use {@link connect}. */
  constructor(hosts: readonly HostPort[], chroot: string, options: SessionOptions, requestTimeout: number | undefined) {
    this.servers = hosts.map(formatHostPort).join(',');
    this.chroot = chroot;
    this.paths = chrootAt(chroot);
    this.#environment = options.environment;
    this.#requestTimeout = requestTimeout;
    this.#session = new Session(options, {
      changed: (change) => this.#onChange(change),
      fired: (event) => this.#hub.emit({ ...event, path: this.paths.fromServer(event.path) }),
    });
  }

  /** The session itself, for {@link connect} and the pool. @internal */
  get session(): Session {
    return this.#session;
  }

  get state(): SessionState {
    return this.#session.state;
  }

  /** 0 until the first connection. */
  get sessionId(): bigint {
    return this.#session.sessionId;
  }

  /** Session timeout the server granted, in milliseconds. */
  get negotiatedTimeout(): number {
    return this.#session.timeout;
  }

  /** The server in use; `undefined` while there is none. */
  get server(): Target | undefined {
    return this.#session.target;
  }

  /** The newest zxid a reply has shown. */
  get lastZxid(): bigint {
    return this.#session.lastZxid;
  }

  /** Ephemerals and watches that would go with the session now, as the client's own paths. */
  get held(): LostWithSession {
    const { sessionId, ephemerals, watches } = this.#session.lost();
    const strip = (paths: readonly string[]) => paths.map((path) => this.paths.fromServer(path));
    return { sessionId, ephemerals: strip(ephemerals), watches: strip(watches) };
  }

  /** Adds a credential, such as `('digest', 'user:password')`. @throws ServerError `AUTH_FAILED`; the session lives on */
  async addAuth(scheme: string, auth: Uint8Array | string): Promise<void> {
    await this.#session.addAuth({ scheme, auth: toBytes(auth) ?? new Uint8Array(0) });
  }

  /** Every watch event and change of state from now on; ends with the session. */
  events(options: { signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<ClientEvent> {
    return this.#hub.stream(options.signal);
  }

  /** Calls `listener` at each change of state and each vain round of reconnecting. @returns a function that stops it */
  onState(listener: (change: StateChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Ends the session on the server, which removes its ephemerals, and then here. Calls made before end first. When no
   * server can be told within `timeout` milliseconds, the session ends here only and the servers expire it.
   */
  close(options: { timeout?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeout ?? Math.min(5000, this.negotiatedTimeout / 3));
    return this.#closing;
  }

  /** The server's path for one of the user's. */
  protected path(path: string): string {
    return this.paths.toServer(validatePath(path));
  }

  /** Asks the server; the promise settles with its reply, or with the one error that says why there is none. */
  protected call<Q, P>(
    name: OperationName,
    operation: Operation<Q, P>,
    record: Q,
    options: CallOptions,
    details: CallDetails<P> = {},
  ): Promise<P> {
    if (this.#closing !== undefined) return Promise.reject(new ClosedError(name));
    return this.#send(name, operation, record, options, details);
  }

  #send<Q, P>(
    name: OperationName,
    operation: Operation<Q, P>,
    record: Q,
    options: CallOptions,
    details: CallDetails<P>,
  ): Promise<P> {
    return new Promise<P>((resolve, reject) => {
      const { path, onReply, fault } = details;
      const ask = { name, operation, record, path, chroot: this.chroot || undefined, onReply, fault };
      const request = new PendingRequest(ask as never, resolve as (reply: unknown) => void, reject);
      const timeout = options.timeout ?? this.#requestTimeout;
      if (timeout !== undefined || options.signal !== undefined) {
        request.bound({ timeout, signal: options.signal }, this.#environment, () => this.#describeState());
      }
      if (!request.settled) this.#session.submit(request);
    });
  }

  async #close(timeout: number): Promise<void> {
    if (this.#session.target !== undefined) {
      await this.#send('closeSession', operations.closeSession, {}, { timeout }, {}).catch(() => {});
    }
    this.#session.close(new ClosedError('close'));
  }

  #describeState(): string {
    const { state, server } = this;
    if (server !== undefined && state !== 'SUSPENDED') return `connected to ${formatHostPort(server)}`;
    const seen = this.#session.attempts.map(({ server: name, reason }) => `${name}: ${reason}`).join('; ');
    return `not connected${seen === '' ? '' : `: ${seen}`}`;
  }

  #onChange(change: StateChange): void {
    this.#hub.emit(change);
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        // A listener's failure is its own: it must not break the connection in whose reader it runs.
        queueMicrotask(() => {
          throw new ZkshError('a state listener threw', { code: 'LISTENER', exitCode: ExitCode.failure, cause: error });
        });
      }
    }
    if (change.state === 'LOST') this.#hub.end();
  }
}
