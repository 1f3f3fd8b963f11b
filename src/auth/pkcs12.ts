import { createHmac, type KeyObject, timingSafeEqual, type X509Certificate } from 'node:crypto';
import type { md } from 'node-forge';
import { ZkshError } from '../protocol/errors.ts';
import {
  type Asn1,
  at,
  bytesOf,
  children,
  contentOf,
  type Forge,
  joinStrings,
  largestInteger,
  loadForge,
  oidOf,
  parseAsn1,
} from './asn1.ts';
import { readPrivateKey } from './pem.ts';
import {
  CONVERT_STORE,
  damagedStore,
  missingPassword,
  readCertificate,
  type StoreContents,
  type StoreSecrets,
  unsupportedStore,
  wrongPassword,
} from './store-contents.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const BAG = '1.2.840.113549.1.12.10.1.';
/** keytool marks the certificates it trusts with this attribute, and Java trusts no others. */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1';

/** A store that asks for more would keep the process busy for minutes; Java and OpenSSL use 1,024 to 600,000. */
const MAX_ITERATIONS = 1_000_000;

/** The store uses an algorithm that is not read here; the message names it. */
class UnknownAlgorithm extends Error {}

/**
 * Reads a PKCS 12 store (RFC 7292) made by keytool, OpenSSL, Windows or Bouncy Castle, with the old ciphers too.
 *
 * Node's `pfx` option is not enough: it refuses keytool's trust stores, which hold no key, and the RC2 that Java 8
 * encrypted certificates with. node-forge parses and decrypts. Its `pkcs12FromAsn1`, which would do the rest too, can't
 * be used: it takes one password for all, as UTF-16 for the MAC and as bytes for PBES2, so that one beyond ASCII opens
 * nothing; it decrypts keys nobody asked for; and it drops the attribute that keytool marks trusted certificates with.
 */
export async function readPkcs12(
  bytes: Buffer,
  path: string,
  secrets: StoreSecrets,
  wantKeys: boolean,
): Promise<StoreContents> {
  const forge = await loadForge();
  try {
    return new Pkcs12Reader(forge, path, secrets, wantKeys).read(bytes);
  } catch (error) {
    if (error instanceof ZkshError) throw error;
    if (error instanceof UnknownAlgorithm) {
      throw unsupportedStore(
        `the PKCS12 store ${path} uses an algorithm that zksh does not read: ${error.message}`,
        CONVERT_STORE,
        error,
      );
    }
    throw damagedStore(`the PKCS12 store ${path} can't be read`, error);
  }
}

/** Collects what a walk over one store finds; lives for one call of readPkcs12. */
class Pkcs12Reader {
  readonly #keys: KeyObject[] = [];
  readonly #certificates: X509Certificate[] = [];
  readonly #marked: X509Certificate[] = [];
  readonly #forge: Forge;
  readonly #path: string;
  readonly #secrets: StoreSecrets;
  readonly #wantKeys: boolean;

  constructor(forge: Forge, path: string, secrets: StoreSecrets, wantKeys: boolean) {
    this.#forge = forge;
    this.#path = path;
    this.#secrets = secrets;
    this.#wantKeys = wantKeys;
  }

