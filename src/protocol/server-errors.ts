import { ExitCode, ZkshError } from './errors.ts';

interface ServerErrorFacts {
  name: string;
  /** What happened, as the end of "operation on path: …". */
  says: string;
  exitCode: ExitCode;
  hint?: string;
}

const e = (name: string, says: string, exitCode: ExitCode, hint?: string): ServerErrorFacts =>
  hint === undefined ? { name, says, exitCode } : { name, says, exitCode, hint };

/** KeeperException.Code: every error a server of 3.4 to 3.9 answers with. */
const errors: Readonly<Record<number, ServerErrorFacts>> = {
  [-1]: e('SYSTEM_ERROR', 'the server had an internal error', ExitCode.failure, 'Look at the server log.'),
  [-2]: e('RUNTIME_INCONSISTENCY', 'the operation was rolled back with its transaction', ExitCode.conflict),
  [-3]: e('DATA_INCONSISTENCY', 'the server found its data inconsistent', ExitCode.failure, 'Look at the server log.'),
  [-4]: e('CONNECTION_LOSS', 'the connection was lost', ExitCode.connection),
  [-5]: e('MARSHALLING_ERROR', 'the server could not read the request', ExitCode.failure),
  [-6]: e('UNIMPLEMENTED', 'the server does not know this operation', ExitCode.failure, 'It needs a newer ZooKeeper.'),
  [-7]: e('OPERATION_TIMEOUT', 'the operation took too long on the server', ExitCode.timeout),
  [-8]: e('BAD_ARGUMENTS', 'the server refused the arguments', ExitCode.usage),
  [-12]: e('UNKNOWN_SESSION', 'the server does not know the session', ExitCode.connection),
  [-13]: e(
    'NEW_CONFIG_NO_QUORUM',
    'no quorum of the new configuration is connected and up to date with the leader',
    ExitCode.unhealthy,
    'Start the joining servers and let them catch up first.',
  ),
  [-14]: e(
    'RECONFIG_IN_PROGRESS',
    'another reconfiguration is in progress',
    ExitCode.conflict,
    'Try again when it has ended.',
  ),
  [-100]: e('API_ERROR', 'the server refused the operation', ExitCode.failure),
  [-101]: e('NO_NODE', 'the node does not exist', ExitCode.notFound),
  [-102]: e(
    'NO_AUTH',
    'not permitted by the ACL',
    ExitCode.refused,
    'See who you are with whoami, what is asked for with getAcl, and authenticate with --auth or addauth.',
  ),
  [-103]: e(
    'BAD_VERSION',
    'the version is not the current one',
    ExitCode.conflict,
    'Read it again: somebody changed it.',
  ),
  [-108]: e('NO_CHILDREN_FOR_EPHEMERALS', 'an ephemeral node can have no children', ExitCode.conflict),
  [-110]: e('NODE_EXISTS', 'the node already exists', ExitCode.conflict),
  [-111]: e('NOT_EMPTY', 'the node has children', ExitCode.conflict, 'Use deleteall to remove it with all below it.'),
  [-112]: e('SESSION_EXPIRED', 'the session has expired', ExitCode.connection),
  [-113]: e('INVALID_CALLBACK', 'the callback is invalid', ExitCode.failure),
  [-114]: e(
    'INVALID_ACL',
    'the server refused the ACL',
    ExitCode.usage,
    'An entry is scheme:id:perms, such as world:anyone:r; auth: needs an authenticated session.',
  ),
  [-115]: e('AUTH_FAILED', 'the server refused the credentials', ExitCode.refused, 'Check scheme, user and secret.'),
  [-118]: e('SESSION_MOVED', 'the session has moved to another server', ExitCode.connection),
  [-119]: e(
    'NOT_READ_ONLY',
    'the server is in read-only mode, cut off from the quorum',
    ExitCode.unhealthy,
    'Writes need a quorum: see which members are down.',
  ),
  [-120]: e('EPHEMERAL_ON_LOCAL_SESSION', 'a local session can own no ephemeral node', ExitCode.conflict),
  [-121]: e('NO_WATCHER', 'there is no such watch', ExitCode.notFound),
  [-122]: e('REQUEST_TIMEOUT', 'the request was not answered in time', ExitCode.timeout),
  [-123]: e(
    'RECONFIG_DISABLED',
    'reconfiguration is disabled on the server',
    ExitCode.refused,
    'It needs reconfigEnabled=true in every zoo.cfg.',
  ),
  [-124]: e(
    'SESSION_CLOSED_REQUIRE_SASL_AUTH',
    'the server takes only SASL-authenticated sessions',
    ExitCode.refused,
    'Pass --sasl.',
  ),
  [-125]: e('QUOTA_EXCEEDED', 'the quota above this path is exceeded', ExitCode.conflict, 'See it with listquota.'),
  [-127]: e(
    'THROTTLED_OP',
    'the server throttled the operation and did not execute it',
    ExitCode.failure,
    'Try again.',
  ),
};

const NO_PARENT = e(
  'NO_NODE',
  'its parent does not exist',
  ExitCode.notFound,
  'Create the parent first, or use --parents.',
);

function factsOf(errno: number, operation: string): ServerErrorFacts {
  // A create fails for want of its parent, which the number alone does not say.
  if (errno === Errno.noNode && operation.startsWith('create')) return NO_PARENT;
  return errors[errno] ?? e(`SERVER_ERROR_${errno}`, `the server answered with error ${errno}`, ExitCode.failure);
}

/** The server's answer to a request was an error. */
export class ServerError extends ZkshError {
  /** The number on the wire, KeeperException.Code. */
  readonly errno: number;
  readonly operation: string;
  readonly path: string | undefined;

  /** @param hint better advice than the error's own, where the caller knows it */
  constructor(errno: number, operation: string, path?: string, hint?: string) {
    const facts = factsOf(errno, operation);
    super(path === undefined ? `${operation}: ${facts.says}` : `${operation} ${JSON.stringify(path)}: ${facts.says}`, {
      code: facts.name,
      exitCode: facts.exitCode,
      hint: hint ?? facts.hint,
    });
    this.errno = errno;
    this.operation = operation;
    this.path = path;
  }
}

/** Every code a server error may carry, with its number: what the documentation lists. */
export const serverErrorCodes: readonly { errno: number; code: string; says: string; exitCode: ExitCode }[] =
  Object.entries(errors)
    .map(([errno, facts]) => ({ errno: Number(errno), code: facts.name, says: facts.says, exitCode: facts.exitCode }))
    .sort((a, b) => b.errno - a.errno);

/** Numbers the client itself has to act on. */
export const Errno = {
  unimplemented: -6,
  marshallingError: -5,
  runtimeInconsistency: -2,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  authFailed: -115,
  sessionMoved: -118,
  notReadOnly: -119,
  noWatcher: -121,
  reconfigDisabled: -123,
  sessionClosedRequireSaslAuth: -124,
} as const;

/** True when `error` is the server's answer `errno`. */
export function isServerError(error: unknown, errno: number): error is ServerError {
  return error instanceof ServerError && error.errno === errno;
}
