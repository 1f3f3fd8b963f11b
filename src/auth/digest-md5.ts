import { randomBytes, timingSafeEqual } from 'node:crypto';
import { UsageError } from '../protocol/errors.ts';
import { malformed, parseDirectives, single } from './digest-directives.ts';
import { type DigestParts, digestResponse, isLatin1, NONCE_COUNT } from './digest-hash.ts';
import { authFailed, type SaslExchange, type SaslMechanism } from './sasl.ts';

/** Who to be, and the names both sides of ZooKeeper have hard-wired (SecurityUtils.createSaslClient). */
export interface DigestMd5Options {
  username: string;
  password: string;
  /** Which realm to use when the server offers several; default the server's name, else the first offered. */
  realm?: string | undefined;
  /** Service part of the digest URI; default `zookeeper`. */
  protocol?: string | undefined;
  /** Host part of the digest URI, not a host's name: ZooKeeper has `zk-sasl-md5` fixed on both sides. */
  serverName?: string | undefined;
  /** Source of random bytes, for tests; default node:crypto. */
  random?: ((bytes: number) => Uint8Array) | undefined;
}

const CNONCE_BYTES = 24;

/**
 * SASL DIGEST-MD5 (RFC 2831, qop `auth`) as ZooKeeper's servers speak it; the server must prove that it knows the
 * password too.
 *
 * @example connect('zk1:2181', { sasl: digestMd5({ username: 'bob', password }) })
 * @throws UsageError when the user name is empty; the exchange throws ZkshError `AUTH_FAILED` (exit 4).
 */
export function digestMd5(options: DigestMd5Options): SaslMechanism {
  if (options.username === '') throw new UsageError('SASL DIGEST-MD5 needs a user name');
  return {
    name: 'DIGEST-MD5',
    start: async ({ host }) => new DigestMd5Exchange(options, host),
  };
}

/** client: empty · server: challenge · client: response · server: rspauth · done. */
class DigestMd5Exchange implements SaslExchange {
  #expects: 'nothing' | 'challenge' | 'proof' | 'silence' = 'nothing';
  #parts: DigestParts | undefined;
  readonly #options: DigestMd5Options;
  readonly #host: string;

  constructor(options: DigestMd5Options, host: string) {
    this.#options = options;
    this.#host = host;
  }

  get complete(): boolean {
    return this.#expects === 'silence';
  }

  async step(token: Uint8Array): Promise<Uint8Array | undefined> {
    switch (this.#expects) {
      case 'nothing':
        if (token.length > 0) throw malformed('it came before the client spoke');
        this.#expects = 'challenge';
        return new Uint8Array(0);
      case 'challenge':
        return this.#answer(token);
      case 'proof':
        return this.#verify(token);
      case 'silence':
        throw malformed('it came after the exchange was complete');
    }
  }

