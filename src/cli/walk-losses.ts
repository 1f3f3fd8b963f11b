import type { ExitCode } from '../protocol/errors.ts';
import type { ServerError } from '../protocol/server-errors.ts';

/** How a command says something on stderr. */
export interface Voice {
  note(text: string): void;
  warn(text: string): void;
}

/** Warnings printed one by one before the rest is only counted. */
const SHOWN = 10;

/** What a walk did not get to see: for its `unreadable` and `vanished`. */
export class WalkLosses {
  /** Of the first that the ACL hid; undefined when all could be read. */
  exitCode: ExitCode | undefined;
  unread = 0;
  #gone = 0;
  readonly #voice: Voice;

  constructor(voice: Voice) {
    this.#voice = voice;
  }

  readonly unreadable = (error: ServerError): void => {
    this.exitCode ??= error.exitCode;
    this.unread += 1;
    if (this.unread <= SHOWN) this.#voice.warn(error.message);
  };

  readonly vanished = (): void => {
    this.#gone += 1;
  };

  /** Says what has not been said yet; returns the exit code that the walk asks for, if any. */
  tell(): ExitCode | undefined {
    const more = this.unread - SHOWN;
    if (more > 0) this.#voice.warn(`${more.toLocaleString('en-US')} more znodes are hidden by their ACL`);
    if (this.#gone > 0) {
      const [znodes, their] = this.#gone === 1 ? ['znode', 'it'] : ['znodes', 'they'];
      this.#voice.note(
        `note: ${this.#gone.toLocaleString('en-US')} ${znodes} went away while ${their} ${this.#gone === 1 ? 'was' : 'were'} looked at`,
      );
    }
    return this.exitCode;
  }
}
