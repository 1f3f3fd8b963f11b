import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import {
  damagedStore,
  missingPassword,
  readCertificate,
  type StoreContents,
  type StoreSecrets,
  unsupportedStore,
  wrongPassword,
} from './store-contents.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

const CONVERT_KEY =
  'Convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in OLD -out NEW';

/**
 * Reads PEM text that may hold certificates, private keys or both in any order, as ZooKeeper's PEM stores do
 * (PEMFileLoader). Text around the blocks, which `openssl pkcs12` writes, is skipped.
 *
 * Keys are only looked at when `wantKeys`: a trust store's password must not be needed for a key nobody will use.
 */
export function readPem(text: string, path: string, secrets: StoreSecrets, wantKeys: boolean): StoreContents {
  const certificates: X509Certificate[] = [];
  const keys: KeyObject[] = [];
  for (const [block, label = ''] of text.matchAll(BLOCK)) {
    if (label.endsWith('CERTIFICATE')) certificates.push(readCertificate(block, path));
    else if (wantKeys && label.endsWith('PRIVATE KEY')) {
      keys.push(readPrivateKey(block, path, secrets.keyPassword ?? secrets.password));
    }
  }
  return { kind: 'PEM', keys, certificates, trusted: certificates };
}

/** Reads the key of one PEM block; `path` is for messages, `convert` the hint for a cipher that Node doesn't know. */
export function readPrivateKey(
  block: string,
  path: string,
  password: string | undefined,
  convert = CONVERT_KEY,
): KeyObject {
  const encrypted = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(block);
  const what = `the private key in ${path}`;
  if (encrypted && password === undefined) throw missingPassword(what);
  try {
    return createPrivateKey({ key: block, format: 'pem', ...(password === undefined ? {} : { passphrase: password }) });
  } catch (cause) {
    // PKCS 5 v1 (MD5 with DES) and other old ciphers live in OpenSSL 3's legacy provider, which Node does not load.
    if (encrypted && isUnsupported(cause)) {
      throw unsupportedStore(`${what} is encrypted in a way this Node's OpenSSL does not support`, convert, cause);
    }
    throw encrypted ? wrongPassword(what, cause) : damagedStore(`${what} can't be read`, cause);
  }
}

/**
 * Whether OpenSSL lacks the cipher. One wrong password in 256 decrypts to noise that ends like padding: OpenSSL finds no
 * key in it and calls that unsupported, too, but says before that it could not decode what it decrypted.
 */
function isUnsupported(cause: unknown): boolean {
  const { code = '', opensslErrorStack = [] } = cause as { code?: string; opensslErrorStack?: string[] };
  return /^ERR_OSSL_(EVP_)?UNSUPPORTED$/.test(code) && !opensslErrorStack.some((line) => line.includes('decode error'));
}
