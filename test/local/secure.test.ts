import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { type ConnectionOptions, connect } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadTls } from '../../src/auth/tls.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { ephemeralEnsemble, sharedEnsemble, useEnsemble } from '../support/ensembles.ts';

const run = promisify(execFile);

/** The name on the certificate that a server shows. */
function subjectOf(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('a local ensemble with TLS', () => {
  it('answers on its secure port to the client certificate made for it', async () => {
    const { members, tls } = await sharedEnsemble('tls');
    const { host, secureClientPort: port } = members[0]!;
    const context = await loadTls(tls!);
    expect(await subjectOf({ ...context, host, port: port! })).toBe('member 1');
    expect(await fourLetterWord({ host, port: port!, word: 'srvr', tls: context })).toContain('Mode: standalone');
  });

  it('refuses a client without a certificate there', async () => {
    const { members, tls } = await sharedEnsemble('tls');
    const { host, secureClientPort: port } = members[0]!;
    const ca = await readFile(tls!.ca!, 'utf8');
    await expect(fourLetterWord({ host, port: port!, word: 'srvr', tls: { ca } })).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    });
  });

  it('has its client certificate and its CA as PKCS12 and JKS stores too, their password in a 0600 file', async () => {
    const { tlsFiles } = await sharedEnsemble('tls');
    const { clientP12, clientJks, trustP12, trustJks, storePasswordFile } = tlsFiles!;
    expect((await stat(storePasswordFile)).mode & 0o777).toBe(0o600);
    const password = (await readFile(storePasswordFile, 'utf8')).trim();
    const settings = [
      { keystore: clientP12, keystorePassword: password, truststore: trustP12, truststorePassword: password },
      { keystore: clientJks, keystorePassword: password, truststore: trustJks, truststorePassword: password },
    ];
    for (const one of settings) expect(await loadTls(one)).toHaveProperty('ca');
  });
});

describe('a local ensemble with TLS between its members', () => {
  const ensemble = useEnsemble({ servers: 3, tls: true, quorumTls: true });

  it('elects a leader over encrypted connections', async () => {
    const { members, tls, dir } = ensemble();
    const { host, electionPort: port } = members[0]!;
    // Members verify each other's addresses, so the client's certificate would not do.
    const context = await loadTls({ ca: tls!.ca, cert: `${dir}/tls/server-2.pem` });
    expect(await subjectOf({ ...context, host, port })).toBe('member 1');
  });
});

describe('a local ensemble with SASL', () => {
  it('tells the user and keeps its secret in a 0600 file', async () => {
    const { sasl } = await sharedEnsemble('sasl');
    expect(sasl?.username).toBe('zksh');
    expect((await stat(sasl!.secretFile)).mode & 0o777).toBe(0o600);
  });

  it('takes a JAAS file, system properties and lines of zoo.cfg from its caller', async () => {
    const { members } = await ephemeralEnsemble({
      servers: 1,
      jaas: 'Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="secret"; };',
      systemProperties: { 'zookeeper.serverCnxnFactory': 'org.apache.zookeeper.server.NIOServerCnxnFactory' },
      config: {
        maxSessionTimeout: '12345',
        'authProvider.x': 'org.apache.zookeeper.server.auth.IPAuthenticationProvider',
      },
    });
    const { host, clientPort: port, pid, dir } = members[0]!;
    expect(await fourLetterWord({ host, port, word: 'conf' })).toContain('maxSessionTimeout=12345');
    const { stdout } = await run('ps', ['-o', 'args=', '-ww', '-p', String(pid)]);
    expect(stdout).toContain('-Dzookeeper.serverCnxnFactory=');
    expect(stdout).not.toContain('secret');
    expect(await readFile(`${dir}/../sasl/jaas.conf`, 'utf8')).toContain('user_bob');
  });
});
