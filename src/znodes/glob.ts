import { UsageError } from '../protocol/errors.ts';

/** Finds one element of a glob. */
const ELEMENT = /\*\*\/|\*+|\?|\[(!|\^)?(\]?[^\]]*)\]|\\([\s\S])|[\s\S]/gu;
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/**
 * The regular expression for a glob over a name or path: `*` and `?` for any characters of a name, `**` across names,
 * `[a-z]` and `[!a-z]`, and a backslash before what is to be taken as it is.
 *
 * @throws UsageError `BAD_PATTERN`
 */
export function globRegExp(glob: string): RegExp {
  const source = glob.replace(ELEMENT, (found, negated?: string, set?: string, escaped?: string) => {
    if (escaped !== undefined) return escapeRegExp(escaped);
    if (set !== undefined && set !== '') return setSource(set, negated !== undefined);
    if (found === '**/') return '(?:[\\s\\S]*\\/)?';
    if (found.startsWith('**')) return '[\\s\\S]*';
    if (found === '*') return '[^\\/]*';
    return found === '?' ? '[^\\/]' : escapeRegExp(found);
  });
  return compileRegExp(`^${source}$`, 'u', glob);
}

/** Compiles what somebody has written. @throws UsageError `BAD_PATTERN` that shows `written` */
export function compileRegExp(source: string, flags: string, written = source): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const why = (error as Error).message.replace(/^.*: /s, '');
    throw new UsageError(`bad pattern ${JSON.stringify(written)}: ${why}`, {
      code: 'BAD_PATTERN',
      hint: 'Put a backslash before a character that is to be taken as it is.',
      cause: error,
    });
  }
}

/** Text as it stands, as a part of a regular expression. */
export function escapeRegExp(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

function setSource(set: string, negated: boolean): string {
  // A dash between two characters is a range; all else in brackets stands for itself.
  const inner = set.replace(/[\\\]^[]/g, '\\$&').replace(/^-|-$/g, '\\-');
  return negated ? `[^${inner}\\/]` : `[${inner}]`;
}
