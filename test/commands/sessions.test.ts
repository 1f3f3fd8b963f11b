import { describe, expect, it } from 'vitest';
import Ephemerals from '../../commands/ephemerals.ts';
import Kill from '../../commands/sessions/kill.ts';
import Show from '../../commands/sessions/show.ts';
import List from '../../commands/sessions.ts';
import Watches from '../../commands/watches.ts';
import Who from '../../commands/who.ts';
import type { Client } from '../../src/client/client.ts';
import { hex64 } from '../../src/protocol/zxid.ts';
import { ephemeralEnsemble, sharedEnsemble, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { holder } from '../support/holders.ts';
import { runCommand } from '../support/run-command.ts';

interface Shown {
  idHex: string;
  kind?: string;
  connected?: boolean;
  members: { id?: string; host: string }[];
  client?: string;
  timeout?: number;
  lastOperation?: string;
  ephemerals?: number;
  watches?: number;
}

interface Answer {
  code: number;
  stderr: string;
  [field: string]: unknown;
}

async function ask(Class: unknown, servers: string, ...argv: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await runCommand(Class, [...argv, '-S', servers, '-o', 'json']);
  if (stdout === '') throw new Error(stderr);
  return { code, stderr, ...(JSON.parse(stdout) as object) };
}

/** AdminServers of an ensemble whose members share one host, each at its own port. */
function admins({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

function addressOf(client: Client): string {
  const { server } = client;
  return `${server?.host}:${server?.port}`;
}

/** Two clients on two members, one with ephemerals, both with watches, all below a path of their own. */
async function twoHolders({ members }: TestEnsemble, root: string): Promise<{ owner: Client; watcher: Client }> {
  const [first, second = first] = members;
  const owner = await holder(`${first!.host}:${first!.clientPort}`);
  const watcher = await holder(`${second!.host}:${second!.clientPort}`, { sessionTimeout: 20_000 });
  await owner.create(root);
  await owner.create(`${root}/with blank`, 'x', { mode: 'ephemeral' });
  await owner.create(`${root}/zwei`, 'x', { mode: 'ephemeral' });
  await watcher.sync(root);
  await watcher.getData(`${root}/zwei`, { watch: true });
  await watcher.exists(`${root}/not there`, { watch: true });
  await owner.getData(root, { watch: true });
  return { owner, watcher };
}

function sessionOf(answer: Answer, client: Client): Shown | undefined {
  return (answer.sessions as Shown[]).find(({ idHex }) => idHex === hex64(client.sessionId));
}

const ROUTES: [string, (ensemble: TestEnsemble) => string[], string][] = [
  ['AdminServers', admins, 'admin:connections'],
  ['four-letter words', () => ['--admin', 'off'], '4lw:cons'],
];

describe.each(ROUTES)('by %s', (name, route, source) => {
  const root = `/sessions-${name === 'AdminServers' ? 'admin' : 'words'}`;

  it('sessions, ephemerals, watches and who agree with what clients hold', async () => {
    const three = await sharedEnsemble('three');
    const servers = three.connectString;
    const { owner, watcher } = await twoHolders(three, root);
    const flags = route(three);

    const list = await ask(List, servers, ...flags);
    expect(list).toMatchObject({ code: 0, stderr: '', missing: [] });
    expect(sessionOf(list, owner)).toMatchObject({
      kind: 'global',
      connected: true,
      members: [{ id: '1', host: addressOf(owner) }],
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      timeout: 30_000,
      lastOperation: 'GETD',
      ephemerals: 2,
      watches: 1,
    });
    expect(sessionOf(list, watcher)).toMatchObject({
      members: [{ id: '2', host: addressOf(watcher) }],
      timeout: 20_000,
      ephemerals: 0,
      watches: 2,
    });
    const { connections } = list.sources as { connections: { source: string }[] };
    expect(connections.map((one) => one.source)).toEqual([source, source, source]);

    const shown = await ask(Show, servers, hex64(watcher.sessionId), ...flags);
    expect(shown).toMatchObject({
      idHex: hex64(watcher.sessionId),
      ephemerals: [],
      watches: [`${root}/not there`, `${root}/zwei`],
    });
    const other = await ask(Show, servers, `${owner.sessionId}`, ...flags);
    expect(other).toMatchObject({ ephemerals: [`${root}/with blank`, `${root}/zwei`], watches: [root] });

    const all = await ask(Ephemerals, servers, ...flags);
    expect(all.ephemerals).toContainEqual({
      path: `${root}/with blank`,
      session: expect.objectContaining({ idHex: hex64(owner.sessionId), member: { id: '1', host: addressOf(owner) } }),
    });
    const grouped = await ask(Ephemerals, servers, '--by-session', ...flags);
    expect(sessionOf(grouped, owner)).toMatchObject({ count: 2, paths: [`${root}/with blank`, `${root}/zwei`] });

    const byPath = await ask(Watches, servers, '--by-path', ...flags);
    const watched = (byPath.watches as { path: string; session: Shown }[]).filter(({ path }) => path.startsWith(root));
    expect(watched.map(({ path, session }) => [path, session.idHex])).toEqual([
      [root, hex64(owner.sessionId)],
      [`${root}/not there`, hex64(watcher.sessionId)],
      [`${root}/zwei`, hex64(watcher.sessionId)],
    ]);
    const bySession = await ask(Watches, servers, '--by-session', ...flags);
    expect(sessionOf(bySession, watcher)).toMatchObject({ count: 2 });

    const who = await ask(Who, servers, `${root}/zwei`, ...flags);
    expect(who).toMatchObject({
      code: 0,
      kind: 'ephemeral',
      owner: { idHex: hex64(owner.sessionId), timeout: 30_000, member: { id: '1' } },
      watchers: [{ idHex: hex64(watcher.sessionId), timeout: 20_000, member: { id: '2' } }],
    });
    const absent = await ask(Who, servers, `${root}/not there`, ...flags);
    expect(absent).toMatchObject({ code: 3, exists: false, watchers: [{ idHex: hex64(watcher.sessionId) }] });
    const persistent = await ask(Who, servers, root, ...flags);
    expect(persistent).toMatchObject({ kind: 'persistent', watchers: [{ idHex: hex64(owner.sessionId) }] });
    expect(persistent.owner).toBeUndefined();
  });
});

describe('sessions', () => {
  it('are those of one client, or of one member, in the order asked for', async () => {
    const three = await sharedEnsemble('three');
    const { owner, watcher } = await twoHolders(three, '/sessions-choice');
    const list = async (...argv: string[]) => ask(List, three.connectString, '--admin', 'off', ...argv);
    const client = sessionOf(await list(), owner)?.client ?? '';
    const one = await list('--client', client);
    expect((one.sessions as Shown[]).map(({ idHex }) => idHex)).toEqual([hex64(owner.sessionId)]);
    expect((await list('--client', '192.0.2.1')).sessions).toEqual([]);
    expect(sessionOf(await list('--client', 'localhost'), owner)).toBeDefined();
    const second = await list('--member', '2');
    expect(sessionOf(second, watcher)).toMatchObject({ ephemerals: 0 });
    expect(sessionOf(second, owner)).toBeUndefined();
    const counts = ((await list('--sort', 'watches')).sessions as Shown[]).map(({ watches = -1 }) => watches);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    const ids = ((await list('--sort', 'member')).sessions as Shown[]).map(({ members }) => members[0]?.id ?? '9');
    expect(ids).toEqual([...ids].sort());
    const light = await list('--light');
    expect(sessionOf(light, owner)).toMatchObject({ connected: true });
    expect(sessionOf(light, owner)).not.toHaveProperty('ephemerals');
    expect(light.sources).toMatchObject({ watches: [] });
  });

  it('without a connection are shown as such, until they expire', async () => {
    const three = await sharedEnsemble('three');
    const [first] = three.members;
    const client = await holder(`${first!.host}:${first!.clientPort}`, { sessionTimeout: 40_000 });
    await client.create('/sessions-away', '', { mode: 'ephemeral' });
    client.session.close(new Error('as if it had died') as never);
    const { host, clientPort } = three.members[1]!;
    const some = await ask(List, 'unused:1', '--members', `2=${host}:${clientPort}`, '--admin', 'off');
    // Of the others nobody knows what connections they have.
    expect(sessionOf(some, client)).toMatchObject({ ephemerals: 1 });
    expect(sessionOf(some, client)).not.toHaveProperty('connected');
    for (const flags of [['--admin', 'off'], admins(three)]) {
      const away = async () => sessionOf(await ask(List, three.connectString, ...flags), client);
      await expect.poll(away).toMatchObject({ connected: false, members: [], ephemerals: 1, kind: 'global' });
    }
    const argv = [hex64(client.sessionId), '-S', three.connectString, '--admin', 'off'];
    const { stdout } = await runCommand(Show, argv, { tty: true });
    expect(stdout).toMatch(
      /^session +0x[0-9a-f]+\nkind +global\nclient +not connected\nephemerals +1\n {2}\/sessions-away\n/,
    );
    const table = await runCommand(List, ['-S', three.connectString, '--admin', 'off'], { tty: true, columns: 100 });
    expect(table.stdout).toMatch(new RegExp(`${hex64(client.sessionId)} +not connected`));
    expect(table.stdout).toMatch(/sessions?, \d+ not connected\n$/);
  });

  it('that are not there are exit code 3, and what is no id is 2', async () => {
    const { connectString } = await sharedEnsemble('three');
    const show = (id: string) => runCommand(Show, [id, '-S', connectString, '--admin', 'off']);
    expect(await show('0x4711')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('there is no session 0x4711'),
    });
    expect(await show('20000d6eabf0000a')).toMatchObject({ code: 2, stderr: expect.stringContaining('is no id') });
    expect(await show('20000d6eabf000a')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('write it as 0x20000d6eabf000a'),
    });
  });

  it('of the shell are listed like any other; our own questions are not', async () => {
    const { connectString } = await sharedEnsemble('three');
    const shell = await holder(connectString);
    const { stdout } = await runCommand(List, ['--admin', 'off', '-o', 'json'], {
      session: async () => shell,
      cwd: '/',
      chosen: { name: undefined, context: { servers: connectString } },
    });
    const { sessions } = JSON.parse(stdout) as { sessions: Shown[] };
    expect(sessions.map(({ idHex }) => idHex)).toContain(hex64(shell.sessionId));
    expect(sessions.every(({ idHex }) => idHex !== '0x0')).toBe(true);
  });

  it('fit a narrow terminal, and are whole rows in a pipe', async () => {
    const three = await sharedEnsemble('three');
    const owner = await holder(three.connectString);
    const argv = ['-S', three.connectString, '--admin', 'off'];
    const wide = await runCommand(List, argv, { tty: true, columns: 140 });
    expect(wide.stdout).toMatch(
      /^SESSION +CLIENT +MEMBER +TIMEOUT +SINCE +LAST +QUEUED +RECEIVED +SENT +EPHEMERALS +WATCHES\n/,
    );
    const narrow = await runCommand(List, argv, { tty: true, columns: 80 });
    expect(narrow.stdout).toMatch(/^SESSION +CLIENT +MEMBER .*EPHEMERALS +WATCHES\n/);
    expect(narrow.stdout).not.toMatch(/SENT/);
    // What kill needs is never cut.
    const least = await runCommand(List, argv, { tty: true, columns: 60 });
    expect(least.stdout).toContain(`${hex64(owner.sessionId)} `);
    const piped = await runCommand(List, argv);
    const row = piped.stdout.split('\n').find((line) => line.startsWith(hex64(owner.sessionId)));
    expect(row?.split('\t')).toHaveLength(12);
  });
});

describe('watches', () => {
  it('are counted per member, with those on children that no server lists', async () => {
    const { connectString, members } = await sharedEnsemble('three');
    const watcher = await holder(`${members[2]!.host}:${members[2]!.clientPort}`);
    const before = await ask(Watches, connectString, '--admin', 'off', '--member', '3');
    await watcher.getChildren('/', { watch: true });
    await watcher.exists('/nobody', { watch: true });
    await watcher.addWatch('/', 'persistent');
    for (const [flags, source] of [
      [['--admin', 'off'], '4lw:wchs'],
      [admins(await sharedEnsemble('three')), 'admin:watch_summary'],
    ] as const) {
      const after = await ask(Watches, connectString, '--member', '3', ...flags);
      const [was, is] = [before, after].map(
        ({ members }) => (members as { watches: number; childWatches: number }[])[0],
      );
      expect(is).toMatchObject({ id: '3', source, watches: was!.watches + 2, childWatches: was!.childWatches + 1 });
    }
    const { stdout } = await runCommand(Watches, ['-S', connectString, '--admin', 'off'], { tty: true });
    expect(stdout).toMatch(/^ID +HOST +CONNECTIONS +PATHS +WATCHES +CHILD_WATCHES +SOURCE\n +1 +127\.0\.0\.1:\d+ /);
  });

  it('are listed with a note that this is heavy, unless --quiet', async () => {
    const { connectString } = await sharedEnsemble('three');
    const watcher = await holder(connectString);
    await watcher.exists('/watches-note', { watch: true });
    const argv = ['--by-session', '-S', connectString, '--admin', 'off'];
    const loud = await runCommand(Watches, argv, { tty: true });
    expect(loud.stderr).toContain('heavy');
    expect(loud.stdout).toMatch(
      new RegExp(`${hex64(watcher.sessionId)}  127\\.0\\.0\\.1:\\d+ on \\d  1 watch\\n  /watches-note`),
    );
    expect(await runCommand(Watches, [...argv, '-q'])).toMatchObject({ stderr: '' });
  });
});

describe('who', () => {
  it('takes a path as it is below a chroot, and shows it from the root', async () => {
    const { connectString } = await sharedEnsemble('three');
    const owner = await holder(connectString);
    await owner.create('/who-chroot');
    await owner.create('/who-chroot/lock', '', { mode: 'ephemeral' });
    const who = await ask(Who, `${connectString}/who-chroot`, '/lock', '--no-watches', '--admin', 'off');
    expect(who).toMatchObject({ path: '/who-chroot/lock', owner: { idHex: hex64(owner.sessionId) }, sources: [] });
    expect(who).not.toHaveProperty('watchers');
    const argv = ['/who-chroot', '-S', connectString, '--admin', 'off'];
    const { stdout } = await runCommand(Who, argv, { tty: true });
    expect(stdout).toBe('/who-chroot is persistent, it has no owner, 0 watchers\n');
  });

  it('does not take a container or a time to live for an owner', async () => {
    const { connectString } = await sharedEnsemble('three');
    const client = await holder(connectString);
    await client.create('/who-container', '', { mode: 'container' });
    await client.create('/who-ttl', '', { mode: 'persistent_with_ttl', ttl: 90_000 });
    for (const path of ['/who-container', '/who-ttl']) {
      const who = await ask(Who, connectString, path, '--no-watches', '--admin', 'off');
      // What a znode's Stat does not tell nobody can know.
      expect(who).toMatchObject({ code: 0, kind: 'persistent' });
      expect(who.owner).toBeUndefined();
    }
  });
});

describe('where members tell nothing', () => {
  const bare = useEnsemble({ servers: 3, bare: true });

  it('the tree tells who owns what, and it is said that this is all', async () => {
    const { connectString } = bare();
    const owner = await holder(connectString);
    const idle = await holder(connectString);
    await owner.create('/bare', '', { mode: 'ephemeral' });
    const list = await ask(List, connectString, '--admin', 'off');
    expect(sessionOf(list, owner)).toMatchObject({ ephemerals: 1 });
    expect(sessionOf(list, owner)).not.toHaveProperty('connected');
    expect(sessionOf(list, idle)).toBeUndefined();
    expect(list.sources).toEqual({ connections: [], ephemerals: 'client', watches: [] });
    expect(list.missing).toContainEqual({
      member: { id: '1', host: expect.any(String) },
      source: '4lw:cons',
      reason: 'not in 4lw.commands.whitelist',
    });
    expect(list.stderr).toContain('these are the ones that own ephemerals, found in the tree');
    const all = await ask(Ephemerals, connectString, '--admin', 'off');
    expect(all).toMatchObject({
      sources: 'client',
      ephemerals: [{ path: '/bare', session: { idHex: hex64(owner.sessionId) } }],
    });
    expect(await ask(Show, connectString, hex64(owner.sessionId), '--admin', 'off')).toMatchObject({
      ephemerals: ['/bare'],
    });
    const unseen = await runCommand(Show, [hex64(idle.sessionId), '-S', connectString, '--admin', 'off']);
    expect(unseen).toMatchObject({ code: 3, stderr: expect.stringContaining('it may be there all the same') });
    const who = await ask(Who, connectString, '/bare', '--admin', 'off');
    expect(who).toMatchObject({
      kind: 'ephemeral',
      owner: { idHex: hex64(owner.sessionId) },
      sources: [],
      watchers: [],
    });
    for (const flags of [['--light'], ['--client', '127.0.0.1'], ['--member', '1']]) {
      const { code, stdout, stderr } = await runCommand(List, ['-S', connectString, '--admin', 'off', ...flags]);
      expect({ code, stdout, stderr }).toEqual({
        code: 4,
        stdout: '',
        stderr: expect.stringContaining('no member tells'),
      });
    }
    for (const flags of [[], ['--by-path'], ['--by-session']]) {
      const { code, stdout, stderr } = await runCommand(Watches, ['-S', connectString, '--admin', 'off', ...flags]);
      expect({ code, stdout, stderr }).toEqual({
        code: 4,
        stdout: '',
        stderr: expect.stringContaining('no member tells'),
      });
    }
  });

  it('AdminServers tell it all, without a single word', async () => {
    const { connectString, members } = bare();
    const owner = await holder(`${members[1]!.host}:${members[1]!.clientPort}`);
    await owner.create('/bare-admin', '', { mode: 'ephemeral' });
    const list = await ask(List, connectString, ...admins(bare()));
    expect(list.stderr).toBe('');
    expect(sessionOf(list, owner)).toMatchObject({ connected: true, ephemerals: 1, members: [{ id: '2' }] });
  });
});

describe('sessions of other servers', () => {
  const local = useEnsemble({
    servers: 3,
    config: { localSessionsEnabled: 'true', localSessionsUpgradingEnabled: 'true' },
  });

  it('that are local are known to their member alone, and said to be', async () => {
    const { connectString, members } = local();
    for (const { host, clientPort } of members) {
      const client = await holder(`${host}:${clientPort}`);
      expect(sessionOf(await ask(List, connectString, '--admin', 'off'), client)).toMatchObject({ kind: 'local' });
      await client.create('/upgraded', '', { mode: 'ephemeral' });
      const upgraded = async () => sessionOf(await ask(List, connectString, '--admin', 'off'), client);
      await expect.poll(upgraded).toMatchObject({ kind: 'global', ephemerals: 1 });
      await client.close();
    }
  });

  it('of an ensemble of 3.4 are told by its words', async () => {
    const old = await ephemeralEnsemble({ servers: 3, version: '3.4.14' });
    const { owner, watcher } = await twoHolders(old, '/old');
    const list = await ask(List, old.connectString, '--wait', '3s');
    expect(sessionOf(list, owner)).toMatchObject({ kind: 'global', connected: true, ephemerals: 2, watches: 1 });
    expect(sessionOf(list, watcher)).toMatchObject({ ephemerals: 0, watches: 2 });
    const who = await ask(Who, old.connectString, '/old/zwei', '--wait', '3s');
    expect(who).toMatchObject({
      owner: { idHex: hex64(owner.sessionId) },
      watchers: [{ idHex: hex64(watcher.sessionId) }],
    });
    watcher.session.close(new Error('as if it had died') as never);
    const away = async () => sessionOf(await ask(List, old.connectString, '--wait', '3s'), watcher);
    await expect.poll(away, { timeout: 10_000 }).toMatchObject({ connected: false });
    const kill = [hex64(owner.sessionId), '-S', old.connectString, '--admin', 'off', '--yes', '-o', 'json'];
    const { code, stdout, stderr } = await runCommand(Kill, kill);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ proof: { gone: 2, unlisted: { source: '4lw:dump' } } });
    await expect.poll(() => owner.state).toBe('LOST');
  });

  it('of 3.5 with a secure port are told by words for the port that was asked alone', async () => {
    const { connectString, secureConnectString = '', tls } = await sharedEnsemble('tls');
    const secure = await holder(secureConnectString, { tls: { ca: tls?.ca, cert: tls?.cert, key: tls?.key } });
    await secure.create('/secure', '', { mode: 'ephemeral' });
    // It is there, and through which port nobody told.
    const plain = sessionOf(await ask(List, connectString, '--admin', 'off'), secure);
    expect(plain).toMatchObject({ members: [], ephemerals: 1 });
    expect(plain).not.toHaveProperty('connected');
    const stores = { '--ca': tls?.ca, '--cert': tls?.cert, '--key': tls?.key };
    const flags = Object.entries(stores).flatMap(([flag, file]) => (file === undefined ? [] : [flag, file]));
    const through = await ask(List, secureConnectString, '--admin', 'off', ...flags);
    expect(sessionOf(through, secure)).toMatchObject({ connected: true });
    const kill = [hex64(secure.sessionId), '-S', secureConnectString, '--admin', 'off', '--yes', ...flags];
    expect(await runCommand(Kill, kill)).toMatchObject({ code: 0, stdout: expect.stringMatching(/ (was|has) ended/) });
    await expect.poll(() => secure.state).toBe('LOST');
  });
});
