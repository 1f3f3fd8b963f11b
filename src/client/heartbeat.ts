import { operations } from '../protocol/operations.ts';
import type { Connection } from './connection.ts';
import type { Environment, Timer } from './environment.ts';
import { TransportError } from './errors.ts';
import { requestFrame, Xid } from './handshake.ts';

/**
 * Keeps one connection's session alive and notices a dead server: a ping after a third of the timeout without sending,
 * the connection given up after two thirds without hearing, so that a third is left to move the session elsewhere.
 */
export class Heartbeat {
  readonly #connection: Connection;
  readonly #environment: Environment;
  readonly #pingAfter: number;
  readonly #deadAfter: number;
  #timer: Timer | undefined;

  /** @param sessionTimeout negotiated, in milliseconds */
  constructor(connection: Connection, sessionTimeout: number, environment: Environment) {
    this.#connection = connection;
    this.#environment = environment;
    this.#pingAfter = sessionTimeout / 3;
    this.#deadAfter = (sessionTimeout * 2) / 3;
    this.#arm();
  }

  stop(): void {
    this.#environment.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const { lastSent, lastHeard } = this.#connection;
    const due = Math.min(lastSent + this.#pingAfter, lastHeard + this.#deadAfter);
    const wait = Math.max(1, due - this.#environment.now());
    this.#timer = this.#environment.setTimer(() => this.#beat(), wait);
  }

  #beat(): void {
    if (this.#silent()) {
      // A process that was itself stopped or busy finds the server's bytes unread: read first, then judge.
      this.#environment.afterInput(() => {
        if (this.#timer === undefined) return;
        if (this.#silent()) this.#giveUp();
        else this.#arm();
      });
      return;
    }
    if (this.#environment.now() - this.#connection.lastSent >= this.#pingAfter - 1) {
      this.#connection.write(requestFrame(Xid.ping, operations.ping, {}));
    }
    this.#arm();
  }

  #silent(): boolean {
    return this.#environment.now() - this.#connection.lastHeard >= this.#deadAfter - 1;
  }

  #giveUp(): void {
    const silence = Math.round(this.#environment.now() - this.#connection.lastHeard);
    this.#connection.destroy(new TransportError('SERVER_SILENT', `nothing heard from the server for ${silence} ms`));
  }
}
