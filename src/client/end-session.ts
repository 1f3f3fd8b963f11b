import { operations } from '../protocol/operations.ts';
import { asConnectionFailure } from './attempt.ts';
import { type ConnectOptions, tlsDialer } from './connect.ts';
import { formatHostPort, type HostPort } from './connect-string.ts';
import type { TlsDialer } from './connection.ts';
import { systemEnvironment } from './environment.ts';
import { AbortedError, ClosedError, ConnectionLostError, TransportError } from './errors.ts';
import { establish, type Steps } from './establish.ts';
import { exchange, type SessionIdentity } from './handshake.ts';
import { oneRound, type Target } from './host-list.ts';
import { toBytes } from './transaction.ts';

/** `ended` by us just now, or `unknown` to the server: a session that only another member knows is `unknown` too. */
export type SessionEnd = 'ended' | 'unknown';

export interface EndingOptions extends Pick<ConnectOptions, 'auth' | 'sasl' | 'tls' | 'signal' | 'environment'> {
  /** Milliseconds for one address of the server. */
  timeout: number;
  /** The session's own, in milliseconds, so that it keeps it should the rest fail. */
  sessionTimeout: number;
}

/** How far it has come: what an error may have done depends on it. */
interface Progress {
  /** Breaks off what is under way. */
  stop: (reason: Error) => void;
  /** The server has taken the session from whoever had it. */
  attached: boolean;
  /** The server was told to close it. */
  sent: boolean;
}

/**
 * Goes on with somebody's session on this server, which takes it from the client that has it, and closes it for good. A
 * server asks for nothing but the session's password, and, where it enforces authentication, for that.
 *
 * @throws ConnectionLostError `outcome: 'unknown'` when the connection broke after the server was told
 * @throws ServerError `SESSION_CLOSED_REQUIRE_SASL_AUTH`, and other ZkshErrors when it could not be told
 */
export async function endSession(
  server: HostPort,
  identity: SessionIdentity,
  options: EndingOptions,
): Promise<SessionEnd> {
  const tls = options.tls && (await tlsDialer(options.tls));
  const what = `end a session on ${formatHostPort(server)}`;
  const progress: Progress = { stop: () => {}, attached: false, sent: false };
  const onAbort = () => progress.stop(new AbortedError(what, progress.sent ? 'unknown' : 'none'));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  let failure: unknown;
  try {
    for await (const found of oneRound([server], options.environment ?? systemEnvironment, {})) {
      if (options.signal?.aborted === true) throw new AbortedError(what, 'none');
      try {
        if ('error' in found) throw found.error;
        return await endOn(found, identity, { ...options, dialer: tls }, progress, what);
      } catch (error) {
        failure = error;
        if (progress.attached || error instanceof AbortedError) throw error;
      }
    }
    throw failure ?? new TransportError('NAME_NOT_FOUND', 'the name has no address');
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

async function endOn(
  target: Target,
  identity: SessionIdentity,
  options: EndingOptions & { dialer: TlsDialer | undefined },
  progress: Progress,
  what: string,
): Promise<SessionEnd> {
  const { auth = [], sasl, dialer, sessionTimeout, timeout, environment = systemEnvironment } = options;
  let xid = 0;
  let refused = false;
  const request = {
    lastZxid: 0n,
    sessionTimeout,
    identity,
    readOnly: false,
    auth: auth.map((info) => ({ scheme: info.scheme, auth: toBytes(info.auth) ?? new Uint8Array(0) })),
    sasl,
    nextXid: () => ++xid,
  };
  const steps: Steps = {
    opening: (cancel) => {
      progress.stop = cancel;
    },
    opened: (open) => {
      progress.stop = (reason) => open.destroy(asConnectionFailure(reason));
    },
    answered: ({ timeOut, sessionId }) => {
      refused = timeOut <= 0 || sessionId !== identity.sessionId;
      if (refused) throw new TransportError('UNKNOWN_SESSION', 'the server does not know the session');
      progress.attached = true;
    },
  };
  const connection = await establish(target, request, { tls: dialer, environment, timeout }, steps).catch((error) => {
    if (refused) return undefined;
    throw error;
  });
  if (connection === undefined) return 'unknown';
  const late = () => connection.destroy(new TransportError('NO_ANSWER', `no answer within ${timeout} ms`));
  const timer = environment.setTimer(late, timeout);
  try {
    progress.sent = true;
    await exchange(connection, ++xid, operations.closeSession, {}, 'closeSession');
    return 'ended';
  } catch (error) {
    throw error instanceof TransportError ? new ConnectionLostError(what, 'unknown', error) : error;
  } finally {
    environment.clearTimer(timer);
    connection.destroy(new ClosedError(what));
  }
}
