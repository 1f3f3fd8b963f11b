import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import Status from '../../commands/status.ts';
import { kill, pause } from '../../src/local/control.ts';
import {
  ephemeralEnsemble,
  sharedEnsemble,
  sharedRelease,
  type TestEnsemble,
  useEnsemble,
} from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

interface Member {
  id?: string;
  host: string;
  role: string;
  lag?: string;
  configured?: string;
  sources: Record<string, string>;
  missing: { source: string; reason: string }[];
  [fact: string]: unknown;
}

interface Shown {
  serving: boolean;
  leader?: string;
  quorum?: { quorum: boolean; tolerance: number; voters: string[]; live: string[]; critical: string[] };
  members: Member[];
  took: number;
}

async function look(servers: string, ...argv: string[]): Promise<Shown & { code: number }> {
  const { code, stdout, stderr } = await runCommand(Status, ['-S', servers, '-o', 'json', ...argv]);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Shown) };
}

/** AdminServers of an ensemble whose members share one host, each at its own port. */
function admins({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

/** The flags that name a client's certificates. */
function storesOf(tls: TestEnsemble['tls']): string[] {
  const flags = { '--ca': tls?.ca, '--cert': tls?.cert, '--key': tls?.key };
  return Object.entries(flags).flatMap(([flag, file]) => (file === undefined ? [] : [flag, file]));
}

function roles({ members }: Shown): string[] {
  return members.map(({ role }) => role).sort();
}

/** A port that takes connections and says what it is told to. */
async function otherService(says: string | undefined): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => says !== undefined && socket.end(says));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('status of three members', () => {
  it('has one row each, found from a single server by the committed configuration', async () => {
    const ensemble = await sharedEnsemble('three');
    const { host, clientPort } = ensemble.members[1]!;
    const shown = await look(`${host}:${clientPort}`, '--admin', 'off');
    expect(shown).toMatchObject({ code: 0, serving: true, quorum: { tolerance: 1, live: ['1', '2', '3'] } });
    expect(roles(shown)).toEqual(['follower', 'follower', 'leader']);
    expect(shown.members.map(({ id, host: where }) => ({ id, where }))).toEqual(
      ensemble.members.map((member) => ({ id: `${member.id}`, where: `${member.host}:${member.clientPort}` })),
    );
    for (const member of shown.members) {
      expect(member).toMatchObject({
        configured: 'participant',
        version: ensemble.version,
        dataSize: expect.any(Number),
        sources: { role: '4lw:srvr', zxid: '4lw:srvr', dataSize: '4lw:mntr', serverId: '4lw:conf' },
        missing: [],
      });
      expect(Number(member.lag)).toBeGreaterThanOrEqual(0);
    }
  });

  it('takes from AdminServers what they tell', async () => {
    const ensemble = await sharedEnsemble('three');
    const shown = await look(ensemble.connectString, ...admins(ensemble));
    for (const { sources, missing } of shown.members) {
      expect({ ...sources, missing }).toMatchObject({
        missing: [],
        dataSize: 'admin:monitor',
        uptime: 'admin:monitor',
        role: '4lw:srvr',
      });
    }
  });

  it('has, as JSON, the fields that its help names', async () => {
    const ensemble = await sharedEnsemble('three');
    const { code, ...shown } = await look(ensemble.connectString, ...admins(ensemble));
    const listed = (text: string) => text.split(/,\s*/).map((field) => field.replace(/:.*/s, ''));
    const [, whole = '', quorum = '', member = ''] =
      /JSON: \{(.*), quorum: \{(.*?)\}, configVersion, members, took\}; a\s+member is \{(.*?)\}/s.exec(
        Status.description,
      ) ?? [];
    expect(code).toBe(0);
    expect(Object.keys(shown).sort()).toEqual([...listed(whole), 'quorum', 'configVersion', 'members', 'took'].sort());
    expect(Object.keys(shown.quorum ?? {}).sort()).toEqual(listed(quorum).sort());
    const seen = new Set(shown.members.flatMap((one) => Object.keys(one)));
    expect([...seen].sort()).toEqual(listed(member).sort());
  });

  it('is a table with what it amounts to below, on a terminal', async () => {
    const ensemble = await sharedEnsemble('three');
    const argv = ['-S', ensemble.connectString, '--admin', 'off'];
    const { stdout } = await runCommand(Status, argv, { tty: true, columns: 120 });
    expect(stdout).toMatch(/^ID +HOST +ROLE +LAG +CONNS +QUEUED +MS AVG\/P99\/MAX +ZNODES +DATA +UPTIME$/m);
    expect(stdout).toMatch(/^ *1 +127\.0\.0\.1:\d+ +(leader|follower) /m);
    expect(stdout).toMatch(/leader \d, zxid 0x[0-9a-f]+\n3 of 3 voters serve, 1 more may fail\n$/);
    const narrow = await runCommand(Status, argv, { tty: true, columns: 70 });
    expect(narrow.stdout).not.toMatch(/UPTIME/);
    expect(narrow.stdout).toMatch(/127\.0\.0\.1:\d{4,5} /);
  });

  it('looks again and again with --watch', async () => {
    const ensemble = await sharedEnsemble('three');
    const stop = new AbortController();
    const running = runCommand(
      Status,
      ['-S', ensemble.connectString, '--admin', 'off', '--watch', '--interval', '1', '-o', 'ndjson', '--timeout', '3s'],
      { signal: stop.signal },
    );
    const { code, stdout } = await running;
    expect(code).toBe(7);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(1);
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ serving: true });
  });

  it('draws each look over the one before, on a terminal', async () => {
    const ensemble = await sharedEnsemble('three');
    const argv = ['-S', ensemble.connectString, '--admin', 'off', '--watch', '--interval', '1', '--timeout', '2s'];
    const { stdout } = await runCommand(Status, argv, { tty: true });
    const [before, ...frames] = stdout.split('\x1b[H\x1b[J');
    expect(before).toBe('');
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) expect(frame).toMatch(/^ID +HOST [\s\S]*1 more may fail\n$/);
  });

  it('refuses a place of AdminServers that is none', async () => {
    const { code, stderr } = await runCommand(Status, ['-S', 'h:1', '--admin', 'somewhere']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('says not where an AdminServer is') });
  });
});

