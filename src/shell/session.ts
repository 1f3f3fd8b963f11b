import type { ChosenContext } from '../cli/connecting.ts';
import { Patience, stillTrying } from '../cli/still-trying.ts';
import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connect.ts';
import { SessionExpiredError } from '../client/errors.ts';
import type { StateChange } from '../client/session-state.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { WatchEvent } from '../protocol/events.ts';
import { connectionLost, newSession, reconnected, sessionExpired } from './notices.ts';
import type { ShellState } from './prompt.ts';

/** Which ensemble, as whom. */
export interface ShellTarget {
  /** The settings as chosen, secrets still by reference. */
  readonly chosen: ChosenContext;
  /** The same for the client, secrets resolved. */
  readonly options: ConnectOptions;
}

/** What the shell wants to hear of its session. */
export interface SessionListener {
  /** A sentence for the person. */
  notice(text: string, role: 'good' | 'warn' | 'bad'): void;
  /** The prompt shows something else now. */
  changed(): void;
  event(event: WatchEvent): void;
  /** In a script: no server for so long that the running command is given up. */
  gaveUp(error: ZkshError): void;
}

export interface SessionSettings {
  /**
   * On a terminal the session keeps trying to connect and commands wait for it; a script fails when there is no
   * connection within `connectTimeout`.
   */
  readonly patient: boolean;
  /** Milliseconds. */
  readonly connectTimeout: number;
}

/** The shell's session with an ensemble: opened, watched over, replaced when it expires. */
export class ShellSession {
  readonly #listener: SessionListener;
  readonly #settings: SessionSettings;
  #target: ShellTarget;
  #client: Client | undefined;
  #opening: Promise<Client> | undefined;
  #connecting: AbortController | undefined;
  #state: ShellState = 'not connected';
  #failure: ZkshError | undefined;
  #hasAddedCredentials = false;
  readonly #patience = new Patience();
  #lostAt = 0;

  constructor(target: ShellTarget, settings: SessionSettings, listener: SessionListener) {
    this.#target = target;
    this.#settings = settings;
    this.#listener = listener;
  }

  get state(): ShellState {
    return this.#state;
  }

  get target(): ShellTarget {
    return this.#target;
  }

  /** The session if a server serves it at this moment: for completion, which must not wait. */
  get ready(): Client | undefined {
    return this.#state === 'connected' || this.#state === 'read-only' ? this.#client : undefined;
  }

  /**
   * The open session. On a terminal it may still be connecting: calls on it wait.
   * @throws ZkshError `NOT_CONNECTED` after `close`, or why the servers could not be used (exit code 5, or 4)
   */
  async client(): Promise<Client> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#client !== undefined) return this.#client;
    if (this.#state !== 'connecting') throw notConnected();
    // Should it fail, it has failed for the whole script: each line waiting anew would take for ever.
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  /**
   * Begins to connect, at first or anew; in a script, connects when a command first needs it. A target that can't be
   * used at all (a bad connection string, a missing key) throws and leaves the session there is.
   */
  async open(target: ShellTarget = this.#target): Promise<void> {
    const client = this.#settings.patient ? await this.#prepare(target) : undefined;
    const closed = this.#drop();
    this.#target = target;
    this.#set('connecting');
    if (client !== undefined) this.#adopt(client);
    await closed;
  }

  /** Ends the session; commands that need one fail until `open`. */
  async close(): Promise<void> {
    const closed = this.#drop();
    this.#set('not connected');
    await closed;
  }

  /** The session got credentials by addauth: a new one will not have them. */
  credentialsAdded(): void {
    this.#hasAddedCredentials = true;
  }

  /** Forgets the session at once; resolves when the server has been told. */
  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#opening = undefined;
    this.#connecting?.abort();
    this.#failure = undefined;
    this.#hasAddedCredentials = false;
    await client?.close().catch(() => {});
  }

