import { createHash, createPrivateKey, type KeyObject, timingSafeEqual, type X509Certificate } from 'node:crypto';
import { ZkshError } from '../protocol/errors.ts';
import { at, bytesOf, type Forge, loadForge, oidOf, parseAsn1 } from './asn1.ts';
import {
  damagedStore,
  missingPassword,
  readCertificate,
  type StoreContents,
  type StoreSecrets,
  wrongPassword,
} from './store-contents.ts';

const KEY_ENTRY = 1;
const CERTIFICATE_ENTRY = 2;
const SHA1_BYTES = 20;
/** sun.security.provider.KeyProtector's own algorithm: XOR with a chain of SHA-1 digests. */
const KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1';

/**
 * Reads a Java key store (sun.security.provider.JavaKeyStore), all numbers big-endian:
 *
 *     store = magic:4 version:4 count:4 entry* sha1(password, "Mighty Aphrodite", all before):20
 *     entry = 1:4 alias:utf date:8 length:4 key count:4 cert*  |  2:4 alias:utf date:8 cert
 *     cert  = [type:utf, from version 2] length:4 der
 *
 * Without a password the certificates can still be read: only keys are encrypted, the rest is merely sealed.
 */
export async function readJks(
  bytes: Buffer,
  path: string,
  secrets: StoreSecrets,
  wantKeys: boolean,
): Promise<StoreContents> {
  // Only keys are ASN.1 that must be taken apart; certificates are handed to Node whole.
  const forge = wantKeys ? await loadForge() : undefined;
  try {
    if (secrets.password !== undefined && !sealHolds(bytes, secrets.password)) {
      throw wrongPassword(`the JKS store ${path}`);
    }
    return readEntries(bytes, path, secrets, forge);
  } catch (error) {
    if (error instanceof ZkshError) throw error;
    throw damagedStore(`the JKS store ${path} can't be read`, error);
  }
}

function readEntries(bytes: Buffer, path: string, secrets: StoreSecrets, forge: Forge | undefined): StoreContents {
  // Every read is bounded by the buffer: readUIntBE throws past its end, and take() checks.
  let at = 4;
  const number = (size: 2 | 4) => {
    const value = bytes.readUIntBE(at, size);
    at += size;
    return value;
  };
  const take = (length: number) => {
    if (at + length > bytes.length) throw new RangeError('cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const version = number(4);
  if (version !== 1 && version !== 2) throw new RangeError(`version ${version}`);
  const certificate = () => {
    if (version === 2) take(number(2));
    return readCertificate(take(number(4)), path);
  };

  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  const marked: X509Certificate[] = [];
  for (let left = number(4); left > 0; left--) {
    const type = number(4);
    take(number(2));
    take(8);
    if (type === KEY_ENTRY) {
      const protectedKey = take(number(4));
      if (forge !== undefined) keys.push(readKey(forge, protectedKey, path, secrets.keyPassword ?? secrets.password));
      for (let count = number(4); count > 0; count--) certificates.push(certificate());
    } else if (type === CERTIFICATE_ENTRY) {
      marked.push(certificate());
    } else {
      throw new RangeError(`entry type ${type}`);
    }
  }
  const all = [...certificates, ...marked];
  return { kind: 'JKS', keys, certificates: all, trusted: marked.length > 0 ? marked : all };
}

function readKey(forge: Forge, bytes: Buffer, path: string, password: string | undefined): KeyObject {
  const what = `the private key in ${path}`;
  if (password === undefined) throw missingPassword(what);
  const info = parseAsn1(forge, bytes);
  const algorithm = oidOf(forge, at(info, 0, 0));
  if (algorithm !== KEY_PROTECTOR) throw new RangeError(`key protection ${algorithm}`);
  const data = bytesOf(at(info, 1));
  const secret = utf16(password);
  const plain = Buffer.from(data.subarray(SHA1_BYTES, -SHA1_BYTES));
  let digest: Buffer = data.subarray(0, SHA1_BYTES);
  for (let at = 0; at < plain.length; at += SHA1_BYTES) {
    digest = createHash('sha1').update(secret).update(digest).digest();
    for (let i = 0; i < SHA1_BYTES && at + i < plain.length; i++)
      plain[at + i] = (plain[at + i] ?? 0) ^ (digest[i] ?? 0);
  }
  const check = createHash('sha1').update(secret).update(plain).digest();
  if (!sameBytes(check, data.subarray(-SHA1_BYTES))) throw wrongPassword(what);
  return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
}

function sealHolds(bytes: Buffer, password: string): boolean {
  const hash = createHash('sha1').update(utf16(password)).update('Mighty Aphrodite');
  return sameBytes(hash.update(bytes.subarray(0, -SHA1_BYTES)).digest(), bytes.subarray(-SHA1_BYTES));
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
