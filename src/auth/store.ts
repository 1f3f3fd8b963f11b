import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../protocol/errors.ts';
import { readCertificate, type StoreContents, type StoreSecrets, unsupportedStore } from './store-contents.ts';

/** Larger than any store in use; a limit so that a device or a log file named by mistake is not read whole. */
const MAX_STORE_BYTES = 16 * 1024 * 1024;

const JKS_MAGIC = 0xfeedfeed;
const JCEKS_MAGIC = 0xcececece;
const CONVERT = 'Convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12';

/**
 * Reads a key store, trust store, certificate or key file of any kind ZooKeeper takes. The first bytes tell the kind;
 * the name's extension only serves messages, because stores are often named wrongly (Java reads PKCS12 named .jks).
 *
 * @throws UsageError `TLS_STORE` when the file is missing, damaged or of an unknown kind, `TLS_STORE_PASSWORD` when
 * the password is missing or wrong.
 */
export async function readStore(
  path: string,
  secrets: StoreSecrets,
  options: { wantKeys: boolean },
): Promise<StoreContents> {
  const bytes = await readStoreFile(path);
  // Each reader is loaded only for the kind it reads: most people have PEM files.
  if (/-----BEGIN [A-Z0-9 ]+-----/.test(bytes.toString('latin1'))) {
    const { readPem } = await import('./pem.ts');
    return readPem(bytes.toString('latin1'), path, secrets, options.wantKeys);
  }
  const magic = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (magic === JKS_MAGIC) {
    const { readJks } = await import('./jks.ts');
    return readJks(bytes, path, secrets, options.wantKeys);
  }
  if (magic === JCEKS_MAGIC) throw unsupportedStore(`${path} is a JCEKS store, which zksh does not read`, CONVERT);
  return readDerFile(bytes, path, secrets, options.wantKeys);
}

/** PKCS12, BCFKS and single certificates all start with a SEQUENCE; what comes first in it tells them apart. */
async function readDerFile(
  bytes: Buffer,
  path: string,
  secrets: StoreSecrets,
  wantKeys: boolean,
): Promise<StoreContents> {
  const { readDer, children, Tag } = await import('./der.ts');
  let inside: number[] = [];
  try {
    const outer = readDer(bytes);
    if (outer.tag === Tag.sequence) inside = children(outer).map(({ tag }) => tag);
  } catch {
    // Not ASN.1 at all, or cut off: the extension decides below what it should have been.
  }
  if (inside[0] === Tag.integer || (inside.length === 0 && /\.(p12|pfx)$/i.test(path) && bytes[0] === Tag.sequence)) {
    const { readPkcs12 } = await import('./pkcs12.ts');
    return readPkcs12(bytes, path, secrets, wantKeys);
  }
  if (inside.length === 3 && inside[0] === Tag.sequence) {
    const certificates = [readCertificate(bytes, path)];
    return { kind: 'DER', keys: [], certificates, trusted: certificates };
  }
  if (inside.length === 2) throw unsupportedStore(`${path} is not a store zksh reads; it may be BCFKS`, CONVERT);
  throw unsupportedStore(
    `${path} is not a PEM file, a PKCS12 store or a JKS store`,
    'Check that the path names the right file, and that it is whole.',
  );
}

async function readStoreFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_STORE_BYTES) {
      throw unsupportedStore(`${path} has ${size} bytes, more than any key store`, 'Check the path.');
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    throw new UsageError(`can't read ${path}: ${reason}`, {
      code: 'TLS_STORE',
      hint: 'Check the path of the certificate, key or store in the TLS settings.',
      cause: error,
    });
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
};