  async #prepare({ chosen, options }: ShellTarget): Promise<Client> {
    const { open } = await import('../client/connect.ts');
    return open(chosen.context.servers, options);
  }

  async #connect(): Promise<Client> {
    const { connect } = await import('../client/connect.ts');
    const { chosen, options } = this.#target;
    const { connectTimeout } = this.#settings;
    this.#connecting = new AbortController();
    const client = await connect(chosen.context.servers, {
      ...options,
      connectTimeout,
      signal: this.#connecting.signal,
    });
    this.#adopt(client);
    return client;
  }

  #adopt(client: Client): void {
    this.#client = client;
    this.#patience.reset();
    client.onState((change) => {
      // What is left of a session that was closed or replaced is nobody's concern.
      if (this.#client === client) this.#changed(client, change);
    });
    if (client.state !== 'SUSPENDED') this.#set(client.state === 'READ_ONLY' ? 'read-only' : 'connected');
    this.#pump(client).catch((error: unknown) => this.#unheard(error));
  }

  async #pump(client: Client): Promise<void> {
    for await (const event of client.events()) if ('path' in event) this.#listener.event(event);
  }

  /** Thousands of events waited: the next ones are not shown, which a person has to know. */
  #unheard(error: unknown): void {
    this.#listener.notice(`watch events are not shown any more: ${(error as Error).message}`, 'bad');
  }

  #changed(client: Client, change: StateChange): void {
    if (change.type === 'retrying') this.#retrying(client, change);
    else if (change.state === 'LOST') this.#lost(client, change);
    else if (change.state === 'SUSPENDED') this.#suspended(change);
    else this.#served(client, change);
  }

  #served(client: Client, change: StateChange): void {
    const before = this.#state;
    if (before === 'reconnecting') {
      const away = Date.now() - this.#lostAt;
      this.#listener.notice(reconnected(change.server, change.sessionId, away), 'good');
    } else if (before === 'connecting' && this.#settings.patient) {
      this.#listener.notice(newSession(change.server, change.sessionId, client.negotiatedTimeout), 'good');
    }
    if (change.state === 'READ_ONLY') {
      this.#listener.notice('this server is cut off from the quorum: reads only, and they may be stale', 'warn');
    }
    this.#patience.reset();
    this.#set(change.state === 'READ_ONLY' ? 'read-only' : 'connected');
  }

  #suspended(change: StateChange): void {
    this.#lostAt = Date.now();
    this.#patience.reset();
    this.#listener.notice(connectionLost(change.cause), 'warn');
    this.#set('reconnecting');
  }

  #retrying(client: Client, change: StateChange): void {
    if (!this.#settings.patient) {
      const limit = Math.max(this.#settings.connectTimeout, client.negotiatedTimeout);
      if (this.#state === 'reconnecting' && change.suspendedFor > limit) this.#giveUp(change);
      return;
    }
    if (this.#patience.isDue(change.suspendedFor)) this.#listener.notice(stillTrying(change), 'warn');
  }

  #giveUp(change: StateChange): void {
    this.#listener.gaveUp(
      new ZkshError(stillTrying(change).replace('still trying', 'giving up'), {
        code: 'CONNECTION_LOST',
        exitCode: ExitCode.connection,
        hint: 'What was under way may or may not have happened: look before doing it again.',
      }),
    );
  }

  #lost(client: Client, change: StateChange): void {
    const { held } = client;
    this.#client = undefined;
    if (change.cause instanceof SessionExpiredError) {
      this.#listener.notice(sessionExpired(held, this.#hasAddedCredentials), 'bad');
      this.open().catch((error: unknown) => this.#refused(error));
      return;
    }
    this.#refused(change.cause);
  }

  #refused(error: unknown): void {
    this.#failure = error instanceof ZkshError ? error : notConnected();
    this.#listener.notice(`${this.#failure.message}; connect tries again`, 'bad');
    this.#set('refused');
  }

  #set(state: ShellState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#listener.changed();
  }
}

function notConnected(): ZkshError {
  return new ZkshError('not connected', {
    code: 'NOT_CONNECTED',
    exitCode: ExitCode.connection,
    hint: 'connect opens a session again; connect HOST:PORT opens one elsewhere.',
  });
}
