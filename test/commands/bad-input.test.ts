import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { encode } from '../../src/jute/codec.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { type Ended, startZksh, zksh } from '../support/built.ts';
import { sharedEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { frameOf } from '../support/frames.ts';
import { serve } from '../support/lies.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const root = '/bad-input';
let ensemble: TestEnsemble;
let client: Client;
let folder: string;

beforeAll(async () => {
  ensemble = await sharedEnsemble('standalone');
  client = await connect(ensemble.connectString);
  await client.create(root, 'kept');
  folder = await mkdtemp(join(tmpdir(), 'zksh-bad-input-'));
});
afterAll(async () => {
  await client?.close();
  await rm(folder, { recursive: true, force: true });
});

/** On the standalone server. */
const run = (...argv: string[]) => zksh([...argv, '-S', ensemble.connectString]);
/** On other servers, which get little time. */
const at = (servers: string, ...argv: string[]) => zksh(['ls', '/', '-S', servers, '--timeout', '2s', ...argv]);
const refused = (code: number, ...lines: string[]): Ended => ({
  code,
  stdout: '',
  stderr: lines.map((line, i) => `${i === 0 ? 'error: ' : '  '}${line}\n`).join(''),
});

async function listen<S extends Server>(server: S): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the wrong port', () => {
  it('is a web server', async () => {
    const servers = await listen(createHttpServer((_, response) => response.end('hello')));
    const { code, stderr } = await at(servers);
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^error: cannot connect to 127\.0\.0\.1:\d+: the server sent a frame of \d+ bytes in the handshake \(…\/1\.1 400 Bad Req…\): it speaks some other protocol\n {2}Check that this port is a ZooKeeper client port\.\n$/,
    );
  });

  it('takes connections and stays silent', async () => {
    const servers = await listen(createServer((socket) => void socket.on('error', () => {})));
    expect(await at(servers)).toEqual(
      refused(
        5,
        `cannot connect to ${servers}: no answer; gave up after 2 s`,
        'Check the addresses, the ports and the network, or allow more time.',
      ),
    );
  });

  it('is a TLS port, spoken to without TLS', async () => {
    const servers = (await sharedEnsemble('tls')).secureConnectString!;
    expect(await at(servers)).toEqual(
      refused(
        5,
        `cannot connect to ${servers}: it closed the connection without a session: no quorum yet (starting, or an election under way), or a TLS port; gave up after 2 s`,
        'More than half of the voters must run and reach each other; or else the port wants --tls.',
      ),
    );
  });

  it('is a plain port, spoken to with TLS', async () => {
    const servers = ensemble.connectString;
    expect(await at(servers, '--tls')).toEqual(
      refused(
        5,
        `cannot connect to ${servers}: the server closed the connection during the TLS handshake; gave up after 2 s`,
        "The port may be a plain one (use the server's secureClientPort), or the server may want a client certificate.",
      ),
    );
  });

  it('is not there at all, on any server: exit 5 within the time limit', async () => {
    const gone = await TcpProxy.start({ port: 1 });
    const { port } = gone;
    await gone.stop();
    const servers = `127.0.0.1:${port},127.0.0.1:${port}`;
    expect(await at(servers)).toEqual(
      refused(
        5,
        `cannot connect to ${servers}: connection refused (all 2); gave up after 2 s`,
        'Check that the servers run and listen there.',
      ),
    );
    const json = await at(servers, '-o', 'json');
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'CANNOT_CONNECT', exitCode: 5 } });
  });
});

