import { createHash } from 'node:crypto';
import { authFailed } from './sasl.ts';

/** Everything a DIGEST-MD5 response value is computed from; strings of the protocol are latin1, one character a byte. */
export interface DigestParts {
  username: string;
  realm: string;
  password: string;
  nonce: string;
  cnonce: string;
  digestUri: string;
  /** The server said `charset=utf-8`. */
  utf8: boolean;
}

/** Requests are counted per nonce and ZooKeeper never re-uses one, so this is always the first. */
export const NONCE_COUNT = '00000001';

/** Which side's proof is meant: they differ in the method the URI is hashed with (RFC 2831 §2.1.2.1, §2.1.3). */
export type DigestSide = 'client' | 'server';

/** The 32 hex digits that prove knowledge of the password, for qop `auth` and algorithm `md5-sess`. */
export function digestResponse(parts: DigestParts, side: DigestSide): string {
  const { nonce, cnonce, digestUri, utf8 } = parts;
  const secret = md5(
    hashBytes(parts.username, utf8),
    latin1(':'),
    hashBytes(parts.realm, utf8),
    latin1(':'),
    hashBytes(parts.password, utf8),
  );
  const a1 = md5(secret, latin1(`:${nonce}:${cnonce}`)).toString('hex');
  const a2 = md5(latin1(`${side === 'client' ? 'AUTHENTICATE' : ''}:${digestUri}`)).toString('hex');
  return md5(latin1(`${a1}:${nonce}:${NONCE_COUNT}:${cnonce}:auth:${a2}`)).toString('hex');
}

/**
 * RFC 2831 §2.1.2.1: under `charset=utf-8` a string that fits ISO 8859-1 is still hashed as ISO 8859-1, so that
 * servers may keep hashes made before UTF-8; only other strings are hashed as UTF-8. Java's SASL does the same.
 */
function hashBytes(text: string, utf8: boolean): Buffer {
  if (isLatin1(text)) return latin1(text);
  if (utf8) return Buffer.from(text, 'utf8');
  throw authFailed(
    'the user name or password has characters outside ISO 8859-1, and the server does not offer UTF-8',
    'Use a user name and password that fit ISO 8859-1 with this server.',
  );
}

/** True when every character fits one byte of ISO 8859-1. */
export function isLatin1(text: string): boolean {
  return /^[\x00-\xff]*$/.test(text);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function md5(...chunks: Buffer[]): Buffer {
  try {
    const hash = createHash('md5');
    for (const chunk of chunks) hash.update(chunk);
    return hash.digest();
  } catch (cause) {
    throw authFailed(
      'SASL DIGEST-MD5 needs MD5, which this Node does not offer',
      'Node runs in FIPS mode or its OpenSSL has MD5 turned off: use Kerberos, or TLS with a client certificate.',
      cause,
    );
  }
}
