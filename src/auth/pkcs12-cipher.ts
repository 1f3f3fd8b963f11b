import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { child, children, DerError, type DerNode, octets, octetsAt, oid, smallInteger, Tag } from './der.ts';
import { decryptRc2Cbc } from './rc2.ts';

/** A store that asks for more would keep the process busy for minutes; Java and OpenSSL use 2,048 to 600,000. */
const MAX_ITERATIONS = 5_000_000;

/** The file uses an algorithm that is not read here; the message names it. */
export class UnknownAlgorithm extends Error {}

const HASHES: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const HMACS: Record<string, string> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

const PBES2_CIPHERS: Record<string, { name: string; keyBytes: number }> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};

const PKCS12_CIPHERS: Record<string, { name: 'des-ede3-cbc' | 'rc2-cbc'; keyBytes: number }> = {
  '1.2.840.113549.1.12.1.3': { name: 'des-ede3-cbc', keyBytes: 24 },
  '1.2.840.113549.1.12.1.4': { name: 'des-ede3-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.5': { name: 'rc2-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { name: 'rc2-cbc', keyBytes: 5 },
};

/** Decrypts by a password-based AlgorithmIdentifier; `undefined` when the password is wrong (bad padding). */
export function decryptWithPassword(algorithm: DerNode, data: Buffer, password: string): Buffer | undefined {
  const id = oid(child(algorithm, 0, Tag.oid));
  if (id === '1.2.840.113549.1.5.13') return decryptPbes2(child(algorithm, 1, Tag.sequence), data, password);
  const cipher = PKCS12_CIPHERS[id];
  if (cipher === undefined) throw new UnknownAlgorithm(`cipher ${id}`);
  const params = child(algorithm, 1, Tag.sequence);
  const salt = octetsAt(params, 0);
  const iterations = iterationCount(child(params, 1, Tag.integer));
  const derive = (purpose: number, length: number) => pkcs12Kdf('sha1', password, salt, iterations, purpose, length);
  const key = derive(1, cipher.keyBytes);
  const iv = derive(2, 8);
  if (cipher.name === 'rc2-cbc') return decryptRc2Cbc(key, iv, data);
  // Two-key triple DES is three-key with the first key again.
  return decipher(cipher.name, key.length === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key, iv, data);
}

/** PBES2 (RFC 8018 §6.2): a key from PBKDF2, whose password is UTF-8 both in Java and in OpenSSL. */
function decryptPbes2(params: DerNode, data: Buffer, password: string): Buffer | undefined {
  const kdf = child(params, 0, Tag.sequence);
  const encryption = child(params, 1, Tag.sequence);
  const kdfId = oid(child(kdf, 0, Tag.oid));
  if (kdfId !== '1.2.840.113549.1.5.12') throw new UnknownAlgorithm(`key derivation ${kdfId}`);
  const [salt, iterations, ...optional] = children(child(kdf, 1, Tag.sequence));
  if (salt === undefined || iterations === undefined) throw new DerError('incomplete PBKDF2 parameters');
  const prf = optional.find(({ tag }) => tag === Tag.sequence);
  const hmacId = prf === undefined ? '1.2.840.113549.2.7' : oid(child(prf, 0, Tag.oid));
  const hmac = HMACS[hmacId];
  if (hmac === undefined) throw new UnknownAlgorithm(`PBKDF2 function ${hmacId}`);
  const cipherId = oid(child(encryption, 0, Tag.oid));
  const cipher = PBES2_CIPHERS[cipherId];
  if (cipher === undefined) throw new UnknownAlgorithm(`cipher ${cipherId}`);
  const key = pbkdf2Sync(password, octets(salt), iterationCount(iterations), cipher.keyBytes, hmac);
  return decipher(cipher.name, key, octetsAt(encryption, 1), data);
}

/** Whether the store's MAC was made with this password: what Java checks before it reads anything. */
export function verifyMac(macData: DerNode, content: Buffer, password: string): boolean {
  const digestInfo = child(macData, 0, Tag.sequence);
  const id = oid(child(child(digestInfo, 0, Tag.sequence), 0, Tag.oid));
  const hash = HASHES[id];
  if (hash === undefined) throw new UnknownAlgorithm(`integrity check ${id}`);
  const expected = octetsAt(digestInfo, 1);
  const salt = octetsAt(macData, 1);
  const count = children(macData)[2];
  const iterations = count === undefined ? 1 : iterationCount(count);
  const key = pkcs12Kdf(hash, password, salt, iterations, 3, expected.length);
  const actual = createHmac(hash, key).update(content).digest();
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function iterationCount(node: DerNode): number {
  const count = smallInteger(node);
  if (count === 0 || count > MAX_ITERATIONS) throw new DerError(`iteration count ${count}`);
  return count;
}

function decipher(name: string, key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  const cipher = createDecipheriv(name, key, iv);
  const head = cipher.update(data);
  try {
    return Buffer.concat([head, cipher.final()]);
  } catch {
    return undefined;
  }
}

/** PKCS 12's own key derivation (RFC 7292 appendix B.2); `purpose` 1 makes keys, 2 IVs, 3 MAC keys. */
function pkcs12Kdf(
  hash: string,
  password: string,
  salt: Buffer,
  iterations: number,
  purpose: number,
  length: number,
): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([fill(salt, block), fill(bmpString(password), block)]);
  const chunks: Buffer[] = [];
  for (let made = 0; made < length; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let i = 1; i < iterations; i++) digest = createHash(hash).update(digest).digest();
    chunks.push(digest);
    made += digest.length;
    const addend = Buffer.alloc(block);
    for (let i = 0; i < block; i++) addend[i] = digest[i % digest.length] ?? 0;
    for (let at = 0; at < input.length; at += block) addPlusOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** Repeats `bytes` to a whole number of blocks; nothing stays nothing. */
function fill(bytes: Buffer, block: number): Buffer {
  const filled = Buffer.alloc(Math.ceil(bytes.length / block) * block);
  for (let i = 0; i < filled.length; i++) filled[i] = bytes[i % bytes.length] ?? 0;
  return filled;
}

/** target = target + addend + 1 as big-endian numbers, the overflow dropped. */
function addPlusOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let i = target.length - 1; i >= 0; i--) {
    const sum = (target[i] ?? 0) + (addend[i] ?? 0) + carry;
    target[i] = sum & 0xff;
    carry = sum >> 8;
  }
}

/** UTF-16, big-endian, closed by a zero character. */
function bmpString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le').swap16();
}