describe('refused credentials', () => {
  it('are those of a client certificate that is missing, or not trusted', async () => {
    const tls = await sharedEnsemble('tls');
    const ca = tls.tlsFiles!.caPem;
    const without = await at(tls.secureConnectString!, '--ca', ca);
    expect(without.code).toBe(4);
    expect(without.stderr).toContain('the server wants a client certificate, and got none or one it does not accept');
    const { cert, key } = tls.tls!;
    const stranger = await at(tls.secureConnectString!, '--cert', cert!, '--key', key!, '--ca', cert!);
    expect(stranger.code).toBe(5);
    expect(stranger.stderr).toMatch(/is signed by a CA that is not trusted here|has a self-signed certificate/);
  });

  it('are those of a server whose certificate has another name', async () => {
    const { secureConnectString, tls } = await sharedEnsemble('tls');
    const { ca, cert, key } = tls!;
    const files = ['--ca', ca!, '--cert', cert!, '--key', key!];
    const { code, stderr } = await at(secureConnectString!, ...files, '--tls-server-name', 'zk.example.com');
    expect(code).toBe(5);
    expect(stderr).toMatch(/its certificate is not for zk\.example\.com, but for .*127\.0\.0\.1/);
    expect((await at(secureConnectString!, ...files)).code).toBe(0);
  });

  it('are a SASL user with the wrong password', async () => {
    const { connectString } = await sharedEnsemble('sasl');
    await writeFile(join(folder, 'wrong'), 'wrong');
    expect(await at(connectString, '--sasl', `zksh:file:${join(folder, 'wrong')}`)).toEqual(
      refused(4, 'sasl DIGEST-MD5: the server refused the credentials', 'Check scheme, user and secret.'),
    );
  });

  it('are a scheme the server does not know', async () => {
    await writeFile(join(folder, 'token'), 'token');
    expect(await run('whoami', '--auth', `nosuch:file:${join(folder, 'token')}`)).toEqual(
      refused(4, 'auth nosuch: the server refused the credentials', 'Check scheme, user and secret.'),
    );
  });

  it('are none where the ACL asks for some', async () => {
    await client.addAuth('digest', 'owner:secret');
    await client.create(`${root}/mine`, 'x', { acl: [{ perms: 31, scheme: 'auth', id: '' }] });
    const hint = 'See who you are with whoami, what is asked for with getAcl, and authenticate with --auth or addauth.';
    for (const [argv, operation] of [
      [['get', `${root}/mine`], 'getData'],
      [['set', `${root}/mine`, 'y'], 'setData'],
    ] as const) {
      expect(await run(...argv)).toEqual(refused(4, `${operation} "${root}/mine": not permitted by the ACL`, hint));
    }
  });
});

describe('words that mean nothing', () => {
  it.each([
    [['gett', '/a'], 'there is no command "gett"', 'Did you mean get?'],
    [['get', '/a', '--stats'], 'nonexistent flag: --stats', 'See zksh help get.'],
    [['get', '/a', '-Z'], 'nonexistent flag: -Z', 'See zksh help get.'],
    [['get'], 'missing argument: path', 'See zksh help get.'],
    [['set'], 'missing arguments: path, data', 'See zksh help set.'],
    [
      ['get', '/a', '-o', 'xml'],
      'expected --output=xml to be one of: table, text, json, ndjson, yaml, csv, raw',
      'See zksh help get.',
    ],
    [['ls', '/', '--dry-run'], 'ls has no dry run', 'Leave --dry-run out; nothing was done.'],
    [
      ['ls', '/', '--timeout', 'soon'],
      '--timeout: "soon" is not a duration',
      'Write it as 500ms, 10s, 2m or 1h, above 0 and up to 24 days; a bare number is milliseconds.',
    ],
  ])('are %j', async (argv, message, hint) => {
    expect(await run(...argv)).toEqual(refused(2, message, hint));
  });

  it.each([
    ['localhost:99999', '"99999" is no port'],
    ['http://localhost:2181', 'it is a URL'],
    ['localhost:2181,,other:2181', 'there is an empty place between commas'],
    ['localhost:2181/a//b', 'its chroot is a bad path "/a//b": it has an empty name (//)'],
    ['', 'it names no server'],
  ])('are the servers "%s"', async (servers, why) => {
    expect(await zksh(['ls', '/', '-S', servers])).toEqual(
      refused(
        2,
        `bad connection string ${JSON.stringify(servers)}: ${why}`,
        'It is host:port[,host:port…][/chroot], with [brackets] around an IPv6 address.',
      ),
    );
  });
});

