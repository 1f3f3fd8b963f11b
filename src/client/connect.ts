import type { SaslMechanism } from '../auth/sasl.ts';
import type { TlsSettings } from '../auth/tls.ts';
import { UsageError } from '../protocol/errors.ts';
import { Client } from './client.ts';
import { parseConnectString } from './connect-string.ts';
import type { TlsDialer } from './connection.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { AbortedError, type Attempt, ConnectError } from './errors.ts';
import type { StateChange } from './session-state.ts';
import { toBytes } from './transaction.ts';

/** How a session is to be. Times are milliseconds. */
export interface ConnectOptions {
  /** Asked for; the server keeps it between 2 and 20 of its ticks. 30,000 by default. */
  sessionTimeout?: number | undefined;
  /** How long the first connection may take in all. 15,000 by default. */
  connectTimeout?: number | undefined;
  /** Deadline of every call that names none. */
  requestTimeout?: number | undefined;
  /** Accept a server cut off from the quorum, for reads; one that may write is looked for meanwhile. */
  readOnly?: boolean | undefined;
  /** Credentials sent before all else on every connection, such as `{scheme: 'digest', auth: 'user:password'}`. */
  auth?: readonly { scheme: string; auth: Uint8Array | string }[] | undefined;
  sasl?: SaslMechanism | undefined;
  tls?: TlsSettings | undefined;
  /** Requests on the wire at once. 128 by default; above the server's 1000 it throttles. */
  window?: number | undefined;
  /** Requests that may wait behind the window. 131,072 by default. */
  queueLimit?: number | undefined;
  /** Largest reply taken, in bytes. 64 MiB by default. */
  maxReplyBytes?: number | undefined;
  /** `host:port` of the server to try first; all are in random order otherwise. */
  prefer?: string | undefined;
  /** Called at each change of state and after each round of attempts in vain, from the first attempt on. */
  onState?: ((change: StateChange) => void) | undefined;
  /** Ends the attempt to connect; not the session after. */
  signal?: AbortSignal | undefined;
  /** For tests: clock, randomness and name look-up. */
  environment?: Environment | undefined;
}

const DEFAULTS = {
  sessionTimeout: 30_000,
  connectTimeout: 15_000,
  window: 128,
  queueLimit: 131_072,
  maxReplyBytes: 64 * 1024 * 1024,
} as const;

/** The session timeout is an int on the wire; the server cuts it down to what it grants anyway. */
const MAX_INT = 0x7fffffff;

/** TLS is loaded only where it is used: plain connections must start fast. */
export async function tlsDialer(settings: TlsSettings): Promise<TlsDialer> {
  const { describeTlsFailure, loadTls, tlsConnectOptions } = await import('../auth/tls.ts');
  const context = await loadTls(settings);
  return {
    options: ({ host, port }) => tlsConnectOptions(host, port, context, settings),
    explain: (error, { host, port }) => describeTlsFailure(error, host, port),
  };
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${name} must be a positive number, not ${value}`);
}

/**
 * Prepares a session without waiting for it: it starts to connect, and calls wait until it has. For an interactive
 * user, who wants a prompt before there is a quorum.
 *
 * @throws UsageError for a bad connection string or unusable TLS material
 */
export async function open(servers: string, options: ConnectOptions = {}): Promise<Client> {
  const { hosts, chroot } = parseConnectString(servers);
  const given = { ...DEFAULTS, ...dropUndefined(options) };
  const client = new Client(
    hosts,
    chroot,
    {
      hosts,
      first: options.prefer === undefined ? undefined : parseConnectString(options.prefer).hosts[0],
      sessionTimeout: Math.min(MAX_INT, Math.round(positive('sessionTimeout', given.sessionTimeout))),
      readOnly: options.readOnly ?? false,
      auth: (options.auth ?? []).map(({ scheme, auth }) => ({ scheme, auth: toBytes(auth) ?? new Uint8Array(0) })),
      sasl: options.sasl,
      tls: options.tls && (await tlsDialer(options.tls)),
      limits: { window: positive('window', given.window), queueLimit: positive('queueLimit', given.queueLimit) },
      maxReplyBytes: positive('maxReplyBytes', given.maxReplyBytes),
      environment: options.environment ?? systemEnvironment,
    },
    options.requestTimeout,
  );
  if (options.onState !== undefined) client.onState(options.onState);
  client.session.start();
  return client;
}

/**
 * Opens a session and waits for its first connection.
 *
 * @param servers `host:port[,host:port…][/chroot]`
 * @returns a client to be closed by the caller
 * @throws ConnectError when no server gives a session within `connectTimeout`; it says what each one did
 * @throws ServerError or ZkshError `AUTH_FAILED` when the credentials are refused
 * @example
 * const zk = await connect('zk1:2181,zk2:2181/app');
 * const { data } = await zk.getData('/config');
 * await zk.close();
 */
export async function connect(servers: string, options: ConnectOptions = {}): Promise<Client> {
  const environment = options.environment ?? systemEnvironment;
  const limit = positive('connectTimeout', options.connectTimeout ?? DEFAULTS.connectTimeout);
  if (options.signal?.aborted) throw new AbortedError(`connect to ${servers}`, 'none');
  const client = await open(servers, options);
  const { session } = client;
  const timer = environment.setTimer(() => {
    const { attempts } = session;
    session.close(new ConnectError(client.servers, attempts, { after: limit, hint: hintFor(attempts) }));
  }, limit);
  const onAbort = () => session.close(new AbortedError(`connect to ${client.servers}`, 'none'));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  // It may have been while TLS material was read.
  if (options.signal?.aborted) onAbort();
  try {
    await session.ready;
    return client;
  } finally {
    environment.clearTimer(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

function hintFor(attempts: readonly Attempt[]): string {
  const given = attempts.find(({ hint }) => hint !== undefined)?.hint;
  if (given !== undefined) return given;
  if (attempts.length === 0) return 'Check the addresses, the ports and the network, or allow more time.';
  if (attempts.some(({ code }) => code === 'NOT_SERVING')) {
    return 'More than half of the voters must run and reach each other; or else the port wants --tls.';
  }
  return 'Check that the servers run and listen there.';
}

function dropUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
