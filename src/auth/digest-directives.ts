import { authFailed } from './sasl.ts';

/** RFC 2831 §2.1.1: a challenge must be shorter than this; checked before anything is looked at. */
const MAX_CHALLENGE_BYTES = 2048;

const TOKEN = /[!#$%&'*+\-.0-9A-Z^_`a-z|~]+/y;
const SPACE = /[ \t]*/y;
// Quoted text: no bare quote, backslash or control character; a backslash takes the next character literally.
const QUOTED = /"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*)"/y;

/** One `name=value`; names are lower-cased, values unquoted, one character a byte (latin1). */
export interface Directive {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads the comma-separated directives of a DIGEST-MD5 message from a server (RFC 2831 §7.1).
 *
 *     list      = [ directive ] *( "," [ directive ] )      with spaces and tabs around each part
 *     directive = token "=" ( token | quoted-string )
 *
 * @throws ZkshError `AUTH_FAILED` on anything else, with the offset where reading stopped.
 */
export function parseDirectives(message: Uint8Array): Directive[] {
  if (message.length >= MAX_CHALLENGE_BYTES) {
    throw malformed(`it has ${message.length} bytes, ${MAX_CHALLENGE_BYTES - 1} are allowed`);
  }
  // latin1 keeps one character a byte, so that values are echoed byte for byte; the charset is known only afterwards.
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1');
  const directives: Directive[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found;
  };

  while (at < text.length) {
    match(SPACE);
    const name = match(TOKEN)?.[0];
    if (name !== undefined) {
      match(SPACE);
      if (text[at] !== '=') throw malformed(`expected "=" at byte ${at}`);
      at += 1;
      match(SPACE);
      const quoted = match(QUOTED)?.[1];
      const value = quoted === undefined ? match(TOKEN)?.[0] : quoted.replace(/\\(.)/gs, '$1');
      if (value === undefined) throw malformed(`no value at byte ${at}`);
      directives.push({ name: name.toLowerCase(), value });
      match(SPACE);
    }
    if (at < text.length && text[at] !== ',') throw malformed(`unexpected byte at ${at}`);
    at += 1;
  }
  return directives;
}

/** The value of a directive that may be given once at most. */
export function single(directives: readonly Directive[], name: string): string | undefined {
  const values = directives.filter((directive) => directive.name === name);
  if (values.length > 1) throw malformed(`"${name}" is given ${values.length} times`);
  return values[0]?.value;
}

/** The error for a server message that can't be a DIGEST-MD5 one. */
export function malformed(why: string): Error {
  return authFailed(
    `the server's SASL message is not valid DIGEST-MD5: ${why}`,
    'Check which SASL mechanism the server is set up for (its JAAS "Server" section), and that a ZooKeeper server answers there.',
  );
}
