const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the server reset the connection',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no answer to the connection attempt',
  ENOTFOUND: 'the name has no address',
  EAI_AGAIN: 'the name could not be looked up',
};

/** Why a socket failed, in words; where a name has several addresses, Node's own error has a code and no message. */
export function socketFailure(error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? tlsFailure(error.message) ?? (error.message === '' ? code : error.message);
}

/** What OpenSSL says of a peer that answers in plain text. */
const PLAIN_TEXT = /wrong version number|packet length too long|http request/;

/** OpenSSL's reason out of a line with numbers and places of its source. */
function tlsFailure(message: string): string | undefined {
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  if (reason === undefined) return undefined;
  return PLAIN_TEXT.test(reason) ? 'it does not speak TLS' : `TLS failed: ${reason}`;
}