describe('status of members that tell little', () => {
  const bare = useEnsemble({ servers: 3, observers: 1, bare: true });

  it('tells what srvr alone tells, and what was missing', async () => {
    const { members, connectString } = bare();
    const shown = await look(`${members[0]!.host}:${members[0]!.clientPort}`, '--admin', 'off');
    expect(shown).toMatchObject({ code: 0, quorum: { tolerance: 1, voters: ['1', '2', '3'] } });
    expect(roles(shown)).toEqual(['follower', 'follower', 'leader', 'observer']);
    expect(shown.members).toHaveLength(connectString.split(',').length);
    for (const { missing, dataSize, lag } of shown.members) {
      expect({ missing, dataSize }).toEqual({
        missing: ['mntr', 'conf'].map((word) => ({ source: `4lw:${word}`, reason: 'not in 4lw.commands.whitelist' })),
        dataSize: undefined,
      });
      // The session that brought the configuration is two transactions.
      expect(Number(lag)).toBeLessThan(10);
    }
  });

  it("does not take another server's AdminServer for theirs", async () => {
    const { members, connectString } = bare();
    const shown = await look(connectString, '--admin', `${members[1]!.adminPort}`);
    const [first, second] = shown.members;
    expect(second?.sources.dataSize).toBe('admin:monitor');
    expect(first?.missing).toContainEqual({
      source: 'admin',
      reason: expect.stringContaining(`is of the server with client port ${members[1]!.clientPort}`),
    });
  });

  it('goes on telling while members fail one by one, each costing the time limit once', async () => {
    const ensemble = bare();
    const { members } = await look(ensemble.connectString, '--admin', 'off');
    const followers = members.filter(({ role }) => role === 'follower').map(({ id }) => Number(id));
    const [paused, killed] = followers as [number, number];
    const leader = Number(members.find(({ role }) => role === 'leader')?.id);

    await pause(ensemble, paused);
    const one = await look(ensemble.connectString, '--wait', '1500ms', '--admin', 'off');
    const left = ['1', '2', '3'].filter((id) => id !== `${paused}`);
    expect(one).toMatchObject({ code: 0, quorum: { tolerance: 0, live: left, critical: left } });
    expect(one.members[paused - 1]).toMatchObject({
      id: `${paused}`,
      role: 'unreachable',
      missing: [{ source: '4lw', reason: expect.stringContaining('did not answer within 1500 ms') }],
    });
    // Three words, asked one after the other, would take it three times.
    expect(one.took).toBeLessThan(3 * 1500);

    await kill(ensemble, killed);
    const { clientPort } = ensemble.members[leader - 1]!;
    const lonely = async () => roles(await look(`127.0.0.1:${clientPort}`, '--admin', 'off'));
    await expect.poll(lonely, { timeout: 30_000 }).toEqual(['not serving']);
    const two = await look(ensemble.connectString, '--wait', '1s', '--admin', 'off');
    expect(two).toMatchObject({ code: 8, serving: false });
    expect(roles(two)).toEqual(['not serving', 'not serving', 'unreachable', 'unreachable']);

    for (const id of [leader, 4]) await kill(ensemble, id);
    const none = await look(ensemble.connectString, '--timeout', '2s', '--admin', 'off');
    expect(none).toMatchObject({ code: 8, serving: false });
    expect(roles(none)).toEqual(Array(4).fill('unreachable'));
    expect(none.members.map(({ missing }) => missing[0]?.reason)).toEqual(
      [1, 2, 3, 4].map((id) => expect.stringMatching(id === paused ? 'did not answer within' : 'connection refused')),
    );
    const { stdout } = await runCommand(Status, ['-S', ensemble.connectString, '--timeout', '2s'], { tty: true });
    expect(stdout).toContain('nothing serves');
  });
});