describe('arguments the server would refuse, or worse, take', () => {
  const absolute = 'A path is absolute, such as /brokers/ids, without a / at its end.';
  it.each([
    ['relative', '"relative" is a relative path', 'Outside the shell there is no current path: write /relative'],
    [`${root}/`, `bad path "${root}/": it ends with /`, absolute],
    [`${root}//x`, `bad path "${root}//x": it has an empty name (//)`, absolute],
    [`${root}/../x`, `bad path "${root}/../x": .. is not a name`, absolute],
    [`${root}/a\nb`, `bad path "${root}/a\\nb": the server allows no U+000A in it (position 12)`, absolute],
    [`${root}/\x1b[31m`, `bad path "${root}/\\u001b[31m": the server allows no U+001B in it (position 11)`, absolute],
    [`${root}/😀`, `bad path "${root}/😀": the server allows no U+1F600 in it (position 11)`, absolute],
  ])('are the path %j', async (path, message, hint) => {
    expect(await run('create', path, 'x')).toEqual(refused(2, message, hint));
    expect((await client.getChildren(root)).children).not.toContain('x');
  });

  it.each([
    ['world:anyone:q', '"q" is no permission'],
    ['world:anyone', 'it has not the form scheme:id:perms'],
    ['world:anyone:r,oops', 'it has not the form scheme:id:perms'],
    ['world:everyone:r', 'the only id of scheme world is anyone'],
  ])('are the ACL %s: half of one would lock people out', async (acl, why) => {
    const entry = acl.split(',').at(-1);
    const hint = 'An entry is scheme:id:perms, such as world:anyone:r or sasl:kafka:cdrwa; perms are letters of cdrwa.';
    expect(await run('setAcl', root, acl)).toEqual(refused(2, `bad ACL entry "${entry}": ${why}`, hint));
    expect((await client.getAcl(root)).stat.aversion).toBe(0);
  });

  it('are a version that is not there, or is not one', async () => {
    expect(await run('set', '-v', '7', root, 'lost')).toEqual(
      refused(6, `setData "${root}": the version is not the current one`, 'Read it again: somebody changed it.'),
    );
    expect((await run('set', '-v', '1.5', root, 'lost')).code).toBe(2);
    expect((await run('delete', '-v', 'latest', root)).code).toBe(2);
    expect((await client.getData(root)).data?.toString()).toBe('kept');
  });

  it('are a value over the limit of the server', async () => {
    const file = join(folder, 'large');
    await writeFile(file, Buffer.alloc(3_000_000, 'x'));
    const { code, stdout, stderr } = await run('set', root, `@${file}`);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(
      /connection was lost before the answer came.*\n {2}The request was 30000\d\d bytes: a server drops the connection above its jute\.maxbuffer \(1 MiB by default\)\.\n$/,
    );
    expect((await client.getData(root)).data?.toString()).toBe('kept');
  });

  it('are a path that is not there, or a chroot', async () => {
    expect(await run('get', `${root}/none`)).toEqual(refused(3, `getData "${root}/none": the node does not exist`));
    expect(await zksh(['ls', '/', '-S', `${ensemble.connectString}${root}/none`])).toEqual(
      refused(
        3,
        'getChildren "/": the node does not exist',
        `There is no chroot ${root}/none, which the connection string ends with: create it, or leave it out.`,
      ),
    );
  });
});

describe('odd data', () => {
  it('is kept byte for byte, through a file, a pipe and back', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const file = join(folder, 'binary');
    await writeFile(file, bytes);
    expect((await run('create', `${root}/binary`, `@${file}`)).code).toBe(0);
    expect((await client.getData(`${root}/binary`)).data).toEqual(bytes);
    expect((await run('get', `${root}/binary`, '-b')).stdout.trim()).toBe(bytes.toString('base64'));
    await zksh(['set', `${root}/binary`, '-', '-S', ensemble.connectString], { stdin: 'two\nlines 😀\x1b[31m' });
    expect((await client.getData(`${root}/binary`)).data?.toString()).toBe('two\nlines 😀\x1b[31m');
    const json = JSON.parse((await run('get', `${root}/binary`, '-o', 'json')).stdout);
    expect(json.data).toEqual({ utf8: 'two\nlines 😀\x1b[31m' });
  });

  it('is in names of any script', async () => {
    for (const name of ['grüße', '日本語', 'two words', `it's "quoted"`, '-dash']) {
      const made = await run('create', `${root}/${name}`);
      expect(made).toEqual({ code: 0, stdout: `Created ${root}/${name}\n`, stderr: '' });
      expect((await run('get', `${root}/${name}`)).stdout).toBe('null\n');
    }
  });
});

describe('a deadline', () => {
  it('that passes while the server is silent is exit 7, and a write says that it may have happened', async () => {
    const granted = { protocolVersion: 0, timeOut: 30_000, sessionId: 1n, passwd: Buffer.alloc(16), readOnly: false };
    const server = await serve(async (connection) => {
      await connection.hello();
      connection.send(frameOf(encode(ConnectResponse, granted)));
    });
    const [read, write] = await Promise.all(
      [['get', root] as const, ['set', root, 'new'] as const].map((argv) =>
        zksh([...argv, '-S', server.servers, '--timeout', '2s']),
      ),
    );
    const late = 'not finished within 2000 ms';
    expect(read).toEqual(refused(7, `getData "${root}": ${late}`, 'Allow more with --timeout.'));
    const unknown = 'It may or may not have happened: look before doing it again.';
    expect(write).toEqual(refused(7, `setData "${root}": ${late}`, unknown));
  });
});

describe('a reader that goes away', () => {
  it('is a success: its output was enough', async () => {
    await client.multi(Array.from({ length: 3000 }, (_, i) => ({ type: 'create', path: `${root}/many-${i}` })));
    const { child, ended } = startZksh(['ls', '-R', root, '-S', ensemble.connectString]);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});
