import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import { formatHostPort, type HostPort } from './connect-string.ts';
import { type Attempt, ConnectError, ProtocolError, TransportError } from './errors.ts';

/** One failed attempt on one server. */
export interface Failure {
  attempt: Attempt;
  error: ZkshError;
}

/** What went wrong, for a list that names each server already. */
export function reasonOf(error: ZkshError): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
}

/** Ours as it is, anything else as a failure of the connection: a bug in between must not end the process. */
export function asConnectionFailure(error: unknown): ZkshError {
  if (error instanceof ZkshError) return error;
  return new TransportError('CONNECTION_FAILED', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

/**
 * A server that takes the connection and closes it unanswered is usually one that has no quorum yet: it may be hours
 * on a large tree, and is worth waiting for.
 */
export function asNotServing(error: unknown): unknown {
  const code = error instanceof TransportError ? error.code : undefined;
  if (code !== 'CLOSED_BY_SERVER' && code !== 'ECONNRESET' && code !== 'EPIPE') return error;
  return new TransportError(
    'NOT_SERVING',
    'it closed the connection without a session: no quorum yet (starting, or an election under way), or a TLS port',
    { cause: error },
  );
}

/** True for a failure that the next attempt on the same server would meet again. */
export function isFinal(error: ZkshError): boolean {
  return (
    error instanceof ProtocolError ||
    isRefusal(error) ||
    error.exitCode === ExitCode.refused ||
    error.exitCode === ExitCode.usage ||
    ('final' in error && error.final === true)
  );
}

/** True when the server, or we, refused the other's identity. */
export function isRefusal(error: unknown): boolean {
  return (
    isServerError(error, Errno.authFailed) ||
    isServerError(error, Errno.sessionClosedRequireSaslAuth) ||
    (error instanceof ZkshError && error.code === 'AUTH_FAILED')
  );
}

/** Every server failed in a way that waiting can't mend. */
export function failedForGood(hosts: readonly HostPort[], failures: readonly Failure[]): ZkshError {
  const first = failures[0]?.error;
  return new ConnectError(
    hosts.map(formatHostPort).join(','),
    failures.map(({ attempt }) => attempt),
    {
      hint: first?.hint,
      cause: first,
      exitCode: failures.every(({ error }) => error.exitCode === first?.exitCode) ? first?.exitCode : undefined,
    },
  );
}
