import type { Missing } from './missing.ts';

/** What a command wants to know besides what every look at a member asks; asked in the same instant. */
export interface Wishes {
  /** Four-letter words. */
  words?: readonly string[] | undefined;
  /** Commands of the AdminServer. */
  admin?: readonly string[] | undefined;
}

/** What was answered to the wishes. */
export interface Further {
  /** By four-letter word: the text as it came. */
  words: ReadonlyMap<string, string>;
  /** By command of the AdminServer: its fields, without `command` and `error`. */
  admin: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Wishes nobody answered, and why. */
  missing: readonly Missing[];
}
