import type { Quote } from './tokenizer.ts';

/** Words made of these mean themselves everywhere in the shell, and in a POSIX shell too. */
const BARE = /^[\p{L}\p{N}_/.:@%+,~^-][\p{L}\p{N}_/.:@%+,=~^-]*$/u;
/** Everything a terminal might act on or not show: controls, formats, surrogates, separators other than the space. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** The shortest way to write `value` as one word that the tokenizer reads back as exactly `value`. */
export function quoteWord(value: string): string {
  const quote = quoteFor(value);
  return quote ? openWord(value, quote) + closing(quote) : value;
}

/** Which quote `value` needs, or none. */
export function quoteFor(value: string): Quote | undefined {
  if (INVISIBLE.test(value)) return "$'";
  if (BARE.test(value)) return undefined;
  if (!/["\\]/.test(value)) return '"';
  return value.includes("'") ? '"' : "'";
}

/** The word with its quote left open, for a completion that may go on. Needs a quote that can hold `value`. */
export function openWord(value: string, quote: Quote): string {
  if (quote === "'") return `'${value}`;
  if (quote === '"') return `"${value.replace(/["\\]/g, '\\$&')}`;
  return `$'${Array.from(value, ansiEscape).join('')}`;
}

export function closing(quote: Quote): string {
  return quote === '"' ? '"' : "'";
}

function ansiEscape(char: string): string {
  if (char === "'" || char === '\\') return `\\${char}`;
  if (!INVISIBLE.test(char)) return char;
  if (char === '\n') return '\\n';
  if (char === '\t') return '\\t';
  if (char === '\r') return '\\r';
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