  #answer(token: Uint8Array): Uint8Array {
    // A server without a JAAS "Server" section answers with a null token and no error (ZooKeeperServer.processSasl).
    if (token.length === 0) {
      throw authFailed(
        `the server at ${this.#host} does not do SASL`,
        'Give the server a JAAS file with a "Server" section, or connect without SASL.',
      );
    }
    const { username, password, protocol = 'zookeeper', serverName = 'zk-sasl-md5' } = this.#options;
    const challenge = parseChallenge(token);
    const cnonce = Buffer.from((this.#options.random ?? randomBytes)(CNONCE_BYTES)).toString('base64');
    const realm = chooseRealm(challenge.realms, this.#options.realm, serverName);
    const { nonce, utf8 } = challenge;
    this.#parts = { username, password, realm, nonce, cnonce, utf8, digestUri: `${protocol}/${serverName}` };
    const response = encodeResponse(this.#parts);
    this.#expects = 'proof';
    return response;
  }

  #verify(token: Uint8Array): undefined {
    const proof = token.length === 0 ? undefined : single(parseDirectives(token), 'rspauth');
    if (proof === undefined || this.#parts === undefined) {
      throw authFailed(
        `the server at ${this.#host} accepted ${JSON.stringify(this.#options.username)} without proving who it is`,
        'It may not be the server it claims to be: check the address, and use TLS.',
      );
    }
    if (!sameText(proof, digestResponse(this.#parts, 'server'))) {
      throw authFailed(
        `the server at ${this.#host} gave a wrong proof: it does not know the password of ${JSON.stringify(this.#options.username)}`,
        'It may not be the server it claims to be: check the address, and use TLS.',
      );
    }
    this.#parts = undefined;
    this.#expects = 'silence';
    return undefined;
  }
}

interface Challenge {
  realms: string[];
  nonce: string;
  utf8: boolean;
}

/** Takes a server's first message apart (RFC 2831 §2.1.1); unknown directives are ignored, as it demands. */
export function parseChallenge(message: Uint8Array): Challenge {
  const directives = parseDirectives(message);
  const charset = single(directives, 'charset');
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw malformed('its charset is not utf-8');
  const utf8 = charset !== undefined;

  const nonce = single(directives, 'nonce');
  if (nonce === undefined || nonce === '') throw malformed('it has no nonce');
  if (single(directives, 'algorithm')?.toLowerCase() !== 'md5-sess') throw malformed('its algorithm is not md5-sess');

  const qop = single(directives, 'qop') ?? 'auth';
  if (!qop.split(',').some((option) => option.trim().toLowerCase() === 'auth')) {
    throw authFailed(
      'the server insists on a SASL security layer, which ZooKeeper clients do not have',
      'Set the server to quality of protection "auth" and use TLS to protect the connection.',
    );
  }
  const maxbuf = single(directives, 'maxbuf');
  if (maxbuf !== undefined && !/^\d{1,8}$/.test(maxbuf)) throw malformed('its maxbuf is not a number');
  const stale = single(directives, 'stale');
  if (stale !== undefined && stale !== 'true') throw malformed('its stale is not "true"');
  single(directives, 'cipher');

  const realms = directives.filter(({ name }) => name === 'realm').map(({ value }) => decodeRealm(value, utf8));
  return { realms, nonce, utf8 };
}

function decodeRealm(value: string, utf8: boolean): string {
  if (!utf8) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    throw malformed('its realm is not valid UTF-8');
  }
}

function chooseRealm(offered: readonly string[], wanted: string | undefined, serverName: string): string {
  if (wanted === undefined) return offered.includes(serverName) ? serverName : (offered[0] ?? '');
  if (offered.length > 0 && !offered.includes(wanted)) {
    const list = offered.map((realm) => JSON.stringify(realm)).join(', ');
    throw authFailed(`the server has no SASL realm ${JSON.stringify(wanted)}`, `It offers ${list}.`);
  }
  return wanted;
}

/** The client's message in the order Java's SASL client writes it (RFC 2831 §2.1.2). */
export function encodeResponse(parts: DigestParts): Uint8Array {
  const fields = [
    ...(parts.utf8 ? ['charset=utf-8'] : []),
    `username=${quote(wireText(parts.username, parts.utf8))}`,
    ...(parts.realm === '' ? [] : [`realm=${quote(wireText(parts.realm, parts.utf8))}`]),
    `nonce=${quote(parts.nonce)}`,
    `nc=${NONCE_COUNT}`,
    `cnonce=${quote(parts.cnonce)}`,
    `digest-uri=${quote(parts.digestUri)}`,
    'maxbuf=65536',
    `response=${digestResponse(parts, 'client')}`,
    'qop=auth',
  ];
  return Buffer.from(fields.join(','), 'latin1');
}

/** One character a byte of what goes over the wire, so that quoting and joining stay byte-exact. */
function wireText(text: string, utf8: boolean): string {
  if (utf8) return Buffer.from(text, 'utf8').toString('latin1');
  if (isLatin1(text)) return text;
  throw authFailed('the user name has characters outside ISO 8859-1, and the server does not offer UTF-8');
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a, 'latin1');
  const right = Buffer.from(b, 'latin1');
  return left.length === right.length && timingSafeEqual(left, right);
}
