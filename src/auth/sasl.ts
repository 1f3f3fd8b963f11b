import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** A way to prove who a session is over SASL; one instance may serve any number of connections. */
export interface SaslMechanism {
  /** The registered name: `DIGEST-MD5` or `GSSAPI`. */
  readonly name: string;
  /** Opens the exchange of one connection; `host` is the name the user typed, for service principals and messages. */
  start(server: { host: string }): Promise<SaslExchange>;
}

/** The exchange of tokens with one server over one connection. */
export interface SaslExchange {
  /**
   * Answers the server's token: the first call gets an empty token, since in ZooKeeper the client speaks first.
   * `undefined` means that nothing is left to send.
   *
   * @throws ZkshError `AUTH_FAILED` (exit 4) when the server's token is malformed, or does not prove who the server is.
   */
  step(token: Uint8Array): Promise<Uint8Array | undefined>;
  /** True once this side is satisfied; a server's refusal may still arrive until it has answered the last token sent. */
  readonly complete: boolean;
}

/** The one error of every mechanism: it ends the connection, and a reconnect would meet it again. */
export function authFailed(message: string, hint?: string, cause?: unknown): ZkshError {
  return new ZkshError(message, { code: 'AUTH_FAILED', exitCode: ExitCode.refused, hint, cause });
}
