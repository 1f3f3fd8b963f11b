import { type AddressInfo, createServer } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadTls, type TlsSettings, tlsConnectOptions } from '../../src/auth/tls.ts';
import { lookAtCertificates } from '../../src/ensemble/certificates.ts';
import type { AdminAddress, ClientTarget } from '../../src/ensemble/member.ts';
import { type Asking, type MemberObservation, observeMember } from '../../src/ensemble/observe-member.ts';
import { Material } from '../auth/material.ts';
import { ephemeralEnsemble, sharedEnsemble } from '../support/ensembles.ts';
import { observation } from '../support/observation.ts';
import { askingOf, observed } from '../support/observed.ts';

const DAY = 86_400_000;
let material: Material;

beforeAll(async () => {
  material = await Material.create();
  await material.authority('ca');
  await material.authority('other-ca');
  await material.issue('good', 'ca', { san: 'DNS:localhost,IP:127.0.0.1,DNS:zk.example' });
  await material.issue('misnamed', 'ca', { san: 'DNS:elsewhere.example' });
  await material.issue('client', 'ca');
  await material.outOfDate('expired', -30, 20);
  await material.outOfDate('ending', -30, 33);
  await material.outOfDate('future', 5, 20);
}, 60_000);
afterAll(() => material.remove());

async function secured(settings: TlsSettings, more: Partial<Asking> = {}): Promise<Asking> {
  const context = await loadTls(settings);
  return askingOf({
    limit: 3000,
    options: { tls: settings },
    secure: ({ host, port }) => tlsConnectOptions(host, port, context, settings),
    ...more,
  });
}

