import type { ExitCode } from '../protocol/errors.ts';
import type { ServerError } from '../protocol/server-errors.ts';

/** How a command says something on stderr. */
export interface Voice {
  note(text: string): void;
  warn(text: string): void;
}

/** Warnings printed one by one before the rest is only counted, where nobody needs them all. */
const NAMED = 10;

/** What a walk did not get to see: for its `unreadable` and `vanished`. */
export class WalkLosses {
  /** Of the first that the ACL hid; undefined when all could be read. */
  #exitCode: ExitCode | undefined;
  #unread = 0;
  #gone = 0;
  readonly #voice: Voice;
  readonly #named: number;

  constructor(voice: Voice, named = NAMED) {
    this.#voice = voice;
    this.#named = named;
  }

  readonly unreadable = (error: ServerError): void => {
    this.#exitCode ??= error.exitCode;
    this.#unread += 1;
    if (this.#unread <= this.#named) this.#voice.warn(error.message);
  };

  readonly vanished = (): void => {
    this.#gone += 1;
  };

  /** Says what has not been said yet; returns the exit code that the walk asks for, if any. */
  tell(): ExitCode | undefined {
    const more = this.#unread - this.#named;
    if (more > 0) this.#voice.warn(`${more.toLocaleString('en-US')} more znodes are hidden by their ACL`);
    if (this.#gone === 1) this.#voice.note('note: 1 znode went away meanwhile');
    if (this.#gone > 1) this.#voice.note(`note: ${this.#gone.toLocaleString('en-US')} znodes went away meanwhile`);
    return this.#exitCode;
  }
}
