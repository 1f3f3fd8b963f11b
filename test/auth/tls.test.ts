import { readFile, writeFile } from 'node:fs/promises';
import type tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStore } from '../../src/auth/store.ts';
import { loadTls, type TlsSettings, tlsConnectOptions } from '../../src/auth/tls.ts';
import { UsageError } from '../../src/protocol/errors.ts';
import { Material, PASSWORD, STORE_PASSWORD } from './material.ts';
import { handshake, listen, portOf } from './tls-server.ts';

let made: Material;
let server: tls.Server;
const SERVER_NAMES = 'DNS:localhost,DNS:zk1.example.com,IP:127.0.0.1,IP:::1';

beforeAll(async () => {
  made = await Material.create();
  await made.authority('ca');
  await made.authority('other-ca');
  await Promise.all([
    made.issue('server', 'ca', { san: SERVER_NAMES }),
    made.issue('rsa', 'ca', { rsa: true }),
    made.issue('mid-ca', 'ca', { isCa: true }),
  ]);
  await made.issue('ec', 'mid-ca');
  await makeKeys();
  await makeStores();
  server = await listen({
    key: await made.read('server.key'),
    cert: await made.read('server.pem'),
    ca: await made.read('ca.pem'),
    requestCert: true,
    rejectUnauthorized: true,
  });
});

afterAll(async () => {
  server?.close();
  await made?.remove();
});