/** A server that has this certificate; gives its port. */
async function showing(name: string, options: tls.TlsOptions = {}): Promise<number> {
  const [cert, key] = await Promise.all([material.read(`${name}.pem`), material.read(`${name}.key`)]);
  const server = tls.createServer({ cert, key, ...options }, (socket) => void socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function memberAt(port: number, admin: readonly AdminAddress[] = []): MemberObservation {
  const target: ClientTarget = { host: '127.0.0.1', port, tls: true };
  const name = `127.0.0.1:${port}`;
  return observation({ member: { id: 1n, name, targets: [target], admin, configured: undefined } });
}

async function certificateOf(name: string, asking: Asking, options: tls.TlsOptions = {}) {
  const { shown, silent } = await lookAtCertificates([memberAt(await showing(name, options))], asking);
  if (shown[0] === undefined) throw new Error(silent[0]?.reason);
  return shown[0];
}

describe('the certificate of a port', () => {
  it('is seen with its names, its dates and who issued it', async () => {
    const asking = await secured({ ca: material.path('ca.pem') });
    const seen = await certificateOf('good', asking, { cert: await material.read('good.pem') });
    expect(seen).toMatchObject({
      member: { id: 1n },
      place: 'client',
      subject: 'CN=good, O=zksh tests',
      issuer: 'CN=ca, O=zksh tests',
      names: ['localhost', '127.0.0.1', 'zk.example'],
      selfSigned: false,
      matchesHost: true,
      trusted: true,
      reason: undefined,
      protocol: 'TLSv1.3',
    });
    expect(seen.validFrom).toBeLessThanOrEqual(Date.now());
    expect(Math.round((seen.validTo - Date.now()) / DAY)).toBe(20);
  });

  it('is seen when it is out of date, of another name or of an unknown CA, and it is said what is wrong', async () => {
    const asking = await secured({ ca: material.path('ca.pem') });
    expect(await certificateOf('misnamed', asking)).toMatchObject({ matchesHost: false, trusted: true });
    const strict = await secured({ ca: material.path('other-ca.pem') });
    expect(await certificateOf('good', strict)).toMatchObject({
      trusted: false,
      reason: expect.stringContaining('not trusted'),
    });
    const days = (time: number) => Math.round((time - Date.now()) / DAY);
    for (const [name, from, to, trusted] of [
      ['expired', -30, -10, false],
      ['ending', -30, 3, true],
      ['future', 5, 25, false],
    ] as const) {
      const seen = await certificateOf(name, await secured({ ca: material.path(`${name}.pem`) }));
      expect([days(seen.validFrom), days(seen.validTo)]).toEqual([from, to]);
      expect(seen).toMatchObject({ selfSigned: true, trusted });
      if (!trusted) expect(seen.reason).toMatch(/expired|not valid yet|not yet valid/);
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is seen by %s where a client certificate is demanded and there is none',
    async (version) => {
      const demanding = { requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version };
      const asking = await secured({ ca: material.path('ca.pem') });
      const seen = await certificateOf('good', asking, { ...demanding, ca: await material.read('ca.pem') });
      expect(seen).toMatchObject({ subject: 'CN=good, O=zksh tests', matchesHost: true, protocol: version });
      expect(seen.trusted).toBe(version === 'TLSv1.3' ? true : undefined);
    },
  );

  it('is seen with the authorities it is shown with', async () => {
    const chain = `${await material.read('good.pem')}${await material.read('ca.pem')}`;
    const seen = await certificateOf('good', await secured({ ca: material.path('ca.pem') }), { cert: chain });
    expect(seen.authorities).toMatchObject([{ subject: 'CN=ca, O=zksh tests', selfSigned: true }]);
  });

  it('is seen without TLS settings, and whether it is trusted is left open', async () => {
    expect(await certificateOf('good', askingOf())).toMatchObject({ trusted: undefined, reason: expect.any(String) });
  });

  it('that does not come is told with the reason, and costs the limit at most', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    const plain = createServer((socket) => void socket.on('error', () => undefined).end('This is no TLS\n'));
    for (const server of [silent, plain]) {
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      onTestFinished(() => void server.close());
    }
    const ports = [silent, plain].map((server) => (server.address() as AddressInfo).port);
    const asking = await secured({ ca: material.path('ca.pem') }, { limit: 500 });
    const { shown, silent: none } = await lookAtCertificates(
      [...ports, 1].map((port) => memberAt(port)),
      asking,
    );
    expect(shown).toEqual([]);
    expect(none.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no answer within'),
      expect.stringContaining('does not speak TLS'),
      expect.any(String),
    ]);
  });

  it('of an AdminServer is seen once, be it expired and refused by the look before', async () => {
    const port = await showing('expired');
    const admin = [{ url: `https://127.0.0.1:${port}/commands`, certain: false }];
    const asking = await secured({ ca: material.path('ca.pem') });
    const seen = await Promise.all(
      [1n, 2n].map((id) => observeMember({ id, name: '127.0.0.1', targets: [], admin, configured: undefined }, asking)),
    );
    const { shown } = await lookAtCertificates(seen, asking);
    expect(shown).toMatchObject([{ place: 'admin', port, subject: 'CN=expired', trusted: false }]);
  });

  it('is not waited for after Ctrl-C', async () => {
    const stop = new AbortController();
    const silent = createServer((socket) => void socket.on('error', () => undefined).once('data', () => stop.abort()));
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    onTestFinished(() => void silent.close());
    const asking = askingOf({ limit: 60_000, signal: stop.signal });
    const { port } = silent.address() as AddressInfo;
    await expect(lookAtCertificates([memberAt(port)], asking)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('our own certificate', () => {
  it('is seen from its file, also when it has expired', async () => {
    const ours = async (tls: TlsSettings | undefined) =>
      (await lookAtCertificates([], askingOf({ options: { tls } }))).own;
    const [cert, key] = [material.path('client.pem'), material.path('client.key')];
    expect(await ours({ cert, key })).toMatchObject({ file: cert, subject: 'CN=client, O=zksh tests' });
    const expired = await ours({ cert: material.path('expired.pem'), key: material.path('expired.key') });
    expect(expired).toMatchObject({ subject: 'CN=expired', validTo: expect.any(Number) });
    expect(await ours({ cert: material.path('no.pem') })).toMatchObject({ reason: expect.stringContaining('no.pem') });
    expect(await ours({ ca: material.path('ca.pem') })).toBeUndefined();
    expect(await ours(undefined)).toBeUndefined();
  });
});

describe('a real ensemble', () => {
  it('shows the certificate of its secure port, with a client certificate and without', async () => {
    const { secureConnectString = '', connectString, tls: settings = {}, members } = await sharedEnsemble('tls');
    const { ca } = settings;
    const port = members[0]!.secureClientPort;
    for (const asking of [await secured(settings), await secured({ ca })]) {
      const seen = await observed(secureConnectString, asking);
      expect((await lookAtCertificates(seen, asking)).shown).toMatchObject([
        { place: 'client', port, subject: 'CN=member 1, O=zksh', issuer: expect.stringMatching(/ CA, O=zksh$/) },
      ]);
    }
    // Who does not use TLS finds the secure port by conf.
    const plain = await lookAtCertificates(await observed(connectString, askingOf()), askingOf());
    expect(plain).toMatchObject({ shown: [{ place: 'client', port, matchesHost: true }], own: undefined });
  });

  it('that speaks TLS among its members shows those certificates when asked to, and goes on', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, tls: true, quorumTls: true });
    const asking = await secured(ensemble.tls ?? {});
    const seen = await observed(ensemble.connectString, askingOf());
    const between = seen.find(({ config }) => config !== undefined)?.config;
    const { shown, silent } = await lookAtCertificates(seen, asking, { between });
    const subjects = (place: string) => shown.filter((one) => one.place === place).map(({ subject }) => subject);
    expect(subjects('election').sort()).toEqual([1, 2, 3].map((id) => `CN=member ${id}, O=zksh`));
    // The leader alone listens for learners.
    expect(subjects('quorum')).toHaveLength(1);
    expect(silent.map(({ place }) => place)).toEqual(['quorum', 'quorum']);
    const after = await observed(ensemble.connectString, askingOf());
    expect(after.map(({ facts }) => facts.role?.value)).toEqual(seen.map(({ facts }) => facts.role?.value));
  });
});
