import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../protocol/errors.ts';
import {
  CONVERT_STORE,
  readCertificate,
  type StoreContents,
  type StoreSecrets,
  unsupportedStore,
} from './store-contents.ts';

/** Larger than any store in use; a limit so that a device or a log file named by mistake is not read whole. */
const MAX_STORE_BYTES = 16 * 1024 * 1024;

const JKS_MAGIC = 0xfeedfeed;
const JCEKS_MAGIC = 0xcececece;
/** A SEQUENCE of any length, BER's indefinite one too, and the tag of the first value in it. */
const SEQUENCE_OF = /^0(?:[\0-\x80]|\x81.|\x82..|\x83.{3}|\x84.{4})(.)/s;
const HEADER_BYTES = 7;
const INTEGER = '\x02';
const SEQUENCE = '0';

/**
 * Reads a key store, trust store, certificate or key file of any kind ZooKeeper takes. The first bytes tell the kind,
 * never the name, because stores are often named wrongly (Java reads PKCS12 named .jks).
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
  if (magic === JCEKS_MAGIC)
    throw unsupportedStore(`${path} is a JCEKS store, which zksh does not read`, CONVERT_STORE);
  return readDerFile(bytes, path, secrets, options.wantKeys);
}

/** PKCS12, BCFKS and single certificates all start with a SEQUENCE; what comes first in it tells them apart. */
async function readDerFile(
  bytes: Buffer,
  path: string,
  secrets: StoreSecrets,
  wantKeys: boolean,
): Promise<StoreContents> {
  const first = SEQUENCE_OF.exec(bytes.toString('latin1', 0, HEADER_BYTES))?.[1];
  if (first === INTEGER) {
    const { readPkcs12 } = await import('./pkcs12.ts');
    return readPkcs12(bytes, path, secrets, wantKeys);
  }
  if (first === SEQUENCE) return readDerCertificate(bytes, path);
  throw unsupportedStore(
    `${path} is not a PEM file, a PKCS12 store or a JKS store`,
    'Check that the path names the right file, and that it is whole.',
  );
}

function readDerCertificate(bytes: Buffer, path: string): StoreContents {
  try {
    const certificates = [readCertificate(bytes, path)];
    return { kind: 'DER', keys: [], certificates, trusted: certificates };
  } catch (cause) {
    throw unsupportedStore(
      `${path} is neither a certificate nor a store zksh reads; it may be BCFKS`,
      CONVERT_STORE,
      cause,
    );
  }
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
