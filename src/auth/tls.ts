import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import tls from 'node:tls';
import { UsageError } from '../protocol/errors.ts';
import { readStore } from './store.ts';
import type { StoreContents, StoreSecrets } from './store-contents.ts';

export { describeTlsFailure, TlsFailure } from './tls-failure.ts';

/** How to trust servers and how to be trusted by them; every path names a file of any kind `readStore` knows. */
export interface TlsSettings {
  /** Certificates to trust, PEM; together with `truststore` when both are given, Node's own list when none is. */
  ca?: string | undefined;
  /** The client's certificate, and its chain; may hold the key too, as ZooKeeper's PEM stores do. */
  cert?: string | undefined;
  /** The client's private key, when it is not in `cert`. */
  key?: string | undefined;
  /** For a key with a password of its own. */
  keyPassword?: string | undefined;
  /** The client's certificate and key in one store: .p12, .pfx, .jks or .pem. */
  keystore?: string | undefined;
  keystorePassword?: string | undefined;
  truststore?: string | undefined;
  truststorePassword?: string | undefined;
  /** Verify this name instead of the host typed. */
  serverName?: string | undefined;
  /** Default true. False accepts a trusted certificate of any name; only for somebody who asked for it. */
  verifyHostname?: boolean | undefined;
}

/**
 * Reads the files of `settings` into what node:tls takes.
 *
 * @throws UsageError with code `TLS_STORE` or `TLS_STORE_PASSWORD` (see `readStore`), `TLS_SETTINGS` when they
 * contradict each other or a key or certificate is missing, `TLS_CERTIFICATE_EXPIRED` for the client's own certificate.
 */
export async function loadTls(settings: TlsSettings, now: number = Date.now()): Promise<tls.SecureContextOptions> {
  const [identity, ca] = [await loadIdentity(settings, now), await loadTrust(settings)];
  const options: tls.SecureContextOptions = {
    ...identity,
    // Like Java, trust exactly what the file lists, also a server's or an intermediate CA's certificate by itself.
    ...(ca === undefined ? {} : { ca: ca.map((certificate) => certificate.toString()), allowPartialTrustChain: true }),
  };
  try {
    tls.createSecureContext(options);
  } catch (cause) {
    throw new UsageError(`the TLS certificates can't be used: ${(cause as Error).message}`, {
      code: 'TLS_SETTINGS',
      hint: 'OpenSSL refuses keys under 2048 bits (RSA) and signatures made with MD5 or SHA-1.',
      cause,
    });
  }
  return options;
}

/**
 * The options for `tls.connect`. What is verified is the name the user typed (or `settings.serverName`): never what an
 * address resolves back to, and never the address a name resolved to. The caller may put that address into `host`.
 */
export function tlsConnectOptions(
  host: string,
  port: number,
  context: tls.SecureContextOptions,
  settings: Pick<TlsSettings, 'serverName' | 'verifyHostname'>,
): tls.ConnectionOptions {
  const name = plainHost(settings.serverName ?? host);
  return {
    ...context,
    host: plainHost(host),
    port,
    rejectUnauthorized: true,
    // RFC 6066: server name indication carries names only, and an address in it is a protocol error to some servers.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_, certificate) =>
      settings.verifyHostname === false ? undefined : tls.checkServerIdentity(name, certificate),
  };
}

/** Without the brackets of an IPv6 literal, a scope id, and the dot that ends a fully qualified name. */
function plainHost(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return bare.replace(/%.*$/, '');
  return bare.endsWith('.') ? bare.slice(0, -1) : bare;
}

async function loadTrust(settings: TlsSettings): Promise<readonly X509Certificate[] | undefined> {
  const files = [settings.ca, settings.truststore].filter((path) => path !== undefined);
  if (files.length === 0) return undefined;
  const trusted: X509Certificate[] = [];
  for (const path of files) {
    const store = await readStore(path, { password: settings.truststorePassword }, { wantKeys: false });
    if (store.trusted.length === 0) throw badSettings(`${path} holds no certificate to trust`);
    trusted.push(...store.trusted);
  }
  return trusted;
}

async function loadIdentity(
  settings: TlsSettings,
  now: number,
): Promise<{ key: string; cert: string } | Record<string, never>> {
  const { cert, key, keystore } = settings;
  if (cert === undefined && keystore === undefined) {
    if (key === undefined) return {};
    throw badSettings(
      `a private key (${key}) is given, and no certificate`,
      'Give the certificate that belongs to it.',
    );
  }
  if (cert !== undefined && keystore !== undefined) {
    throw badSettings('both a certificate and a key store are given', 'Give one of them.');
  }
  const path = keystore ?? cert ?? '';
  const secrets: StoreSecrets = { password: settings.keystorePassword, keyPassword: settings.keyPassword };
  const store = await readStore(path, secrets, { wantKeys: key === undefined });
  const keys = key === undefined ? store.keys : (await readStore(key, secrets, { wantKeys: true })).keys;
  const { privateKey, leaf } = choosePair(store, keys, path, key ?? path);
  checkValidity(leaf, path, now);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: chainOf(leaf, store.certificates).join(''),
  };
}

/** The first key that has a certificate; a store may hold several pairs, and Java takes one that fits as well. */
function choosePair(
  store: StoreContents,
  keys: readonly KeyObject[],
  certPath: string,
  keyPath: string,
): { privateKey: KeyObject; leaf: X509Certificate } {
  if (keys.length === 0) {
    throw badSettings(`${keyPath} holds no private key`, 'Give the file of the private key as well.');
  }
  if (store.certificates.length === 0) throw badSettings(`${certPath} holds no certificate`);
  for (const privateKey of keys) {
    const leaf = store.certificates.find((certificate) => belongsTo(certificate, privateKey));
    if (leaf !== undefined) return { privateKey, leaf };
  }
  throw badSettings(
    `the private key in ${keyPath} does not belong to a certificate in ${certPath}`,
    'Give the key that the certificate was made for.',
  );
}

function belongsTo(certificate: X509Certificate, privateKey: KeyObject): boolean {
  return certificate.publicKey.equals(createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));
}

/** The leaf and its issuers as far as the store has them, in the order TLS wants; the order in the file is no matter. */
function chainOf(leaf: X509Certificate, certificates: readonly X509Certificate[]): string[] {
  const chain = [leaf];
  for (let last = leaf; ; ) {
    const issuer = certificates.find((candidate) => !chain.includes(candidate) && last.checkIssued(candidate));
    if (issuer === undefined) return chain.map((certificate) => certificate.toString());
    chain.push(issuer);
    last = issuer;
  }
}

function checkValidity(certificate: X509Certificate, path: string, now: number): void {
  if (now <= Date.parse(certificate.validTo)) return;
  throw new UsageError(`the client certificate in ${path} expired on ${certificate.validTo}`, {
    code: 'TLS_CERTIFICATE_EXPIRED',
    hint: 'Get a new one: servers refuse it.',
  });
}

function badSettings(message: string, hint = 'Check the TLS settings.'): UsageError {
  return new UsageError(message, { code: 'TLS_SETTINGS', hint });
}
