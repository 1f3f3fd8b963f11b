import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TlsSettings } from '../../src/auth/tls.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { Material } from './material.ts';

let made: Material;
let ensemble: TestEnsemble;
let password: string;

beforeAll(async () => {
  ensemble = await sharedEnsemble('tls');
  password = (await readFile(ensemble.tlsFiles!.storePasswordFile, 'utf8')).trim();
  made = await Material.create();
  await made.authority('other-ca');
  await made.issue('stranger', 'other-ca');
});
afterAll(() => made?.remove());

async function roundTrip(servers: string, tls: TlsSettings): Promise<{ value: string; ids: string[] }> {
  const client = await connect(servers, { tls });
  try {
    const path = `/tls-live-${process.pid}`;
    await client.create(path, 'over TLS', { mode: 'ephemeral' });
    const value = String((await client.getData(path)).data);
    await client.delete(path);
    return { value, ids: (await client.whoAmI()).map(({ scheme, id }) => `${scheme}:${id}`) };
  } finally {
    await client.close();
  }
}

async function failure(servers: string, tls?: TlsSettings): Promise<Error> {
  const error = await connect(servers, { ...(tls ? { tls } : {}), connectTimeout: 60_000 }).then(
    async (client) => {
      await client.close();
      return undefined;
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  // What can't get better must not be tried until the time is up.
  expect(String(error)).not.toContain('no session within');
  return error as Error;
}

describe('TLS with a real server', () => {
  it.each<[string, (files: NonNullable<TestEnsemble['tlsFiles']>) => TlsSettings]>([
    ['PEM files', (files) => ({ ca: files.caPem, cert: files.clientCert, key: files.clientKey })],
    [
      'PKCS12 stores',
      (files) => ({
        keystore: files.clientP12,
        keystorePassword: password,
        truststore: files.trustP12,
        truststorePassword: password,
      }),
    ],
    [
      'JKS stores',
      (files) => ({
        keystore: files.clientJks,
        keystorePassword: password,
        truststore: files.trustJks,
        truststorePassword: password,
      }),
    ],
  ])('carries a session with %s', async (_, settings) => {
    const { value, ids } = await roundTrip(ensemble.secureConnectString!, settings(ensemble.tlsFiles!));
    expect(value).toBe('over TLS');
    expect(ids.join()).toContain('127.0.0.1');
  });

  it('verifies the name typed: an address, a name, or the server name of the settings', async () => {
    const port = ensemble.members[0]!.secureClientPort;
    const tls = ensemble.tls!;
    expect(await roundTrip(`localhost:${port}`, tls)).toMatchObject({ value: 'over TLS' });
    expect(await roundTrip(`localhost:${port}`, { ...tls, serverName: '::1' })).toMatchObject({ value: 'over TLS' });
    const error = await failure(`localhost:${port}`, { ...tls, serverName: 'zk1.example.com' });
    expect(error).toMatchObject({ exitCode: 5 });
    expect(error.message).toContain('not for zk1.example.com, but for 127.0.0.1');
  });

  it('refuses a server whose CA is unknown, and says what to pass', async () => {
    const { ca, ...rest } = ensemble.tls!;
    const error = await failure(ensemble.secureConnectString!, { ...rest, ca: made.path('other-ca.pem') });
    expect(error).toMatchObject({ exitCode: 5 });
    expect(error.message).toContain('signed by a CA that is not trusted here');
    expect(error).toHaveProperty('hint', expect.stringContaining('--ca FILE'));
  });

  it('says that a client certificate is wanted, with exit code 4', async () => {
    const error = await failure(ensemble.secureConnectString!, { ca: ensemble.tls!.ca });
    expect(error.message).toMatch(/client certificate|refused the TLS handshake/);
    expect(error).toMatchObject({ exitCode: 4, hint: expect.stringContaining('--cert') });
  });

  it('says that the client certificate was refused, with exit code 4', async () => {
    const stranger = { ca: ensemble.tls!.ca, cert: made.path('stranger.pem'), key: made.path('stranger.key') };
    const error = await failure(ensemble.secureConnectString!, stranger);
    expect(error.message).toMatch(/client certificate/);
    expect(error).toMatchObject({ exitCode: 4 });
  });

  it('says that a plain port is no TLS port', async () => {
    const error = await connect(ensemble.connectString, { tls: ensemble.tls, connectTimeout: 3000 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ exitCode: 5 });
    expect(String(error)).toMatch(/TLS handshake/);
  });

  it('says that a secure port may be a TLS port, to a client without TLS', async () => {
    const error = await connect(ensemble.secureConnectString!, { connectTimeout: 3000 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ exitCode: 5 });
    expect(String(error)).toMatch(/TLS/);
  });
});

describe('TLS 1.3 with a real server, which looks at the client certificate after the handshake', () => {
  const config = {
    'ssl.protocol': 'TLSv1.3',
    'ssl.enabledProtocols': 'TLSv1.3',
    // 3.8's own list has none of TLS 1.3.
    'ssl.ciphersuites': 'TLS_AES_128_GCM_SHA256',
  };
  const strict = useEnsemble({ servers: 1, tls: true, config });

  it('carries a session', async () => {
    const { secureConnectString, tls } = strict();
    expect(await roundTrip(secureConnectString!, tls!)).toMatchObject({ value: 'over TLS' });
  });

  it('says that a client certificate is wanted, or was refused', async () => {
    const { secureConnectString, tls } = strict();
    const none = await failure(secureConnectString!, { ca: tls!.ca });
    expect(none).toMatchObject({ exitCode: 4 });
    expect(none.message).toContain('client certificate');
    const cert = { cert: made.path('stranger.pem'), key: made.path('stranger.key') };
    const stranger = await failure(secureConnectString!, { ca: tls!.ca, ...cert });
    expect(stranger).toMatchObject({ exitCode: 4 });
    expect(stranger.message).toContain('client certificate');
  });
});
