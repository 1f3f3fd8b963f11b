import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { hex64 } from '../protocol/zxid.ts';

/**
 * What a call that failed may have done. `none`: nothing was changed by it. `unknown`: it was sent and the answer never
 * came, so it may or may not have happened; look before doing it again.
 */
export type Outcome = 'none' | 'unknown';

const UNKNOWN_HINT = 'It may or may not have happened: look before doing it again.';

/** The connection went while a call was under way, and the call could not be repeated safely. */
export class ConnectionLostError extends ZkshError {
  readonly outcome: Outcome;

  constructor(what: string, outcome: Outcome, cause: Error, hint?: string) {
    super(
      `${what}: the connection was lost${outcome === 'unknown' ? ' before the answer came' : ''}: ${cause.message}`,
      {
        code: 'CONNECTION_LOST',
        exitCode: ExitCode.connection,
        hint: hint ?? (outcome === 'unknown' ? UNKNOWN_HINT : undefined),
        cause,
      },
    );
    this.outcome = outcome;
  }
}

/** A call's deadline passed. */
export class TimeoutError extends ZkshError {
  readonly outcome: Outcome;

  constructor(what: string, milliseconds: number, outcome: Outcome, state: string) {
    super(`${what}: no answer within ${milliseconds} ms (${state})`, {
      code: 'TIMEOUT',
      exitCode: ExitCode.timeout,
      hint: outcome === 'unknown' ? UNKNOWN_HINT : 'Allow more with --timeout, or see the servers with status.',
    });
    this.outcome = outcome;
  }
}

/** The caller's AbortSignal ended the call. */
export class AbortedError extends ZkshError {
  readonly outcome: Outcome;

  constructor(what: string, outcome: Outcome) {
    super(`${what}: interrupted`, {
      code: 'INTERRUPTED',
      exitCode: ExitCode.interrupted,
      hint: outcome === 'unknown' ? UNKNOWN_HINT : undefined,
    });
    this.outcome = outcome;
  }
}

/** Why a server could not be used, as seen on one attempt. */
export interface Attempt {
  /** `host:port` as typed, with the address where a name was resolved. */
  server: string;
  reason: string;
  /** The error's stable name. */
  code: string;
  /** What to do about it, where the failure says. */
  hint?: string | undefined;
}

/** No server of the list gave a session in time. */
export class ConnectError extends ZkshError {
  readonly attempts: readonly Attempt[];

  constructor(
    servers: string,
    attempts: readonly Attempt[],
    details: {
      /** Milliseconds after which it was given up; absent when trying again can't help. */
      after?: number;
      hint?: string | undefined;
      cause?: unknown;
      exitCode?: ExitCode | undefined;
    } = {},
  ) {
    const gaveUp = details.after === undefined ? '' : `; gave up after ${duration(details.after)}`;
    super(`cannot connect to ${servers}: ${reasons(attempts)}${gaveUp}`, {
      code: 'CANNOT_CONNECT',
      exitCode: details.exitCode ?? ExitCode.connection,
      hint: details.hint,
      cause: details.cause,
    });
    this.attempts = attempts;
  }
}

/** One reason where all servers have the same, each server's own otherwise. */
function reasons(attempts: readonly Attempt[]): string {
  const [first] = attempts;
  if (first === undefined) return 'no answer';
  if (attempts.some(({ reason }) => reason !== first.reason)) {
    return attempts.map(({ server, reason }) => `${server}: ${reason}`).join('; ');
  }
  return attempts.length === 1 ? first.reason : `${first.reason} (all ${attempts.length})`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

/** What went with an expired session. */
export interface LostWithSession {
  sessionId: bigint;
  /** Ephemeral znodes this client created in it and had not deleted. */
  ephemerals: readonly string[];
  /** Paths it watched. */
  watches: readonly string[];
}

/** The servers have ended the session: they heard nothing from it for its timeout. */
export class SessionExpiredError extends ZkshError {
  readonly lost: LostWithSession;
  readonly outcome: Outcome;

  constructor(lost: LostWithSession, outcome: Outcome = 'none') {
    const { ephemerals, watches } = lost;
    super(
      `session ${hex64(lost.sessionId)} has expired` +
        (ephemerals.length > 0 || watches.length > 0
          ? `: lost with it ${count(ephemerals.length, 'ephemeral node')} and ${count(watches.length, 'watch', 'watches')}`
          : ''),
      {
        code: 'SESSION_EXPIRED',
        exitCode: ExitCode.connection,
        hint:
          outcome === 'unknown' ? UNKNOWN_HINT : 'Open a new session; what must be ephemeral has to be created again.',
      },
    );
    this.lost = lost;
    this.outcome = outcome;
  }
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** What a server sent that no ZooKeeper server may send. */
export type ProtocolFault =
  | 'FRAME_LENGTH'
  | 'BAD_HANDSHAKE'
  | 'BAD_HEADER'
  | 'BAD_REPLY'
  | 'WRONG_XID'
  | 'UNEXPECTED_REPLY'
  | 'BAD_EVENT';

/** The peer broke the protocol: the connection to it is given up, whatever it said after. */
export class ProtocolError extends ZkshError {
  constructor(fault: ProtocolFault, message: string, cause?: unknown) {
    super(message, {
      code: fault,
      exitCode: ExitCode.connection,
      hint: 'Check that this port is a ZooKeeper client port.',
      cause,
    });
  }
}

/** The connection ended, or never began, for a reason of the network or the server's silence. */
export class TransportError extends ZkshError {
  /** True when trying again can't help: a certificate refused, TLS against a plain port. */
  readonly final: boolean;

  constructor(
    code: string,
    message: string,
    details: { final?: boolean; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { code, exitCode: ExitCode.connection, hint: details.hint, cause: details.cause });
    this.final = details.final ?? false;
  }
}

/** The client was closed, or never opened. */
export class ClosedError extends ZkshError {
  constructor(what: string) {
    super(`${what}: the session is closed`, {
      code: 'CLOSED',
      exitCode: ExitCode.connection,
      hint: 'Connect again.',
    });
  }
}

/** More calls are waiting than the client will hold. */
export class QueueFullError extends ZkshError {
  constructor(what: string, limit: number) {
    super(`${what}: ${limit} requests are waiting already`, {
      code: 'QUEUE_FULL',
      exitCode: ExitCode.failure,
      hint: 'Await some of them first, or raise queueLimit.',
    });
  }
}

/** The server's reply is larger than this client takes; asking again would give the same. */
export class ReplyTooLargeError extends ZkshError {
  constructor(what: string, bytes: number, limit: number) {
    super(`${what}: the reply is ${bytes} bytes, the limit is ${limit}`, {
      code: 'REPLY_TOO_LARGE',
      exitCode: ExitCode.failure,
      hint: 'Raise maxReplyBytes if you mean to read it whole.',
    });
  }
}
