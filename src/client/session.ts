import type { SaslMechanism } from '../auth/sasl.ts';
import type { ZkshError } from '../protocol/errors.ts';
import type { ConnectResponse } from '../protocol/handshake.ts';
import { asConnectionFailure, type Failure, failedForGood, isFinal, isRefusal } from './attempt.ts';
import { AuthLine } from './auth-line.ts';
import type { HostPort } from './connect-string.ts';
import type { Connection, TlsDialer } from './connection.ts';
import type { Environment, Timer } from './environment.ts';
import {
  type Attempt,
  ClosedError,
  type LostWithSession,
  ProtocolError,
  SessionExpiredError,
  TransportError,
} from './errors.ts';
import { establish } from './establish.ts';
import { type AuthInfo, frame, type SessionIdentity, Xid } from './handshake.ts';
import { Heartbeat } from './heartbeat.ts';
import { describeTarget, type Target } from './host-list.ts';
import { inbound } from './inbound.ts';
import { keepConnected } from './keep-connected.ts';
import { Pipeline, type PipelineLimits } from './pipeline.ts';
import { seekReadWrite } from './read-write-probe.ts';
import type { PendingRequest } from './request.ts';
import {
  isOver,
  mayFollow,
  publicState,
  type SessionListener,
  type SessionPhase,
  type SessionState,
  type StateChange,
} from './session-state.ts';
import { WatchTable } from './watch-table.ts';

export interface SessionOptions {
  hosts: readonly HostPort[];
  /** The server to begin each round with, unless it is the one just lost. */
  first: HostPort | undefined;
  /** Asked for, in milliseconds; the server has the last word. */
  sessionTimeout: number;
  readOnly: boolean;
  auth: readonly AuthInfo[];
  sasl: SaslMechanism | undefined;
  tls: TlsDialer | undefined;
  limits: PipelineLimits;
  maxReplyBytes: number;
  environment: Environment;
}

/** One session with an ensemble, from the first connection to its end, over as many connections as it takes. */
export class Session {
  readonly pipeline: Pipeline;
  readonly watches = new WatchTable();
  /** Ephemeral znodes created in this session and not deleted by it; server paths. */
  readonly ephemerals = new Set<string>();
  /** Resolves with the first connection, rejects when the session ends before. */
  readonly ready: Promise<void>;
  lastZxid = 0n;
  /** Negotiated session timeout in milliseconds; the one asked for until then. */
  timeout: number;
  attempts: readonly Attempt[] = [];
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #auth: AuthLine;
  #phase: SessionPhase = 'idle';
  #identity: SessionIdentity | undefined;
  /** Sessions of a read-only server are its own; only one that a quorum gave may be taken elsewhere. */
  #identityIsGlobal = false;
  #connection: Connection | undefined;
  /** Gives up the connection that is being opened. */
  #cancelOpening: ((reason: Error) => void) | undefined;
  #suspendedAt: number;
  #end: ZkshError | undefined;
  #everConnected = false;
  #preferred: Target | undefined;
  #wake: (() => void) | undefined;
  #settleReady: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => {}, reject: () => {} };

  constructor(options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#listener = listener;
    this.pipeline = new Pipeline(options.limits);
    this.#auth = new AuthLine(options.auth);
    this.timeout = options.sessionTimeout;
    this.#suspendedAt = options.environment.now();
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.ready.catch(() => {});
  }

