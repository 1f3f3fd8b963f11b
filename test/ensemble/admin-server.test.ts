import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadTls, type TlsSettings, tlsConnectOptions } from '../../src/auth/tls.ts';
import { askAdminServer } from '../../src/ensemble/admin-server.ts';
import { type Asking, observeMember } from '../../src/ensemble/observe-member.ts';
import { Material } from '../auth/material.ts';
import { recordedAnswers } from '../support/recorded-answers.ts';

const open: (Server | TcpServer)[] = [];

async function listening(server: Server | TcpServer): Promise<number> {
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** An HTTP server that answers as it is told. */
async function adminThat(answers: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createHttp(answers))}/commands`;
}

async function peerThat(behave: (socket: Socket) => void): Promise<string> {
  const server = createTcp((socket) => {
    socket.on('error', () => undefined);
    behave(socket);
  });
  return `http://127.0.0.1:${await listening(server)}/commands`;
}

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
});

const json =
  (body: object): RequestListener =>
  (_request, response) =>
    response.end(JSON.stringify(body));
const ask = (url: string, more: object = {}) => askAdminServer({ url, command: 'monitor', timeout: 2000, ...more });

describe('an AdminServer command', () => {
  it('asks for the path of its name and brings the fields', async () => {
    const url = await adminThat((request, response) => {
      response.end(JSON.stringify({ command: 'hash', error: null, asked: `${request.method} ${request.url}` }));
    });
    const { fields, error } = await askAdminServer({ url, command: 'hash?a=b' });
    expect({ fields, error }).toEqual({ fields: { asked: 'GET /commands/hash?a=b' }, error: undefined });
  });

  it('says what the server says is wrong', async () => {
    const url = await adminThat(json({ command: 'monitor', error: 'not currently serving requests' }));
    expect((await ask(url)).error).toBe('not currently serving requests');
  });

  it('that is none is refused before anything is sent', async () => {
    for (const command of ['../x', 'a b', '', 'a#b', 'a/b']) {
      await expect(ask('http://127.0.0.1:1', { command })).rejects.toMatchObject({ exitCode: 2 });
    }
    await expect(ask('nowhere')).rejects.toThrow('is no URL');
  });

  it.each<[string, string, RequestListener]>([
    ['a page of another service', 'NOT_ADMIN_SERVER', (_request, response) => response.end('<html>hello</html>')],
    ['JSON of another service', 'NOT_ADMIN_SERVER', json({ status: 'UP' })],
    ['a list', 'NOT_ADMIN_SERVER', (_request, response) => response.end('["command"]')],
    ['half of its JSON', 'NOT_ADMIN_SERVER', (_request, response) => response.end('{"command":"monitor","erro')],
    ['nothing', 'NOT_ADMIN_SERVER', (_request, response) => response.end()],
    ['a redirect', 'NOT_ADMIN_SERVER', (_request, response) => response.writeHead(302, { location: '/' }).end()],
    [
      'an end in the middle',
      'CONNECTION_FAILED',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"command":');
        setImmediate(() => response.destroy());
      },
    ],
  ])('to which %s is the answer fails with %s', async (_what, code, answers) => {
    await expect(ask(await adminThat(answers))).rejects.toMatchObject({ code, exitCode: 5 });
  });

  it('fails at a port that speaks no HTTP, says nothing, or is shut', async () => {
    const chatty = await peerThat((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    await expect(ask(chatty)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', message: /does not speak HTTP/ });
    const silent = await peerThat(() => undefined);
    await expect(ask(silent, { timeout: 50 })).rejects.toMatchObject({ code: 'TIMEOUT', exitCode: 7 });
    const url = await peerThat(() => undefined);
    await new Promise((done) => open.pop()?.close(done));
    await expect(ask(url)).rejects.toMatchObject({ message: /connection refused/ });
  });

  it('that is to speak TLS and does not fails in words', async () => {
    const url = await adminThat(json({ error: null }));
    const secured = ask(url.replace('http:', 'https:'));
    await expect(secured).rejects.toMatchObject({ code: 'CONNECTION_FAILED', message: /: it does not speak TLS$/ });
  });

  it('does not take an answer without end', async () => {
    const url = await adminThat((_request, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(1 << 20, 32)) && !response.destroyed);
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });
    await expect(ask(url, { timeout: 30_000 })).rejects.toThrow('over 67108864 bytes');
  });

  it('can be called off, before and after the connection is taken', async () => {
    const controller = new AbortController();
    const silent = await peerThat((socket) => socket.once('data', () => controller.abort()));
    await expect(ask(silent, { signal: controller.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(ask(silent, { signal: controller.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const url = await adminThat((_request, response) => {
      controller.abort();
      response.end('{"command":"monitor"}');
    });
    const late = new AbortController();
    const asked = ask(url, { connecting: late.signal });
    await expect(asked).resolves.toMatchObject({ fields: {} });
    late.abort();
  });

  it('of a server without a quorum fails as such, also as the page of HTML that 3.6 and later make of it', async () => {
    const { status, body } = recordedAnswers('3.9.5').notServing.admin.monitor!;
    const url = await adminThat((_request, response) => response.writeHead(status).end(body));
    await expect(ask(url)).rejects.toMatchObject({ code: 'NOT_SERVING', message: /does not serve now/ });
  });
});

describe('an AdminServer behind https', () => {
  let made: Material;
  beforeAll(async () => {
    made = await Material.create();
    await made.authority('ca');
    await made.issue('admin', 'ca', { san: 'IP:127.0.0.1' });
    await made.issue('elsewhere', 'ca', { san: 'DNS:elsewhere.example' });
    await made.issue('client', 'ca');
  });
  afterAll(() => made?.remove());

  async function httpsAdmin(name: string): Promise<number> {
    const options = {
      key: await made.read(`${name}.key`),
      cert: await made.read(`${name}.pem`),
      ca: await made.read('ca.pem'),
    };
    return listening(createHttps({ ...options, requestCert: true }, json({ command: 'monitor', uptime: 5 })));
  }

  async function askSecurely(port: number, more: TlsSettings = {}) {
    const settings = { ca: made.path('ca.pem'), cert: made.path('client.pem'), key: made.path('client.key'), ...more };
    const tls = tlsConnectOptions('127.0.0.1', port, await loadTls(settings), settings);
    return ask(`https://127.0.0.1:${port}/commands`, { tls });
  }

  it('is asked with the settings of the connection', async () => {
    expect((await askSecurely(await httpsAdmin('admin'))).fields).toEqual({ uptime: 5 });
  });

  it('must be trusted, and be who it was asked for', async () => {
    const port = await httpsAdmin('elsewhere');
    await expect(askSecurely(port)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', exitCode: 5 });
    await expect(askSecurely(port, { verifyHostname: false })).resolves.toMatchObject({ fields: { uptime: 5 } });
    await expect(ask(`https://127.0.0.1:${port}/commands`)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    await expect(ask(`http://127.0.0.1:${port}/commands`)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });
});

describe('the AdminServer of a member', () => {
  const asking: Asking = {
    limit: 2000,
    options: {},
    connect: () => Promise.reject(new Error('no session is to be had')),
  };

  const { body: own } = recordedAnswers('3.9.5').leader.admin.configuration!;
  const id = BigInt(/"server_id" : (\d+)/.exec(own)?.[1] ?? 0);
  const clientPort = Number(/"client_port" : (\d+)/.exec(own)?.[1]);

  /** An AdminServer of 3.9.5 that answers as it was recorded. */
  async function recordedAdmin(change: (body: string) => string = (body) => body): Promise<string> {
    const { admin } = recordedAnswers('3.9.5').leader;
    return adminThat((request, response) => {
      const { status = 404, body = '' } = admin[request.url?.split('/').at(-1) ?? ''] ?? {};
      response.writeHead(status).end(change(body));
    });
  }

  async function observed(url: string, more: { id?: bigint; port?: number; certain?: boolean } = {}) {
    const { port = 1, certain = false } = more;
    const member = {
      id: more.id,
      name: 'here',
      targets: [{ host: '127.0.0.1', port, tls: false }],
      admin: [{ url, certain }],
      configured: undefined,
    };
    return observeMember(member, asking);
  }

  it('tells everything alone, where the client port is shut', async () => {
    const { facts, adminUrl, metrics } = await observed(await recordedAdmin(), { id });
    expect(facts.role).toEqual({ value: 'leader', source: 'admin:server_stats' });
    expect(facts.zxid).toEqual({ value: 0x100000003n, source: 'admin:server_stats' });
    expect(metrics?.get('synced_followers')).toBe('2');
    expect(adminUrl).toBeDefined();
  });

  it('is not believed when it is of another member, unless it was named for this one', async () => {
    const url = await recordedAdmin();
    const { facts, missing, adminUrl } = await observed(url, { id: 9n });
    expect({ role: facts.role, adminUrl }).toEqual({ role: undefined, adminUrl: undefined });
    expect(missing.at(-1)?.reason).toMatch(/is of the server with client port \d+$/);
    expect((await observed(url, { id: 9n, certain: true })).facts.role?.value).toBe('leader');
    expect((await observed(url, { port: clientPort })).facts.role?.value).toBe('leader');
  });

  it('tells no false facts out of wrong types', async () => {
    const url = await recordedAdmin((body) => body.replaceAll(/: (-?[\d.]+|"[^"]*")(,?)$/gm, ': {"not": [null]}$2'));
    const { facts } = await observed(url, { id, certain: true });
    expect(Object.values(facts).filter((fact) => fact !== undefined)).toEqual([]);
  });
});
