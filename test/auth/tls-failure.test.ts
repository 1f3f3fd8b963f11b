import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeTlsFailure, loadTls, TlsFailure, type TlsSettings } from '../../src/auth/tls.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { Material } from './material.ts';
import { handshake, listen, portOf } from './tls-server.ts';

let made: Material;
const children: ChildProcess[] = [];
const servers: (net.Server | tls.Server)[] = [];

beforeAll(async () => {
  made = await Material.create();
  await Promise.all([made.authority('ca'), made.authority('other-ca'), made.authority('self')]);
  await made.issue('server', 'ca', { san: 'DNS:zk1.example.com,DNS:*.zk.example.com,IP:10.0.0.1' });
  await made.issue('local', 'ca', { san: 'DNS:localhost' });
  await made.issue('stranger', 'other-ca');
  await made.outOfDate('expired', -30, 10);
  await made.outOfDate('early', 10, 10);
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => made?.remove());

async function serve(name: string, options: tls.TlsOptions = {}): Promise<number> {
  const [key, cert, ca] = await Promise.all([`${name}.key`, `${name}.pem`, 'ca.pem'].map((file) => made.read(file)));
  const server = await listen({ key, cert, ca, ...options } as tls.TlsOptions);
  servers.push(server);
  return portOf(server);
}

async function plain(onConnection: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** `openssl s_server` for one connection. */
async function opensslServer(...options: string[]): Promise<number> {
  const files = ['-cert', 'local.pem', '-key', 'local.key', '-CAfile', 'ca.pem'];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-naccept', '1', ...files, ...options], {
    cwd: made.dir,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ACCEPT .*:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('openssl s_server ended before it listened');
}

async function failure(
  port: number,
  settings: TlsSettings = {},
  extra: tls.SecureContextOptions = {},
  host = 'localhost',
) {
  const files = Object.fromEntries(Object.entries(settings).map(([field, name]) => [field, made.path(String(name))]));
  const context = { ...(await loadTls(files)), ...extra };
  const error = await handshake(host, port, context, files).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TlsFailure);
  return error as TlsFailure;
}

describe('a failed TLS connection says', () => {
  it('that the server does not speak TLS', async () => {
    const port = await plain((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
    const error = await failure(port);
    expect(error).toMatchObject({ code: 'TLS_NOT_SPOKEN', exitCode: 5, final: true });
    expect(error.message).toBe(`can't connect to localhost:${port} with TLS: the server there does not speak TLS`);
    expect(error.hint).toContain('secureClientPort');
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'that the server hung up, as a plain ZooKeeper port does (%s)',
    async (how) => {
      const error = await failure(await plain((socket) => socket.once('data', () => socket[how]())));
      expect(error).toMatchObject({ code: 'TLS_CLOSED', exitCode: 5, final: false });
      expect(error.hint).toContain('plain');
    },
  );

  it('that the certificate has expired, or is not valid yet', async () => {
    const expired = await failure(await serve('expired'), { ca: 'expired.pem' });
    expect(expired).toMatchObject({ code: 'TLS_SERVER_CERTIFICATE_EXPIRED', exitCode: 5, final: true });
    expect(expired.message).toContain('has expired');
    const early = await failure(await serve('early'), { ca: 'early.pem' });
    expect(early.message).toContain('is not valid yet');
    expect(early.hint).toContain('clock');
  });

  it('that the CA is unknown, and what to pass', async () => {
    const error = await failure(await serve('local'), { ca: 'other-ca.pem' });
    expect(error).toMatchObject({ code: 'TLS_UNKNOWN_CA', exitCode: 5, final: true });
    expect(error.hint).toContain('--ca FILE');
    const chain = await made.join('local-chain.pem', 'local.pem', 'ca.pem');
    const sent = await serve('local', { cert: await made.read(chain.split('/').at(-1) ?? '') });
    expect(await failure(sent)).toMatchObject({ code: 'TLS_UNKNOWN_CA' });
  });

  it('that the certificate is self-signed', async () => {
    const error = await failure(await serve('self'));
    expect(error).toMatchObject({ code: 'TLS_UNKNOWN_CA' });
    expect(error.message).toContain('self-signed');
  });

  it('which names the certificate has, when it is for others', async () => {
    const port = await serve('server');
    const error = await failure(port, { ca: 'ca.pem' });
    expect(error).toMatchObject({ code: 'TLS_HOSTNAME_MISMATCH', exitCode: 5, final: true });
    expect(error.message).toBe(
      `can't connect to localhost:${port} with TLS: its certificate is not for localhost, but for zk1.example.com, *.zk.example.com, 10.0.0.1`,
    );
    const byAddress = await failure(port, { ca: 'ca.pem' }, {}, '::1');
    expect(byAddress.message).toContain(`[::1]:${port}`);
    expect((await failure(await serve('stranger'), { ca: 'other-ca.pem' })).message).toContain('but for stranger');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('that a client certificate is wanted (%s)', async (maxVersion) => {
    const port = await serve('local', { requestCert: true, maxVersion });
    const error = await failure(port, { ca: 'ca.pem' });
    expect(error).toMatchObject({ exitCode: 4, final: true });
    expect(error.message).toMatch(/wants a client certificate|refused the TLS handshake/);
    expect(error.hint).toContain('--cert');
  });

  // Node's own server hangs up where others send an alert.
  it.each(['-tls1_2', '-tls1_3'])('that the client certificate was refused (%s)', async (version) => {
    const port = await opensslServer(version, '-Verify', '1', '-verify_return_error');
    const error = await failure(port, { ca: 'ca.pem', cert: 'stranger.pem', key: 'stranger.key' });
    expect(error).toMatchObject({ code: 'TLS_CLIENT_CERTIFICATE_REFUSED', exitCode: 4, final: true });
    expect(error.message).toContain('refused the client certificate');
  });

  it('that there is no TLS version in common', async () => {
    const port = await serve('local', { minVersion: 'TLSv1.3' });
    const error = await failure(port, { ca: 'ca.pem' }, { maxVersion: 'TLSv1.2' });
    expect(error).toMatchObject({ code: 'TLS_NO_COMMON_PROTOCOL', exitCode: 5 });
  });

  it('that there is no cipher in common, as far as it can be known', async () => {
    const port = await serve('local', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    const error = await failure(port, { ca: 'ca.pem' }, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
    expect(error.hint).toContain('cipher');
  });

  it('what the network said, for anything else', async () => {
    const port = await plain(() => {});
    for (const server of servers.splice(0)) server.close();
    const error = await failure(port);
    expect(error).toMatchObject({ code: 'TLS_FAILED', exitCode: 5, final: false });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('nothing new about an error that is explained already', () => {
    const explained = new ZkshError('x', { code: 'X', exitCode: 1 });
    expect(describeTlsFailure(explained, 'h', 1)).toBe(explained);
  });
});