  read(bytes: Buffer): StoreContents {
    const store = parseAsn1(this.#forge, bytes);
    if (contentOf(at(store, 0)) !== '\x03') throw new RangeError('not version 3');
    const content = this.#dataOf(at(store, 1));
    const macData = children(store)[2];
    if (macData !== undefined) this.#verifyMac(macData, content);
    for (const part of children(parseAsn1(this.#forge, content))) this.#readPart(part);
    const trusted = this.#marked.length > 0 ? this.#marked : this.#certificates;
    return { kind: 'PKCS12', keys: this.#keys, certificates: this.#certificates, trusted };
  }

  /** Refuses the password the store's MAC was not made with, which Java checks, too, before it reads anything. */
  #verifyMac(macData: Asn1, content: Buffer): void {
    const { md, pki, pkcs12, util } = this.#forge;
    const id = this.#oid(at(macData, 0, 0, 0));
    const hash = pki.oids[id] as keyof typeof md.algorithms;
    const digest: md.MessageDigest | undefined = md.algorithms[hash]?.create();
    if (digest === undefined) throw new UnknownAlgorithm(`integrity check ${id}`);
    const expected = bytesOf(at(macData, 0, 1));
    const salt = util.createBuffer(contentOf(at(macData, 1)));
    const iterations = Math.max(1, this.#iterations(macData));
    const key = pkcs12.generateKey(this.#password(), salt, 3, iterations, digest.digestLength, digest);
    const actual = createHmac(hash, Buffer.from(key.getBytes(), 'latin1')).update(content).digest();
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw this.#wrongPassword();
  }

  #readPart(part: Asn1): void {
    const type = this.#oid(at(part, 0));
    if (type === DATA) {
      this.#readBags(parseAsn1(this.#forge, this.#dataOf(part)));
    } else if (type === ENCRYPTED_DATA) {
      const info = at(part, 1, 0, 1);
      this.#readBags(this.#decrypt(at(info, 1), contentOf(at(info, 2))));
    } else {
      throw new UnknownAlgorithm(`content type ${type}`);
    }
  }

  #readBags(bags: Asn1): void {
    for (const bag of children(bags)) {
      const type = this.#oid(at(bag, 0));
      const value = at(bag, 1, 0);
      if (type === `${BAG}1`) this.#addKey('PRIVATE KEY', value);
      else if (type === `${BAG}2`) this.#addKey('ENCRYPTED PRIVATE KEY', value);
      else if (type === `${BAG}3`) this.#addCertificate(bag, value);
      else if (type === `${BAG}6`) this.#readBags(value);
    }
  }

  /** Node decrypts keys itself, many times as fast as forge; it lacks only RC2, which is made for certificates. */
  #addKey(type: string, info: Asn1): void {
    if (!this.#wantKeys) return;
    if (type.startsWith('ENCRYPTED')) this.#iterations(at(info, 0));
    const pem = this.#forge.pem.encode({ type, body: this.#forge.asn1.toDer(info).getBytes() });
    const password = this.#secrets.keyPassword ?? this.#secrets.password;
    this.#keys.push(readPrivateKey(pem, this.#path, password, CONVERT_STORE));
  }

  #addCertificate(bag: Asn1, value: Asn1): void {
    if (this.#oid(at(value, 0)) !== X509_CERTIFICATE) return;
    const certificate = readCertificate(bytesOf(at(value, 1, 0)), this.#path);
    this.#certificates.push(certificate);
    const attributes = children(bag)[2];
    const names = attributes === undefined ? [] : children(attributes).map((entry) => this.#oid(at(entry, 0)));
    if (names.includes(TRUSTED_KEY_USAGE)) this.#marked.push(certificate);
  }

  /** forge decrypts any ASN.1 that is wrapped like a private key. */
  #decrypt(algorithm: Asn1, data: string): Asn1 {
    const { asn1, pki, util } = this.#forge;
    this.#iterations(algorithm);
    const { UNIVERSAL } = asn1.Class;
    const wrapped = asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, [
      algorithm,
      asn1.create(UNIVERSAL, asn1.Type.OCTETSTRING, false, data),
    ]);
    // PBES2 takes the password's UTF-8; PKCS 12's own ciphers its UTF-16, which forge makes of the text.
    const isPbes2 = this.#oid(at(algorithm, 0)) === pki.oids.pkcs5PBES2;
    const password = isPbes2 ? util.encodeUtf8(this.#password()) : this.#password();
    let plain: Asn1 | null;
    try {
      plain = pki.decryptPrivateKeyInfo(wrapped, password);
    } catch (error) {
      const unknown = unknownTo(error);
      if (unknown !== undefined) throw new UnknownAlgorithm(unknown);
      // What a wrong password decrypts to may end like padding, and is no ASN.1 then.
      throw this.#wrongPassword(error);
    }
    if (plain === null) throw this.#wrongPassword();
    return joinStrings(this.#forge, plain);
  }

  /** The iteration count of a MAC or a cipher, 0 when there is none: no other INTEGER there is as large. */
  #iterations(parameters: Asn1): number {
    const count = largestInteger(this.#forge, parameters);
    if (count > MAX_ITERATIONS) throw new RangeError(`iteration count ${count}`);
    return count;
  }

  /** The bytes inside a ContentInfo of type data. */
  #dataOf(contentInfo: Asn1): Buffer {
    if (this.#oid(at(contentInfo, 0)) !== DATA) throw new UnknownAlgorithm('a public-key protected store');
    return bytesOf(at(contentInfo, 1, 0));
  }

  #oid(node: Asn1): string {
    return oidOf(this.#forge, node);
  }

  #password(): string {
    if (this.#secrets.password === undefined) throw missingPassword(`the PKCS12 store ${this.#path}`);
    return this.#secrets.password;
  }

  #wrongPassword(cause?: unknown): ZkshError {
    return wrongPassword(`the PKCS12 store ${this.#path}`, cause);
  }
}

/** What forge says it does not know, by the properties that it gives such errors; `undefined` for any other error. */
function unknownTo(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('oid' in error && /^[\d.]+$/.test(String(error.oid))) return `cipher ${String(error.oid)}`;
  return 'oid' in error || 'errors' in error ? error.message : undefined;
}