  get state(): SessionState {
    return publicState(this.#phase);
  }

  get sessionId(): bigint {
    return this.#identity?.sessionId ?? 0n;
  }

  get target(): Target | undefined {
    return this.#connection?.target;
  }

  /** Why the session is over; `undefined` while it is not. */
  get ended(): ZkshError | undefined {
    return this.#end;
  }

  start(): void {
    this.#transition('connecting');
    // keepConnected turns every failure into a state; what still escapes is a bug and must not be an unhandled rejection.
    keepConnected({
      hosts: this.#options.hosts,
      first: this.#options.first,
      environment: this.#options.environment,
      over: () => this.#end !== undefined,
      preferred: () => {
        const target = this.#preferred;
        this.#preferred = undefined;
        return target;
      },
      sessionTimeout: () => this.timeout,
      establish: (target, timeout) => this.#establish(target, timeout),
      serve: (connection) => this.#serve(connection),
      inVain: (failures) => this.#inVain(failures),
      sleep: (milliseconds) => this.#sleep(milliseconds),
    }).catch((error: unknown) => this.#finish('closed', asConnectionFailure(error)));
  }

  submit(request: PendingRequest): void {
    if (this.#end !== undefined) request.reject(this.#endError(request));
    else this.pipeline.submit(request);
  }

  /** Adds a credential to the session; it is re-sent on every reconnect. @throws ServerError `AUTH_FAILED` */
  addAuth(info: AuthInfo): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(new ClosedError(`addAuth ${info.scheme}`));
    return this.#auth.add(info);
  }

  /** Ends the session here; the server's part of it is the caller's to have asked for before. */
  close(error: ZkshError): void {
    this.#finish('closed', error);
  }

  lost(): LostWithSession {
    return { sessionId: this.sessionId, ephemerals: [...this.ephemerals].sort(), watches: this.watches.paths };
  }

  async #establish(target: Target, timeout: number): Promise<Connection> {
    const { environment, readOnly, tls, sasl, sessionTimeout } = this.#options;
    const identity = this.#identityIsGlobal ? this.#identity : undefined;
    const request = { lastZxid: this.lastZxid, sessionTimeout, identity, readOnly, auth: this.#auth.accepted, sasl };
    let grantedReadOnly = false;
    try {
      const connection = await establish(
        target,
        { ...request, nextXid: () => this.pipeline.nextXid() },
        { tls, environment, timeout },
        {
          opening: (cancel) => {
            this.#cancelOpening = cancel;
          },
          opened: (opened) => {
            this.#cancelOpening = undefined;
            if (this.#end !== undefined) throw this.#end;
            this.#connection = opened;
            this.#transition('handshaking');
          },
          answered: (response) => {
            grantedReadOnly = response.readOnly;
            this.#granted(response, identity);
          },
        },
      );
      if (this.#end !== undefined) throw this.#end;
      this.#connected(connection, grantedReadOnly);
      return connection;
    } catch (error) {
      this.#connection = undefined;
      // A refusal would be met again on every server; a connection that broke is just another attempt.
      if (this.#phase === 'authenticating' && isRefusal(error)) this.#finish('authFailed', asConnectionFailure(error));
      if (this.#phase !== 'connecting' && !isOver(this.#phase)) this.#transition('connecting');
      throw error;
    }
  }

  /** Takes what the server granted, or the news that there is nothing left to grant. */
  #granted(response: ConnectResponse, identity: SessionIdentity | undefined): void {
    if (this.#end !== undefined) throw this.#end;
    if (response.timeOut <= 0) {
      if (identity === undefined) throw new ProtocolError('BAD_HANDSHAKE', 'the server refused a new session');
      const expired = new SessionExpiredError(this.lost());
      this.#finish('expired', expired);
      throw expired;
    }
    if (identity !== undefined && response.sessionId !== identity.sessionId) {
      // Taking it would pass ephemerals and watches of the one for the other's.
      throw new ProtocolError('BAD_HANDSHAKE', 'the server answered for another session than the one to go on with');
    }
    this.timeout = response.timeOut;
    this.#identity = { sessionId: response.sessionId, password: Buffer.from(response.passwd ?? []) };
    this.#identityIsGlobal ||= !response.readOnly;
    this.#transition('authenticating');
  }

  #connected(connection: Connection, readOnly: boolean): void {
    for (const { type, body } of this.watches.packets(this.lastZxid)) {
      connection.write(
        frame((writer) => {
          writer.int(Xid.setWatches);
          writer.int(type);
          writer.raw(body);
        }),
      );
    }
    this.#everConnected = true;
    this.attempts = [];
    connection.listen(
      inbound({
        pipeline: this.pipeline,
        maxReplyBytes: this.#options.maxReplyBytes,
        authReplied: (errno) => this.#auth.replied(errno),
        watchesRefused: (error) => connection.destroy(error),
        seen: (zxid) => {
          if (zxid > this.lastZxid) this.lastZxid = zxid;
        },
        fired: (event) => {
          this.watches.fired(event);
          this.#listener.fired(event);
        },
      }),
      this.#options.maxReplyBytes,
    );
    this.#transition(readOnly ? 'connectedReadOnly' : 'connected');
    this.#auth.connected(connection);
    this.pipeline.attach(connection);
    this.#settleReady.resolve();
  }

  /** No server gave a session this round: worth waiting for, unless it was never there and can't come. */
  #inVain(failures: readonly Failure[]): void {
    this.attempts = failures.map(({ attempt }) => attempt);
    if (!this.#everConnected && failures.every(({ error }) => isFinal(error))) {
      this.#finish('closed', failedForGood(this.#options.hosts, failures));
    } else this.#notify('retrying', failures[0]?.error);
  }

  /** Until the connection ends. */
  async #serve(connection: Connection): Promise<void> {
    const heartbeat = new Heartbeat(connection, this.timeout, this.#options.environment);
    // It ends by itself with the connection, and may be in the middle of a question then: nobody waits for it.
    if (this.#phase === 'connectedReadOnly') this.#seekReadWrite(connection).catch(() => {});
    const cause = await connection.ended;
    heartbeat.stop();
    this.#connection = undefined;
    this.#auth.disconnected();
    if (this.#end !== undefined) return;
    this.pipeline.detach(cause);
    this.#suspendedAt = this.#options.environment.now();
    this.#transition('connecting', cause);
    this.#wake?.();
  }

  /** In read-only mode: looks for a server of the quorum and moves there. */
  async #seekReadWrite(connection: Connection): Promise<void> {
    const { hosts, environment, tls } = this.#options;
    const here = connection.target;
    const wait = async (milliseconds: number) => {
      // A sleep begun after the connection went would take the wake-up of the reconnecting.
      if (this.#connection === connection) await this.#sleep(milliseconds);
      return this.#connection === connection;
    };
    const found = await seekReadWrite(here, hosts, { tls, environment, wait });
    if (found === undefined || this.#connection !== connection) return;
    this.#preferred = found;
    connection.destroy(new TransportError('FOUND_READ_WRITE', `moving to ${describeTarget(found)}, which may write`));
  }

  #finish(phase: 'expired' | 'authFailed' | 'closed', error: ZkshError): void {
    if (isOver(this.#phase)) return;
    this.#end = error;
    this.#transition(phase, error);
    this.#cancelOpening?.(error);
    this.#connection?.destroy(error);
    this.#wake?.();
    this.#auth.fail(error);
    this.pipeline.fail((request) => this.#endError(request));
    this.#settleReady.reject(error);
  }

  #endError(request: PendingRequest): Error {
    if (this.#phase === 'expired') return new SessionExpiredError(this.lost(), request.outcome);
    if (this.#phase === 'authFailed' || !this.#everConnected) return this.#end ?? new ClosedError(request.label);
    return new ClosedError(request.label);
  }

  #transition(to: SessionPhase, cause?: ZkshError): void {
    const from = this.#phase;
    if (!mayFollow(from, to)) throw new Error(`a session can't go from ${from} to ${to}`);
    this.#phase = to;
    if (publicState(from) !== publicState(to)) this.#notify('state', cause);
  }

  #notify(type: StateChange['type'], cause: ZkshError | undefined): void {
    const suspended = this.state === 'SUSPENDED' ? this.#options.environment.now() - this.#suspendedAt : 0;
    this.#listener.changed({
      type,
      state: this.state,
      sessionId: this.sessionId,
      server: this.target && describeTarget(this.target),
      cause,
      attempts: this.attempts,
      suspendedFor: Math.round(suspended),
    });
  }

  /** Waits, but no longer than until the next change of connection. */
  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const done = () => {
        this.#options.environment.clearTimer(timer);
        this.#wake = undefined;
        resolve();
      };
      timer = this.#options.environment.setTimer(done, milliseconds);
      this.#wake = done;
    });
  }
}
