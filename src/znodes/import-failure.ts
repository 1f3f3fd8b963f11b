import { ConnectionLostError } from '../client/errors.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ServerError } from '../protocol/server-errors.ts';

/** The greatest request a server takes, unless its jute.maxbuffer was raised. */
const USUAL_MAX_REQUEST = 0xfffff;

/** Why one znode of an import could not be written, in words that name it. */
export function importFailure(path: string, bytes: number, error: ServerError | ConnectionLostError): ZkshError {
  if (!(error instanceof ConnectionLostError)) return error;
  const { code, exitCode } = error;
  if (bytes + path.length < USUAL_MAX_REQUEST - OVERHEAD) {
    return new ZkshError(`${JSON.stringify(path)}: ${error.message}`, {
      code,
      exitCode,
      hint: error.hint,
      cause: error,
    });
  }
  return new ZkshError(
    `the server does not take the ${bytes} bytes of ${JSON.stringify(path)}: it ends the connection`,
    {
      code: 'TOO_LARGE',
      exitCode: ExitCode.usage,
      hint: 'It needs a jute.maxbuffer as large as that of the servers the export comes from: 1 MiB by default.',
      cause: error,
    },
  );
}

/** About what a create has besides its path and data. */
const OVERHEAD = 1024;

/** An import that could not go on says how far it came; its code stays. */
export function endedEarly(error: unknown, done: number): unknown {
  if (!(error instanceof ZkshError) || done === 0) return error;
  const { code, exitCode, message, hint } = error;
  return new ZkshError(`the import ended early, after ${done.toLocaleString('en-US')} znodes: ${message}`, {
    code,
    exitCode,
    hint: `${hint === undefined ? '' : `${hint} `}Run it again: it goes on from there.`,
    cause: error,
  });
}

/** Nobody knows which ACL a znode of the export had. */
export function hiddenAcl(path: string): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} has no ACL in the export: the server hid it from who exported`, {
    code: 'ACL_HIDDEN',
    exitCode: ExitCode.refused,
    hint: 'Export again as somebody with the admin permission, or give all znodes one ACL with --acl.',
  });
}
