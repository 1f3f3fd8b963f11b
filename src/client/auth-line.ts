import { operations } from '../protocol/operations.ts';
import { ServerError } from '../protocol/server-errors.ts';
import type { Connection } from './connection.ts';
import { ProtocolError } from './errors.ts';
import { type AuthInfo, requestFrame, Xid } from './handshake.ts';

interface Waiting {
  info: AuthInfo;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The session's credentials: those the server has taken, and those still to be asked. One that is refused is not kept:
 * the server closes the connection over it, and the session goes on without on the next.
 */
export class AuthLine {
  /** Taken by the server, in order; sent first on every new connection. */
  readonly accepted: AuthInfo[];
  #sent: Waiting[] = [];
  #waiting: Waiting[] = [];
  /** Served at the moment, so that a credential can go out at once. */
  #live: Connection | undefined;

  constructor(initial: readonly AuthInfo[]) {
    this.accepted = [...initial];
  }

  add(info: AuthInfo): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ info, resolve, reject });
      if (this.#live !== undefined) this.#send(this.#live);
    });
  }

  connected(connection: Connection): void {
    this.#live = connection;
    this.#send(connection);
  }

  /** What was not answered is asked again on the next connection: a credential twice given is one. */
  disconnected(): void {
    this.#live = undefined;
    this.#waiting = [...this.#sent, ...this.#waiting];
    this.#sent = [];
  }

  replied(errno: number): void {
    const waiting = this.#sent.shift();
    if (waiting === undefined)
      throw new ProtocolError('UNEXPECTED_REPLY', 'the server answered a credential it was not given');
    if (errno !== 0) {
      waiting.reject(new ServerError(errno, `auth ${waiting.info.scheme}`));
      return;
    }
    this.accepted.push(waiting.info);
    waiting.resolve();
  }

  fail(error: Error): void {
    for (const { reject } of [...this.#sent, ...this.#waiting]) reject(error);
    this.#sent = [];
    this.#waiting = [];
  }

  #send(connection: Connection): void {
    for (const waiting of this.#waiting) {
      const { scheme, auth } = waiting.info;
      connection.write(requestFrame(Xid.auth, operations.auth, { type: 0, scheme, auth }));
      this.#sent.push(waiting);
    }
    this.#waiting = [];
  }
}
