import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TlsSettings } from '../auth/tls.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { writeAtomically } from './atomic-file.ts';

const run = promisify(execFile);
/** Longer than a throw-away ensemble lives, shorter than what clients refuse. */
const DAYS = '365';
const KEY = ['-newkey', 'rsa:2048', '-nodes'];

/** The files of an ensemble's own certificate authority and of one client certificate, in every usual form. */
export interface TlsFiles {
  caPem: string;
  caKey: string;
  clientCert: string;
  clientKey: string;
  /** The client's certificate and key, and the CA as a trust store, as PKCS12 and JKS. */
  clientP12: string;
  clientJks: string;
  trustP12: string;
  trustJks: string;
  /** The password of all four stores; 0600. */
  storePasswordFile: string;
}

export function tlsFiles(ensembleDir: string): TlsFiles {
  const at = (name: string): string => join(ensembleDir, 'tls', name);
  return {
    caPem: at('ca.pem'),
    caKey: at('ca.key'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
    clientP12: at('client.p12'),
    clientJks: at('client.jks'),
    trustP12: at('truststore.p12'),
    trustJks: at('truststore.jks'),
    storePasswordFile: at('store.password'),
  };
}

/** What a client of the secure ports needs; mutual TLS. */
export function clientTls(ensembleDir: string): TlsSettings {
  const { caPem, clientCert, clientKey } = tlsFiles(ensembleDir);
  return { ca: caPem, cert: clientCert, key: clientKey };
}

/** Key and certificate of a member in one PEM file, as ZooKeeper's PEM stores want it. */
export function serverPem(ensembleDir: string, id: number): string {
  return join(ensembleDir, 'tls', `server-${id}.pem`);
}

/** Makes the certificate authority and the client's files; throws `NO_OPENSSL` and `TLS_MATERIAL_FAILED`. */
export async function makeAuthority(ensembleDir: string, name: string): Promise<void> {
  const files = tlsFiles(ensembleDir);
  await mkdir(join(ensembleDir, 'tls'), { recursive: true, mode: 0o700 });
  await writeAtomically(files.storePasswordFile, randomBytes(15).toString('base64url'));
  await openssl(
    ['req', '-x509', ...KEY, '-days', DAYS, '-subj', `/O=zksh/CN=${name} CA`],
    ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ['-keyout', files.caKey, '-out', files.caPem],
  );
  await makeLeaf(ensembleDir, { subject: `/O=zksh/CN=${name} client`, key: files.clientKey, cert: files.clientCert });
  await Promise.all([makeClientStores(files), makeTrustStores(files)]);
}

/** Makes a member's certificate: valid for its host, localhost and the loopback addresses, as server and client. */
export async function makeServerCertificate(ensembleDir: string, id: number, host: string): Promise<void> {
  const names = new Set([host, 'localhost', '127.0.0.1', '::1']);
  const subjectAltName = [...names].map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',');
  const [key, cert] = ['key', 'cert'].map((kind) => join(ensembleDir, 'tls', `server-${id}.${kind}`)) as [
    string,
    string,
  ];
  await makeLeaf(ensembleDir, { subject: `/O=zksh/CN=member ${id}`, key, cert, subjectAltName });
  const parts = await Promise.all([key, cert, tlsFiles(ensembleDir).caPem].map((file) => readFile(file, 'utf8')));
  await writeAtomically(serverPem(ensembleDir, id), parts.join(''));
  await Promise.all([rm(key), rm(cert)]);
}

interface Leaf {
  subject: string;
  key: string;
  cert: string;
  subjectAltName?: string;
}

async function makeLeaf(ensembleDir: string, leaf: Leaf): Promise<void> {
  const { caPem, caKey } = tlsFiles(ensembleDir);
  const [request, extensions] = [`${leaf.cert}.csr`, `${leaf.cert}.ext`];
  const lines = [
    'basicConstraints=CA:FALSE',
    'extendedKeyUsage=serverAuth,clientAuth',
    'keyUsage=digitalSignature,keyEncipherment',
  ];
  if (leaf.subjectAltName !== undefined) lines.push(`subjectAltName=${leaf.subjectAltName}`);
  await writeFile(extensions, `${lines.join('\n')}\n`);
  await openssl(['req', ...KEY, '-subj', leaf.subject, '-keyout', leaf.key, '-out', request]);
  // A serial of our own: openssl's serial file would be raced for by members made at once.
  const serial = `0x${randomBytes(15).toString('hex')}`;
  await openssl(
    ['x509', '-req', '-in', request, '-CA', caPem, '-CAkey', caKey, '-set_serial', serial],
    ['-days', DAYS, '-sha256', '-extfile', extensions, '-out', leaf.cert],
  );
  await Promise.all([rm(request), rm(extensions)]);
}

async function makeClientStores(files: TlsFiles): Promise<void> {
  const password = files.storePasswordFile;
  await openssl(
    ['pkcs12', '-export', '-name', 'client', '-in', files.clientCert, '-inkey', files.clientKey],
    ['-certfile', files.caPem, '-passout', `file:${password}`, '-out', files.clientP12],
  );
  await keytool(
    ['-importkeystore', '-srckeystore', files.clientP12, '-srcstoretype', 'PKCS12', '-srcstorepass:file', password],
    ['-destkeystore', files.clientJks, '-deststoretype', 'JKS', '-deststorepass:file', password],
  );
}

async function makeTrustStores(files: TlsFiles): Promise<void> {
  const stores = [
    ['PKCS12', files.trustP12],
    ['JKS', files.trustJks],
  ] as const;
  const make = ([type, path]: readonly [string, string]): Promise<void> =>
    keytool(
      ['-importcert', '-noprompt', '-alias', 'ca', '-file', files.caPem, '-keystore', path],
      ['-storetype', type, '-storepass:file', files.storePasswordFile],
    );
  await Promise.all(stores.map(make));
}

function openssl(...args: readonly string[][]): Promise<void> {
  return tool('openssl', args.flat(), 'Install openssl (Debian: apt-get install openssl).');
}

/** Comes with every Java runtime that can run ZooKeeper. */
function keytool(...args: readonly string[][]): Promise<void> {
  const home = process.env.JAVA_HOME;
  const command = home === undefined || home === '' ? 'keytool' : join(home, 'bin', 'keytool');
  // A third of the time of a JVM that means to run for long.
  const quick = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC'];
  return tool(
    command,
    [...args.flat(), ...quick],
    'It comes with a Java runtime; set JAVA_HOME if it is not in the PATH.',
  );
}

async function tool(command: string, args: readonly string[], install: string): Promise<void> {
  try {
    await run(command, [...args]);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string };
    const said = `${stderr}${stdout}`.trim().split('\n').at(-1) ?? '';
    throw new ZkshError(missing ? `there is no ${command} to make certificates with` : `${command} failed: ${said}`, {
      code: missing ? 'NO_OPENSSL' : 'TLS_MATERIAL_FAILED',
      exitCode: ExitCode.failure,
      hint: missing ? install : `The command was: ${command} ${args[0]} …`,
      cause,
    });
  }
}
