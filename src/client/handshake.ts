import type { SaslMechanism } from '../auth/sasl.ts';
import { type Codec, decode } from '../jute/codec.ts';
import { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { ConnectResponse } from '../protocol/handshake.ts';
import { operations } from '../protocol/operations.ts';
import { ConnectRequest, ReplyHeader, RequestHeader } from '../protocol/records.ts';
import { Errno, ServerError } from '../protocol/server-errors.ts';
import type { Connection } from './connection.ts';
import { ProtocolError, TransportError } from './errors.ts';

/** xids the protocol keeps for itself (ClientCnxn.java). */
export const Xid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** A credential for `addauth`: the scheme's own bytes, such as `user:password` for digest. */
export interface AuthInfo {
  scheme: string;
  auth: Uint8Array;
}

/** The secret that lets a client take its session to another server. */
export interface SessionIdentity {
  sessionId: bigint;
  password: Uint8Array;
}

/** A whole frame: length, then each part. */
export function frame(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter(256);
  writer.int(0);
  write(writer);
  writer.patchInt(0, writer.length - 4);
  return writer.take();
}

/** A request's frame: RequestHeader, then its record. */
export function requestFrame<Q>(xid: number, operation: { type: number; request: Codec<Q> }, record: Q): Buffer {
  return frame((writer) => {
    RequestHeader.write(writer, { xid, type: operation.type });
    operation.request.write(writer, record);
  });
}

/** No answer to a handshake is that short. */
const REPLY_HEADER_BYTES = 16;

/**
 * A server in read-only mode runs the making of a session through ReadOnlyRequestProcessor, which refuses it like any
 * other write: the client gets the header of a reply where the handshake's answer was due.
 */
function refusal(errno: number): TransportError {
  const readOnly = errno === Errno.notReadOnly;
  return new TransportError(
    'NO_SESSION',
    readOnly
      ? 'it is cut off from the quorum and may not open new sessions'
      : `it answered the handshake with error ${errno}`,
    {
      hint: readOnly
        ? 'A read-only server opens sessions only with localSessionsEnabled=true in its zoo.cfg.'
        : undefined,
    },
  );
}

/** Waits for the next frame; the connection's end is its error. */
async function next(connection: Connection): Promise<Buffer> {
  const result = await Promise.race([connection.nextFrame(), connection.ended]);
  if (result instanceof Error) throw result;
  return result;
}

/**
 * Asks a server for a new session, or to go on with one.
 *
 * @returns its answer; `timeOut` of 0 or less says the session has expired
 * @throws ProtocolError code `BAD_HANDSHAKE` for an answer that is none
 * @throws TransportError code `NO_SESSION` for a refusal
 */
export async function openSession(
  connection: Connection,
  ask: { lastZxid: bigint; timeout: number; identity: SessionIdentity | undefined; readOnly: boolean },
): Promise<ConnectResponse> {
  connection.write(
    frame((writer) =>
      ConnectRequest.write(writer, {
        protocolVersion: 0,
        lastZxidSeen: ask.lastZxid,
        timeOut: ask.timeout,
        sessionId: ask.identity?.sessionId ?? 0n,
        passwd: ask.identity?.password ?? Buffer.alloc(16),
        readOnly: ask.readOnly,
      }),
    ),
  );
  const bytes = await next(connection);
  if (bytes.length === REPLY_HEADER_BYTES) throw refusal(decode(ReplyHeader, bytes).err);
  try {
    const response = decode(ConnectResponse, bytes);
    if (response.timeOut > 0 && (response.passwd?.length !== 16 || response.sessionId === 0n)) {
      throw new Error(`session ${response.sessionId} with a password of ${response.passwd?.length ?? 0} bytes`);
    }
    return response;
  } catch (error) {
    throw new ProtocolError(
      'BAD_HANDSHAKE',
      `the server's answer to the handshake makes no sense: ${(error as Error).message}`,
      error,
    );
  }
}

/** One request and its reply, before the connection has a reader. @throws ServerError, ProtocolError, or why it ended */
export async function exchange<Q, P>(
  connection: Connection,
  xid: number,
  operation: { type: number; request: Codec<Q>; response: Codec<P> },
  record: Q,
  name: string,
): Promise<P> {
  connection.write(requestFrame(xid, operation, record));
  const bytes = await next(connection);
  const reader = new JuteReader(bytes);
  let header: { xid: number; zxid: bigint; err: number };
  try {
    header = ReplyHeader.read(reader);
  } catch (error) {
    throw new ProtocolError(
      'BAD_HEADER',
      `the server's reply to ${name} has no header: ${(error as Error).message}`,
      error,
    );
  }
  if (header.xid !== xid) {
    throw new ProtocolError('WRONG_XID', `the server replied to xid ${header.xid} where ${xid} was due (${name})`);
  }
  if (header.err !== 0) throw new ServerError(header.err, name);
  try {
    const reply = operation.response.read(reader);
    reader.end();
    return reply;
  } catch (error) {
    throw new ProtocolError(
      'BAD_REPLY',
      `the server's reply to ${name} is malformed: ${(error as Error).message}`,
      error,
    );
  }
}

/** Gives the server one credential and waits until it has taken it: nothing may run under the wrong identity. */
export async function authenticate(connection: Connection, info: AuthInfo): Promise<void> {
  const record = { type: 0, scheme: info.scheme, auth: info.auth };
  await exchange(connection, Xid.auth, operations.auth, record, `auth ${info.scheme}`);
}

/** Runs a SASL mechanism to its end: its token, the server's, and so on (ZooKeeperSaslClient.java). */
export async function authenticateSasl(
  connection: Connection,
  mechanism: SaslMechanism,
  nextXid: () => number,
): Promise<void> {
  const sasl = await mechanism.start({ host: connection.target.host });
  let token: Uint8Array = new Uint8Array(0);
  for (;;) {
    const answer = await sasl.step(token);
    if (answer === undefined) return;
    const reply = await exchange(connection, nextXid(), operations.sasl, { token: answer }, `sasl ${mechanism.name}`);
    if (sasl.complete) return;
    token = reply.token ?? new Uint8Array(0);
  }
}