async function makeKeys(): Promise<void> {
  const encrypted = ['-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${PASSWORD}`];
  await made.openssl('rsa', '-in', 'rsa.key', '-traditional', '-out', 'rsa-pkcs1.key');
  await made.openssl('ec', '-in', 'ec.key', '-out', 'ec-sec1.key');
  await made.openssl('pkcs8', '-in', 'rsa.key', ...encrypted, '-out', 'rsa-encrypted.key');
  await made.openssl('pkcs8', '-in', 'ec.key', ...encrypted, '-out', 'ec-encrypted.key');
  await made.openssl(
    ...['rsa', '-in', 'rsa.key', '-traditional', '-aes256', '-passout', `pass:${PASSWORD}`],
    ...['-out', 'rsa-pkcs1-encrypted.key'],
  );
  await made.join('ec-chain.pem', 'ec.pem', 'mid-ca.pem');
  await made.join('rsa-store.pem', 'rsa-pkcs1.key', 'rsa.pem');
  await made.join('ec-store.pem', 'mid-ca.pem', 'ec-sec1.key', 'ec.pem');
  await made.join('rsa-encrypted-store.pem', 'rsa.pem', 'rsa-encrypted.key');
  await made.join('trust.pem', 'other-ca.pem', 'ca.pem');
}

const LEGACY = ['-J-Dkeystore.pkcs12.legacy'];
const PLAIN = ['-J-Dkeystore.pkcs12.macAlgorithm=NONE', '-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE'];

async function makeStores(): Promise<void> {
  const out = ['-passout', `pass:${STORE_PASSWORD}`];
  for (const [name, chain] of [
    ['rsa', 'ca.pem'],
    ['ec', 'mid-ca.pem'],
  ] as const) {
    const pair = ['pkcs12', '-export', '-inkey', `${name}.key`, '-in', `${name}.pem`, '-certfile', chain];
    await made.openssl(...pair, '-name', name, ...out, '-out', `${name}.p12`);
    await made.openssl(...pair, ...out, '-legacy', '-out', `${name}-openssl-legacy.p12`);
    await made.convert(`${name}.p12`, `${name}-keytool.p12`, 'PKCS12');
    await made.convert(`${name}.p12`, `${name}-keytool-legacy.p12`, 'PKCS12', ...LEGACY);
    await made.convert(`${name}.p12`, `${name}.jks`, 'JKS');
  }
  await made.openssl(
    ...['pkcs12', '-export', '-inkey', 'rsa.key', '-in', 'rsa.pem', '-passout', `pass:${PASSWORD}`],
    ...['-out', 'rsa-unicode.p12'],
  );
  await made.convert('rsa.p12', 'rsa-two-passwords.jks', 'JKS');
  await made.keytool(
    ...['-keypasswd', '-keystore', 'rsa-two-passwords.jks', '-storepass', STORE_PASSWORD, '-alias', 'rsa'],
    ...['-new', 'secret-of-key'],
  );
  await made.openssl('pkcs12', '-export', '-nokeys', '-in', 'ca.pem', ...out, '-out', 'trust-openssl.p12');
  await made.trustStore('trust-keytool.p12', 'PKCS12', ['other-ca', 'ca']);
  await made.trustStore('trust-legacy.p12', 'PKCS12', ['other-ca', 'ca'], ...LEGACY);
  await made.trustStore('trust-plain.p12', 'PKCS12', ['ca'], ...PLAIN);
  await made.trustStore('trust.jks', 'JKS', ['other-ca', 'ca']);
  await made.trustStore('other.jks', 'JKS', ['other-ca']);
  await made.trustStore('trust.jceks', 'JCEKS', ['ca']);
  await made.openssl('x509', '-in', 'ca.pem', '-outform', 'DER', '-out', 'ca.der');
}

const files = ['ca', 'cert', 'key', 'keystore', 'truststore'] as const;

function inDir(settings: TlsSettings): TlsSettings {
  const paths = files.flatMap((field) => {
    const name = settings[field];
    return name === undefined ? [] : [[field, made.path(name)]];
  });
  return { ...settings, ...Object.fromEntries(paths) };
}

const load = (settings: TlsSettings, now?: number) => loadTls(inDir(settings), now);

async function shake(settings: TlsSettings, host = 'localhost') {
  return handshake(host, portOf(server), await load(settings), settings);
}

async function failure(promise: Promise<unknown>): Promise<UsageError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

describe('client certificates', () => {
  const store = { ca: 'ca.pem', keystorePassword: STORE_PASSWORD };
  const encrypted = { ca: 'ca.pem', keyPassword: PASSWORD };
  it.each<[string, string, number, TlsSettings]>([
    ['PEM files with a PKCS 8 key', 'rsa', 2, { ca: 'ca.pem', cert: 'rsa.pem', key: 'rsa.key' }],
    ['PEM files with a PKCS 1 key', 'rsa', 2, { ca: 'ca.pem', cert: 'rsa.pem', key: 'rsa-pkcs1.key' }],
    ['PEM files with an EC key and a chain', 'ec', 3, { ca: 'ca.pem', cert: 'ec-chain.pem', key: 'ec-sec1.key' }],
    ['an encrypted PKCS 8 key', 'rsa', 2, { ...encrypted, cert: 'rsa.pem', key: 'rsa-encrypted.key' }],
    ['an encrypted EC key', 'ec', 3, { ...encrypted, cert: 'ec-chain.pem', key: 'ec-encrypted.key' }],
    ['an encrypted PKCS 1 key', 'rsa', 2, { ...encrypted, cert: 'rsa.pem', key: 'rsa-pkcs1-encrypted.key' }],
    ['one PEM file with key and certificate', 'rsa', 2, { ca: 'ca.pem', cert: 'rsa-store.pem' }],
    ['a PEM store in any order', 'ec', 3, { ca: 'ca.pem', keystore: 'ec-store.pem' }],
    [
      'an encrypted PEM store',
      'rsa',
      2,
      { ca: 'ca.pem', keystore: 'rsa-encrypted-store.pem', keystorePassword: PASSWORD },
    ],
    ['PKCS12 by openssl', 'rsa', 2, { ...store, keystore: 'rsa.p12' }],
    ['PKCS12 by openssl, EC', 'ec', 3, { ...store, keystore: 'ec.p12' }],
    ['PKCS12 by openssl in its legacy form', 'rsa', 2, { ...store, keystore: 'rsa-openssl-legacy.p12' }],
    ['PKCS12 by keytool', 'rsa', 2, { ...store, keystore: 'rsa-keytool.p12' }],
    ['PKCS12 by keytool, EC', 'ec', 3, { ...store, keystore: 'ec-keytool.p12' }],
    ['PKCS12 as Java 8 made it', 'rsa', 2, { ...store, keystore: 'rsa-keytool-legacy.p12' }],
    ['PKCS12 as Java 8 made it, EC', 'ec', 3, { ...store, keystore: 'ec-keytool-legacy.p12' }],
    [
      'PKCS12 with a password beyond ASCII',
      'rsa',
      2,
      { ca: 'ca.pem', keystore: 'rsa-unicode.p12', keystorePassword: PASSWORD },
    ],
    ['JKS', 'rsa', 2, { ...store, keystore: 'rsa.jks' }],
    ['JKS, EC', 'ec', 3, { ...store, keystore: 'ec.jks' }],
    [
      'JKS with another password for the key',
      'rsa',
      2,
      { ...store, keystore: 'rsa-two-passwords.jks', keyPassword: 'secret-of-key' },
    ],
  ])('are presented from %s', async (_, client, chain, settings) => {
    // A server of Node 24 does not say what came with the client's own certificate.
    const told = Number.parseInt(process.versions.node, 10) < 24 ? chain : expect.any(Number);
    expect(await shake(settings)).toEqual({ client, chain: told, servername: 'localhost' });
  });
});

describe('trust', () => {
  const client = { cert: 'rsa.pem', key: 'rsa.key', truststorePassword: STORE_PASSWORD };
  it.each<[string, TlsSettings]>([
    ['one PEM file', { ca: 'ca.pem' }],
    ['a PEM file of several', { truststore: 'trust.pem' }],
    ['a DER certificate', { ca: 'ca.der' }],
    ['PKCS12 by keytool', { truststore: 'trust-keytool.p12' }],
    ['PKCS12 by keytool as Java 8 made it', { truststore: 'trust-legacy.p12' }],
    ['PKCS12 without password', { truststore: 'trust-plain.p12', truststorePassword: undefined }],
    ['PKCS12 by openssl', { truststore: 'trust-openssl.p12' }],
    ['JKS', { truststore: 'trust.jks' }],
    ['JKS opened without its password', { truststore: 'trust.jks', truststorePassword: undefined }],
    ['a --ca file and a trust store together', { ca: 'ca.pem', truststore: 'other.jks' }],
    ['the server’s own certificate alone, as Java does', { ca: 'server.pem' }],
    ['a key store used as trust store', { truststore: 'rsa.jks' }],
  ])('comes from %s', async (_, settings) => {
    expect(await shake({ ...client, ...settings })).toMatchObject({ client: 'rsa' });
  });

  it('is not given to anybody else', async () => {
    const untrusted = shake({ ...client, truststore: 'other.jks' });
    await expect(untrusted).rejects.toMatchObject({ code: 'TLS_UNKNOWN_CA', exitCode: 5 });
    await expect(untrusted).rejects.toThrow(/signed by a CA that is not trusted here/);
  });

  it('is Node’s own list when none is named', async () => {
    const { ca, truststore, truststorePassword, ...rest } = { ...client, ca: undefined, truststore: undefined };
    await expect(shake(rest)).rejects.toMatchObject({ code: 'TLS_UNKNOWN_CA' });
  });
});

describe('the name verified', () => {
  const client: TlsSettings = { ca: 'ca.pem', cert: 'rsa.pem', key: 'rsa.key' };

  it('is the one typed, announced to the server by SNI', async () => {
    expect(await shake(client, 'zk1.example.com')).toMatchObject({ servername: 'zk1.example.com' });
    expect(await shake(client, 'zk1.example.com.')).toMatchObject({ servername: 'zk1.example.com' });
  });

  it.each(['127.0.0.1', '::1', '[::1]', '0:0::1'])(
    'may be the address %s, which is never sent as SNI',
    async (host) => {
      expect(await shake(client, host)).toMatchObject({ servername: false });
    },
  );

  it('is not the one that the address belongs to', async () => {
    // 127.0.0.1 is connected to, it resolves back to localhost, and the certificate has both.
    const error = shake(client, 'zk2.example.com');
    await expect(error).rejects.toMatchObject({ code: 'TLS_HOSTNAME_MISMATCH', exitCode: 5 });
    await expect(error).rejects.toThrow(/zk2\.example\.com, but for localhost, zk1\.example\.com, 127\.0\.0\.1, /);
    await expect(shake(client, '127.0.0.2')).rejects.toMatchObject({ code: 'TLS_HOSTNAME_MISMATCH' });
  });

  it('is the server name of the settings when there is one', async () => {
    expect(await shake({ ...client, serverName: 'zk1.example.com' }, 'nobody')).toMatchObject({
      servername: 'zk1.example.com',
    });
    await expect(shake({ ...client, serverName: 'zk9' }, 'localhost')).rejects.toThrow(
      /not for zk9, but for localhost/,
    );
  });

  it('is skipped only on request, and the CA still counts', async () => {
    const careless = { ...client, verifyHostname: false };
    expect(await shake(careless, 'nobody')).toMatchObject({ client: 'rsa' });
    await expect(shake({ ...careless, ca: 'other-ca.pem' }, 'nobody')).rejects.toMatchObject({
      code: 'TLS_UNKNOWN_CA',
    });
  });

  it('never depends on what Node passes to the check', () => {
    const options = tlsConnectOptions('fe80::1%eth0', 2281, {}, {});
    expect(options).toMatchObject({ host: 'fe80::1', rejectUnauthorized: true });
    expect(options).not.toHaveProperty('servername');
  });
});

describe('unusable TLS settings', () => {
  it.each<[string, string, RegExp, TlsSettings]>([
    ['a file that is not there', 'TLS_STORE', /can't read .*none.pem: no such file/, { ca: 'none.pem' }],
    ['a directory', 'TLS_STORE', /it is a directory/, { ca: '.' }],
    [
      'a wrong PKCS12 password',
      'TLS_STORE_PASSWORD',
      /does not open the PKCS12 store .*rsa.p12/,
      { keystore: 'rsa.p12', keystorePassword: 'wrong' },
    ],
    [
      'a wrong PKCS12 password, legacy',
      'TLS_STORE_PASSWORD',
      /does not open/,
      { truststore: 'trust-legacy.p12', truststorePassword: 'wrong' },
    ],
    ['an empty PKCS12 password', 'TLS_STORE_PASSWORD', /does not open/, { keystore: 'rsa.p12', keystorePassword: '' }],
    ['no PKCS12 password', 'TLS_STORE_PASSWORD', /no password was given/, { keystore: 'rsa.p12' }],
    [
      'a wrong JKS password',
      'TLS_STORE_PASSWORD',
      /does not open the JKS store/,
      { keystore: 'rsa.jks', keystorePassword: 'wrong' },
    ],
    ['no JKS password', 'TLS_STORE_PASSWORD', /no password was given/, { keystore: 'rsa.jks' }],
    [
      'a wrong password for the key in a JKS',
      'TLS_STORE_PASSWORD',
      /does not open the private key in .*two-passwords/,
      { keystore: 'rsa-two-passwords.jks', keystorePassword: STORE_PASSWORD },
    ],
    [
      'a wrong key password',
      'TLS_STORE_PASSWORD',
      /does not open the private key/,
      { cert: 'rsa.pem', key: 'rsa-encrypted.key', keyPassword: 'wrong' },
    ],
    [
      'a wrong key password, PKCS 1',
      'TLS_STORE_PASSWORD',
      /does not open/,
      { cert: 'rsa.pem', key: 'rsa-pkcs1-encrypted.key', keyPassword: 'wrong' },
    ],
    [
      'no key password',
      'TLS_STORE_PASSWORD',
      /is encrypted, and no password/,
      { cert: 'rsa.pem', key: 'rsa-encrypted.key' },
    ],
    ['no key', 'TLS_SETTINGS', /rsa.pem holds no private key/, { cert: 'rsa.pem' }],
    ['no certificate', 'TLS_SETTINGS', /no certificate/, { key: 'rsa.key' }],
    ['a key file without certificate as key store', 'TLS_SETTINGS', /holds no certificate/, { keystore: 'rsa.key' }],
    [
      'a trust store as key store',
      'TLS_SETTINGS',
      /holds no private key/,
      { keystore: 'trust.jks', keystorePassword: STORE_PASSWORD },
    ],
    ['the key of another certificate', 'TLS_SETTINGS', /does not belong/, { cert: 'rsa.pem', key: 'ec.key' }],
    ['two certificates of one’s own', 'TLS_SETTINGS', /both/, { cert: 'rsa.pem', keystore: 'rsa.p12' }],
    ['a trust store without certificates', 'TLS_SETTINGS', /no certificate to trust/, { truststore: 'rsa.key' }],
    ['a JCEKS store', 'TLS_STORE', /JCEKS/, { truststore: 'trust.jceks' }],
    ['a file of another kind', 'TLS_STORE', /not a PEM file/, { ca: 'server.ext' }],
  ])('are refused with a clear message: %s', async (_, code, message, settings) => {
    const error = await failure(load(settings));
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  it('are refused when the client certificate has expired', async () => {
    const later = Date.now() + 60 * 86_400_000;
    const error = await failure(load({ cert: 'rsa.pem', key: 'rsa.key' }, later));
    expect(error).toMatchObject({ code: 'TLS_CERTIFICATE_EXPIRED' });
    expect(error.message).toMatch(/rsa\.pem expired on \w+/);
  });

  it('never show a password', async () => {
    const error = await failure(load({ keystore: 'rsa.jks', keystorePassword: 'hunter2' }));
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain('hunter2');
  });

  it.each([
    ['rsa.p12', 100],
    // Old stores take a tenth of a second for every attempt at their password.
    ['rsa-keytool-legacy.p12', 6],
    ['ec.jks', 100],
    ['trust-keytool.p12', 40],
    ['rsa-store.pem', 100],
  ])('are refused when %s is cut off or damaged anywhere, and nothing else happens', async (name, places) => {
    const whole = await readFile(made.path(name));
    const secrets = { password: STORE_PASSWORD };
    const step = Math.max(1, Math.floor(whole.length / places));
    for (let at = 0; at < whole.length; at += step) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x55;
      for (const bytes of [whole.subarray(0, at), flipped]) {
        const path = made.path(`damaged-${name}`);
        await writeFile(path, bytes);
        const error = await readStore(path, secrets, { wantKeys: true }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(UsageError);
      }
    }
  });
});
