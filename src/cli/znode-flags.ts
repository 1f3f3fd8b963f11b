import * as Flags from '@oclif/core/flags';
import { UsageError } from '../protocol/errors.ts';

const INT_MAX = 2_147_483_647;
const INT_MIN = -2_147_483_648;

/** `-v n` of zkCli: a version as the wire has it, a signed 32-bit number. Not called --version: that is the program's. */
export const versionFlag = Flags.custom<number>({
  char: 'v',
  helpValue: '<n>',
  parse: async (text) => parseVersion(text),
});

/** A whole number in a flag that has bounds; the message names the flag. */
export function parseVersion(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < INT_MIN || value > INT_MAX) {
    throw new UsageError(`"${text}" is no version`, {
      code: 'BAD_VERSION_NUMBER',
      hint: 'A version is a whole number, as stat shows it; -1 means any.',
    });
  }
  return value;
}

/** Said when an ephemeral znode was created where no session outlives the command. */
export const EPHEMERAL_ENDS =
  'note: an ephemeral znode ends with its session, and this one ends now; in the shell it stays';

/** Said when a watch was asked for where nobody will be there to hear it. */
export const WATCH_ENDS = 'note: the watch ends with this command; "zksh watch" stays and shows what happens';
