import { UsageError } from '../protocol/errors.ts';
import { compileRegExp, escapeRegExp } from './glob.ts';

export interface PatternOptions {
  /** Take the pattern as it is, not as a regular expression. */
  fixed?: boolean | undefined;
  ignoreCase?: boolean | undefined;
  /** Only where no letter, digit or underscore stands on either side. */
  word?: boolean | undefined;
  /** The pattern is bytes in hexadecimal. */
  hex?: boolean | undefined;
}

/** What is looked for, in text and in bytes. */
export interface Pattern {
  /** With the flag g. */
  readonly text: RegExp;
  /** For bytes that are read as Latin-1, one character each: what is not ASCII in the pattern stands as its UTF-8. */
  readonly bytes: RegExp;
  /** Bytes without which nothing matches: a look for them is a hundred times faster. */
  readonly needle: Buffer | undefined;
  /** Offsets in bytes are what is asked for, also in text. */
  readonly hex: boolean;
}

const WORD = '[\\p{L}\\p{N}_]';

/** Makes a pattern of what somebody has typed. @throws UsageError `BAD_PATTERN` */
export function compilePattern(written: string, options: PatternOptions = {}): Pattern {
  const { fixed = false, ignoreCase = false, word = false, hex = false } = options;
  if (hex) return hexPattern(written);
  const source = fixed ? escapeRegExp(written) : written;
  const flags = ignoreCase ? 'i' : '';
  const text = withUnicode(word ? `(?<!${WORD})(?:${source})(?!${WORD})` : source, `g${flags}`, written, word);
  const inBytes = Buffer.from(source, 'utf8').toString('latin1');
  const bytes = compileRegExp(word ? `\\b(?:${inBytes})\\b` : inBytes, `gm${flags}`, written);
  const needle = fixed && !ignoreCase ? Buffer.from(written, 'utf8') : undefined;
  return { text, bytes, needle, hex };
}

/** With the flag u, where a dot is a whole character; without it some escapes mean themselves that are errors with it. */
function withUnicode(source: string, flags: string, written: string, word: boolean): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    const plain = word ? source.replaceAll(WORD, '\\w') : source;
    return compileRegExp(plain, flags, written);
  }
}

function hexPattern(written: string): Pattern {
  const digits = written.replace(/^0x/i, '').replaceAll(/[\s:]/g, '');
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) {
    throw new UsageError(`${JSON.stringify(written)} is not bytes in hexadecimal`, {
      code: 'BAD_PATTERN',
      hint: 'Write two digits a byte, such as cafebabe or "ca fe ba be".',
    });
  }
  const needle = Buffer.from(digits, 'hex');
  const bytes = new RegExp(escapeRegExp(needle.toString('latin1')), 'g');
  return { text: bytes, bytes, needle, hex: true };
}
