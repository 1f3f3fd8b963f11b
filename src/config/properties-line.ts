/** What a line of a properties file says, with the escapes read. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** Where the value begins in the text that was read. */
  readonly valueStart: number;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Reads `key=value` as java.util.Properties does: the key ends at the first `=`, `:` or white space that no backslash
 * escapes; white space around the separator belongs to neither. Undefined when a `\u` is not followed by four
 * hexadecimal digits, for which Java refuses the whole file.
 */
export function readKeyValue(line: string): KeyValue | undefined {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line[end] ?? '')) end += line[end] === '\\' ? 2 : 1;
  end = Math.min(end, line.length);
  const valueStart = end + (/^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(end))?.[0].length ?? 0);
  const key = unescaped(line.slice(0, end));
  const value = unescaped(line.slice(valueStart));
  return key === undefined || value === undefined ? undefined : { key, value, valueStart };
}

/** Writes a value so that java.util.Properties reads it back; the file is Latin-1. */
export function escapeValue(value: string): string {
  return value.replace(/^[ =:]|[\\\t\f\n\r]|[^\x00-\xff]/g, escaped);
}

/** Writes a key so that java.util.Properties reads it back. */
export function escapeKey(key: string): string {
  return key.replace(/^[#!]|[ =:\\\t\f\n\r]|[^\x00-\xff]/g, escaped);
}

function escaped(one: string): string {
  const letter = Object.keys(NAMED_ESCAPES).find((name) => NAMED_ESCAPES[name] === one);
  if (letter !== undefined) return `\\${letter}`;
  return one > '\xff' ? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}` : `\\${one}`;
}

function unescaped(text: string): string | undefined {
  if (!text.includes('\\')) return text;
  let bad = false;
  const plain = text.replace(/\\(?:u([\s\S]{0,4})|([\s\S]?))/g, (_, digits: string | undefined, other: string) => {
    if (digits === undefined) return NAMED_ESCAPES[other] ?? other;
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) bad = true;
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
  return bad ? undefined : plain;
}
