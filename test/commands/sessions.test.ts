import { describe, expect, it } from 'vitest';
import Ephemerals from '../../commands/ephemerals.ts';
import List from '../../commands/sessions/list.ts';
import Show from '../../commands/sessions/show.ts';
import Watches from '../../commands/watches.ts';
import Who from '../../commands/who.ts';
import type { Client } from '../../src/client/client.ts';
import { hex64 } from '../../src/protocol/zxid.ts';
import {
  ephemeralEnsemble,
  sharedEnsemble,
  sharedRelease,
  type TestEnsemble,
  useEnsemble,
} from '../support/ensembles.ts';
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