describe('status of others', () => {
  it('of a standalone server is one row, and no quorum', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const shown = await look(connectString, '--admin', 'off');
    expect(shown).toMatchObject({ code: 0, serving: true, members: [{ role: 'standalone' }] });
    expect(shown.quorum).toBeUndefined();
  });

  it('shows a standalone server in the list of an ensemble as a stranger', async () => {
    const [three, alone] = [await sharedEnsemble('three'), await sharedEnsemble('standalone')];
    const shown = await look(`${alone.connectString},${three.connectString}`, '--admin', 'off');
    expect(shown.members.map(({ configured }) => configured)).toEqual([...Array(3).fill('participant'), undefined]);
    expect(shown.members[3]).toMatchObject({ role: 'standalone', host: alone.connectString });
  });

  it('of a secure port asks everything through it', async () => {
    const { secureConnectString = '', tls } = await sharedEnsemble('tls');
    const shown = await look(secureConnectString, '--admin', 'off', ...storesOf(tls));
    expect(shown.members).toMatchObject([{ role: 'standalone', sources: { dataSize: '4lw:mntr' }, missing: [] }]);
  });

  it('of secure ports, which no configuration names, knows which member has which', async () => {
    const { secureConnectString = '', tls, members } = await ephemeralEnsemble({ servers: 3, tls: true });
    const shown = await look(secureConnectString, '--admin', 'off', ...storesOf(tls));
    expect(shown).toMatchObject({ code: 0, quorum: { tolerance: 1 } });
    expect(shown.members.map(({ id, host, configured }) => ({ id, host, configured }))).toEqual(
      members.map(({ id, host, secureClientPort }) => ({
        id: `${id}`,
        host: `${host}:${secureClientPort}`,
        configured: 'participant',
      })),
    );
  });

  it('of a member cut off from its quorum that serves reads is "read-only", and no quorum serves', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, systemProperties: { 'readonlymode.enabled': 'true' } });
    for (const id of [1, 2]) await kill(ensemble, id);
    const { host, clientPort } = ensemble.members[2]!;
    const cutOff = async () => (await look(`${host}:${clientPort}`, '--wait', '1s', '--admin', 'off')).members;
    const found = expect.objectContaining({ host: `${host}:${clientPort}`, role: 'read-only' });
    await expect.poll(cutOff, { timeout: 40_000 }).toContainEqual(found);
    const shown = await look(ensemble.connectString, '--wait', '1s', '--admin', 'off');
    expect(shown).toMatchObject({ code: 8, serving: false });
    expect(roles(shown)).toEqual(['read-only', 'unreachable', 'unreachable']);
  });

  it('of a port that speaks something else is unreachable, and says why', async () => {
    const [http, silent] = [await otherService('HTTP/1.1 400 Bad Request\r\n\r\n'), await otherService(undefined)];
    const shown = await look(`127.0.0.1:${http},127.0.0.1:${silent}`, '--wait', '500ms', '--admin', `${http}`);
    expect(shown.code).toBe(8);
    expect(shown.members).toMatchObject([{ role: 'unreachable' }, { role: 'unreachable' }]);
    const [first] = shown.members;
    expect(first?.missing.map(({ source }) => source)).toEqual(['client', 'admin']);
  });

  it('ends at once on Ctrl-C, with 130', async () => {
    const stop = new AbortController();
    const heard = createServer((socket) => void socket.on('error', () => undefined).once('data', () => stop.abort()));
    await new Promise<void>((done) => heard.listen(0, '127.0.0.1', done));
    onTestFinished(() => void heard.close());
    const { port } = heard.address() as AddressInfo;
    const argv = ['-S', `127.0.0.1:${port},127.0.0.1:${await otherService(undefined)}`, '--wait', '30s'];
    const ran = await runCommand(Status, argv, { signal: stop.signal });
    expect(ran).toEqual({ code: 130, stdout: '', stderr: expect.stringContaining('interrupted') });
  });

  it('of 3.4, which has no AdminServer and no configuration to read, has the rows of those listed', async () => {
    const { connectString } = await sharedRelease('3.4.14');
    const shown = await look(connectString, '--wait', '2s');
    expect(shown).toMatchObject({ code: 0, members: [{ role: 'standalone', version: '3.4.14' }] });
  });
});

/** A way to a server on which four-letter words get no answer, as some firewalls have it. */
async function wordless(port: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      if (/^[a-z]{4}$/.test(first.toString('latin1'))) return socket.end();
      const onward = connect(port, '127.0.0.1').on('error', () => socket.destroy());
      onward.write(first);
      return void socket.pipe(onward).pipe(socket);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('asks by a session where no four-letter word is answered', async () => {
  const { members } = await sharedEnsemble('three');
  const ports = await Promise.all(members.map(({ clientPort }) => wordless(clientPort)));
  const named = members.map(({ id }, i) => `${id}=127.0.0.1:${ports[i]}`).join(',');
  const shown = await look('unused:1', '--members', named, '--admin', 'off');
  expect(roles(shown)).toEqual(['serving', 'serving', 'serving']);
  expect(shown).toMatchObject({ code: 0, quorum: { tolerance: 1 } });
  expect(shown.members.map(({ serverId, sources }) => ({ serverId, zxid: sources.zxid }))).toEqual(
    ['1', '2', '3'].map((serverId) => ({ serverId, zxid: 'client' })),
  );
});
