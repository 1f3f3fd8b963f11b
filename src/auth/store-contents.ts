import type { KeyObject, X509Certificate } from 'node:crypto';
import { X509Certificate as Certificate } from 'node:crypto';
import { UsageError } from '../protocol/errors.ts';

type StoreKind = 'PEM' | 'PKCS12' | 'JKS' | 'DER';

/** What to do with a store of a kind, or with a cipher, that is not read here. */
export const CONVERT_STORE =
  'Convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW.p12 -deststoretype PKCS12';

/** What a key store or trust store file holds, in the order of the file. */
export interface StoreContents {
  readonly kind: StoreKind;
  readonly keys: readonly KeyObject[];
  /** Every certificate of the file, those that belong to keys included. */
  readonly certificates: readonly X509Certificate[];
  /** The certificates to trust when the file is used as a trust store. */
  readonly trusted: readonly X509Certificate[];
}

/** How to open a store; which of the two a file needs depends on its kind. */
export interface StoreSecrets {
  readonly password?: string | undefined;
  /** For a private key protected by a password of its own; default `password`. */
  readonly keyPassword?: string | undefined;
}

/** Reads one certificate, PEM or DER; `path` is for messages. */
export function readCertificate(bytes: string | Buffer, path: string): X509Certificate {
  try {
    return new Certificate(bytes);
  } catch (cause) {
    throw damagedStore(`a certificate in ${path} can't be read`, cause);
  }
}

/** A store or key is encrypted and no password was given. */
export function missingPassword(what: string): UsageError {
  return new UsageError(`${what} is encrypted, and no password was given`, {
    code: 'TLS_STORE_PASSWORD',
    hint: 'Give the password of the key or store in the TLS settings.',
  });
}

/** The password given does not open the store or key. */
export function wrongPassword(what: string, cause?: unknown): UsageError {
  return new UsageError(`the password given does not open ${what}`, {
    code: 'TLS_STORE_PASSWORD',
    hint: 'Check the password of the key or store in the TLS settings.',
    cause,
  });
}

/** The file is of the right kind and can't be read to its end. */
export function damagedStore(message: string, cause?: unknown): UsageError {
  return new UsageError(message, { code: 'TLS_STORE', hint: 'The file may be cut off or damaged.', cause });
}

/** The file is sound, and holds something that is not supported; `hint` says what to convert it to. */
export function unsupportedStore(message: string, hint: string, cause?: unknown): UsageError {
  return new UsageError(message, { code: 'TLS_STORE', hint, cause });
}
