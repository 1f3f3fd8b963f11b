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
  return REASONS[code] ?? (error.message === '' ? code : error.message);
}
