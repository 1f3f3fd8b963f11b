import type { SaslMechanism } from '../auth/sasl.ts';
import type { ConnectResponse } from '../protocol/handshake.ts';
import { asConnectionFailure, asNotServing } from './attempt.ts';
import { Connection, type TlsDialer } from './connection.ts';
import type { Environment } from './environment.ts';
import { TransportError } from './errors.ts';
import { type AuthInfo, authenticate, authenticateSasl, openSession, type SessionIdentity } from './handshake.ts';
import type { Target } from './host-list.ts';

/** What a session asks a server for. */
export interface SessionRequest {
  lastZxid: bigint;
  /** Milliseconds. */
  sessionTimeout: number;
  /** The session to go on with; `undefined` asks for a new one. */
  identity: SessionIdentity | undefined;
  readOnly: boolean;
  auth: readonly AuthInfo[];
  sasl: SaslMechanism | undefined;
  nextXid: () => number;
}

/** The session's say at each step; what it throws ends the attempt. */
export interface Steps {
  opening(cancel: (reason: Error) => void): void;
  opened(connection: Connection): void;
  answered(response: ConnectResponse): void;
}

/**
 * From nothing to a session on `target`, all credentials taken, within `timeout` milliseconds.
 *
 * @throws ZkshError saying why not; nothing is left open then
 */
export async function establish(
  target: Target,
  request: SessionRequest,
  surroundings: { tls: TlsDialer | undefined; environment: Environment; timeout: number },
  steps: Steps,
): Promise<Connection> {
  const { environment, timeout } = surroundings;
  const opening = Connection.open(target, surroundings.tls, environment);
  steps.opening(opening.cancel);
  const tooLong = (why: string) =>
    new TransportError('NO_ANSWER', `no session within ${Math.round(timeout)} ms: ${why}`);
  let connection: Connection | undefined;
  const timer = environment.setTimer(() => {
    if (connection === undefined) opening.cancel(tooLong('the connection was not taken'));
    else connection.destroy(tooLong('it took the connection and did not answer'));
  }, timeout);
  try {
    connection = await opening.opened;
    steps.opened(connection);
    steps.answered(await askForSession(connection, request));
    for (const info of request.auth) await authenticate(connection, info);
    if (request.sasl !== undefined) await authenticateSasl(connection, request.sasl, request.nextXid);
    return connection;
  } catch (error) {
    const failure = asConnectionFailure(error);
    connection?.destroy(failure);
    throw failure;
  } finally {
    environment.clearTimer(timer);
  }
}

async function askForSession(connection: Connection, request: SessionRequest): Promise<ConnectResponse> {
  const { lastZxid, sessionTimeout, identity, readOnly } = request;
  try {
    return await openSession(connection, { lastZxid, timeout: sessionTimeout, identity, readOnly });
  } catch (error) {
    throw asNotServing(error);
  }
}
