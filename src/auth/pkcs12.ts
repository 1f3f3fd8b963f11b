import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { ZkshError } from '../protocol/errors.ts';
import { child, children, DerError, type DerNode, octets, octetsAt, oid, readDer, smallInteger, Tag } from './der.ts';
import { decryptWithPassword, UnknownAlgorithm, verifyMac } from './pkcs12-cipher.ts';
import {
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

/** A nested SafeContents is legal and nobody makes one; deeper than this is an attack or damage. */
const MAX_NESTING = 8;

/**
 * Reads a PKCS 12 store (RFC 7292) made by keytool, OpenSSL, Windows or Bouncy Castle, with the old ciphers too.
 *
 * Node's `pfx` option is not enough: it refuses keytool's trust stores, which hold no key, and the RC2 that Java 8
 * encrypted certificates with.
 */
export function readPkcs12(bytes: Buffer, path: string, secrets: StoreSecrets, wantKeys: boolean): StoreContents {
  try {
    return new Pkcs12Reader(path, secrets, wantKeys).read(bytes);
  } catch (error) {
    if (error instanceof ZkshError) throw error;
    if (error instanceof UnknownAlgorithm) {
      throw unsupportedStore(
        `the PKCS12 store ${path} uses an algorithm that zksh does not read: ${error.message}`,
        'Convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12',
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
  readonly #path: string;
  readonly #secrets: StoreSecrets;
  readonly #wantKeys: boolean;

  constructor(path: string, secrets: StoreSecrets, wantKeys: boolean) {
    this.#path = path;
    this.#secrets = secrets;
    this.#wantKeys = wantKeys;
  }

  read(bytes: Buffer): StoreContents {
    const [version, authSafe, macData] = children(readDer(bytes));
    if (version === undefined || authSafe === undefined || smallInteger(version) !== 3)
      throw new DerError('not PKCS 12');
    const content = dataOf(authSafe);
    if (macData !== undefined && !verifyMac(macData, content, this.#password())) throw this.#wrongPassword();
    for (const part of children(readDer(content))) this.#readPart(part);
    const trusted = this.#marked.length > 0 ? this.#marked : this.#certificates;
    return { kind: 'PKCS12', keys: this.#keys, certificates: this.#certificates, trusted };
  }

  #readPart(part: DerNode): void {
    const type = oid(child(part, 0, Tag.oid));
    if (type === DATA) {
      this.#readBags(readDer(dataOf(part)), 0);
    } else if (type === ENCRYPTED_DATA) {
      const info = child(child(child(part, 1, Tag.context0), 0, Tag.sequence), 1, Tag.sequence);
      const [, algorithm, data] = children(info);
      if (algorithm === undefined || data === undefined) throw new DerError('incomplete encrypted data');
      this.#readBags(readDer(this.#decrypt(algorithm, octets(data), this.#password())), 0);
    } else {
      throw new UnknownAlgorithm(`content type ${type}`);
    }
  }

  #readBags(bags: DerNode, nesting: number): void {
    if (nesting > MAX_NESTING) throw new DerError('nested too deep');
    for (const bag of children(bags)) {
      const type = oid(child(bag, 0, Tag.oid));
      const value = child(child(bag, 1, Tag.context0), 0, Tag.sequence);
      if (type === `${BAG}1`) this.#addKey(value, undefined);
      else if (type === `${BAG}2`) this.#addKey(value, this.#secrets.keyPassword ?? this.#secrets.password);
      else if (type === `${BAG}3`) this.#addCertificate(bag, value);
      else if (type === `${BAG}6`) this.#readBags(value, nesting + 1);
    }
  }

  /** A PrivateKeyInfo as it stands, or an EncryptedPrivateKeyInfo when a password is handed in. */
  #addKey(info: DerNode, password: string | undefined): void {
    if (!this.#wantKeys) return;
    const first = children(info)[0];
    const encrypted = first?.tag === Tag.sequence;
    if (encrypted && password === undefined) throw missingPassword(`the private key in ${this.#path}`);
    const key = encrypted && password !== undefined ? this.#decrypt(first, octetsAt(info, 1), password) : info.raw;
    this.#keys.push(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  }

  #addCertificate(bag: DerNode, value: DerNode): void {
    if (oid(child(value, 0, Tag.oid)) !== X509_CERTIFICATE) return;
    const [der] = children(child(value, 1, Tag.context0));
    if (der === undefined) throw new DerError('empty certificate bag');
    const certificate = readCertificate(octets(der), this.#path);
    this.#certificates.push(certificate);
    const attributes = children(bag)[2];
    const names = attributes === undefined ? [] : children(attributes).map((entry) => oid(child(entry, 0, Tag.oid)));
    if (names.includes(TRUSTED_KEY_USAGE)) this.#marked.push(certificate);
  }

  #decrypt(algorithm: DerNode, data: Buffer, password: string): Buffer {
    const plain = decryptWithPassword(algorithm, data, password);
    if (plain === undefined) throw this.#wrongPassword();
    return plain;
  }

  #password(): string {
    if (this.#secrets.password === undefined) throw missingPassword(`the PKCS12 store ${this.#path}`);
    return this.#secrets.password;
  }

  #wrongPassword(): ZkshError {
    return wrongPassword(`the PKCS12 store ${this.#path}`);
  }
}

/** The bytes inside a ContentInfo of type data. */
function dataOf(contentInfo: DerNode): Buffer {
  if (oid(child(contentInfo, 0, Tag.oid)) !== DATA) throw new UnknownAlgorithm('a public-key protected store');
  const [data] = children(child(contentInfo, 1, Tag.context0));
  if (data === undefined) throw new DerError('empty content');
  return octets(data);
}
