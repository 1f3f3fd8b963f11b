import { describe, expect, it, onTestFinished } from 'vitest';
import Kill from '../../commands/sessions/kill.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sessionPassword } from '../../src/ensemble/sessions/password.ts';
import { hex64 } from '../../src/protocol/zxid.ts';
import { sharedEnsemble, sharedRelease, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { holder } from '../support/holders.ts';
import { runCommand } from '../support/run-command.ts';

/** Everything a session tells when it is lost. */
async function lost(client: Client): Promise<string | undefined> {
  for await (const event of client.events()) {
    if (event.type === 'state' && event.state === 'LOST') return event.cause?.code;
  }
  return undefined;
}

function kill(servers: string, id: string, ...argv: string[]) {
  return runCommand(Kill, [id, '-S', servers, '-o', 'json', ...argv]);
}

function member({ members }: TestEnsemble, index: number): string {
  const { host, clientPort } = members[index]!;
  return `${host}:${clientPort}`;
}

/** An onlooker who outlives the victim. */
async function onlooker(servers: string): Promise<Client> {
  const client = await connect(servers);
  onTestFinished(() => client.close());
  return client;
}

describe('sessions kill', () => {
  it.each([
    [
      'by AdminServers',
      (three: TestEnsemble) => three.members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]),
    ],
    ['by four-letter words', () => ['--admin', 'off']],
  ])('ends a session for good: its client is told, its ephemerals go (%s)', async (name, route) => {
    const three = await sharedEnsemble('three');
    const root = `/kill-${name.length}`;
    for (const index of [0, 1, 2]) {
      const victim = await holder(member(three, index));
      const path = `${root}-${index}`;
      await victim.create(path, '', { mode: 'ephemeral' });
      await victim.exists('/', { watch: true });
      const end = lost(victim);
      const { code, stdout, stderr } = await kill(
        three.connectString,
        hex64(victim.sessionId),
        '--yes',
        ...route(three),
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        idHex: hex64(victim.sessionId),
        dryRun: false,
        ended: true,
        connections: [{ member: { host: member(three, index) } }],
        ephemerals: [path],
        watches: ['/'],
        proof: { gone: 1, unlisted: { source: expect.stringMatching(/dump$/) } },
      });
      expect(await end).toBe('SESSION_EXPIRED');
      const left = await onlooker(member(three, index));
      await left.sync('/');
      expect(await left.exists(path)).toBeUndefined();
    }
  });

  it('shows what would go with --dry-run, and leaves it all', async () => {
    const three = await sharedEnsemble('three');
    const victim = await holder(member(three, 0));
    await victim.create('/kill-dry', '', { mode: 'ephemeral' });
    const id = hex64(victim.sessionId);
    const argv = [id, '-S', three.connectString, '--admin', 'off', '--dry-run'];
    const { code, stdout } = await runCommand(Kill, argv, { tty: true });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`Would end session ${id}\n`) });
    expect(stdout).toMatch(/client 127\.0\.0\.1:\d+ on member 1, timeout 30s\nephemeral \/kill-dry\n0 watches\n$/);
    expect(victim.state).toBe('CONNECTED');
    expect(await victim.exists('/kill-dry')).toBeDefined();
  });

  it('asks first, and refuses without --yes where nobody can be asked', async () => {
    const three = await sharedEnsemble('three');
    const victim = await holder(member(three, 0));
    const { code, stderr } = await kill(three.connectString, hex64(victim.sessionId), '--admin', 'off');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--yes') });
    const prompts = { confirm: async () => false } as never;
    const argv = [hex64(victim.sessionId), '-S', three.connectString, '--admin', 'off'];
    const declined = await runCommand(Kill, argv, { tty: true, prompts });
    expect(declined).toMatchObject({ code: 1, stderr: expect.stringContaining('not confirmed') });
    expect(declined.stderr).toContain(`About to end session ${hex64(victim.sessionId)}:\n  client 127.0.0.1:`);
    await victim.exists('/');
    expect(victim.state).toBe('CONNECTED');
  });

  it('says that a session is not there, also one that ended meanwhile', async () => {
    const { connectString } = await sharedEnsemble('three');
    const gone = await connect(connectString);
    const id = hex64(gone.sessionId);
    await gone.close();
    for (const wrong of [id, '0xdead', '4711']) {
      const { code, stderr } = await kill(connectString, wrong, '--yes', '--admin', 'off');
      expect({ wrong, code, stderr }).toEqual({ wrong, code: 3, stderr: expect.stringContaining('"NO_SUCH_SESSION"') });
    }
    for (const bad of ['30000d3f7820000g', '0x', '0', '30000d3f782000a', '99999999999999999999']) {
      const { code, stderr } = await kill(connectString, bad, '--yes');
      expect({ bad, code, stderr }).toEqual({ bad, code: 2, stderr: expect.stringContaining('BAD_SESSION_ID') });
    }
  });

  it('ends the session of a client that is away, so that nobody waits for its timeout', async () => {
    const three = await sharedEnsemble('three');
    const victim = await holder(member(three, 1), { sessionTimeout: 40_000 });
    await victim.create('/kill-away', '', { mode: 'ephemeral' });
    // As a machine that lost its power: the connection goes, the session stays.
    victim.session.close(new Error('gone') as never);
    const { code, stdout } = await kill(three.connectString, hex64(victim.sessionId), '--yes', '--admin', 'off');
    expect({ code, shown: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      shown: { ended: true, ephemerals: ['/kill-away'], proof: { gone: 1 } },
    });
  });

  it('is refused by servers that take authenticated sessions alone, and says so', async () => {
    const { connectString, superSecret } = enforcing();
    const victim = await holder(connectString, { auth: [{ scheme: 'digest', auth: 'app:secret' }] });
    await victim.create('/kill-enforced', '', { mode: 'ephemeral' });
    const { code, stderr } = await kill(connectString, hex64(victim.sessionId), '--yes', '--admin', 'off');
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('it lives on') });
    expect(await victim.exists('/kill-enforced')).toBeDefined();
    const argv = ['--yes', '--admin', 'off', '--auth', `digest:super:${superSecret}`];
    expect(await kill(connectString, hex64(victim.sessionId), ...argv)).toMatchObject({ code: 0 });
  });

  it('leaves a protected context alone unless its name is given', async () => {
    const { connectString } = await sharedEnsemble('three');
    const victim = await holder(connectString);
    const chosen = { name: 'prod', context: { servers: connectString, protected: true } };
    const argv = [hex64(victim.sessionId), '--admin', 'off', '--yes'];
    const refused = await runCommand(Kill, argv, { chosen });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--i-know prod is missing') });
    await victim.exists('/');
    expect(victim.state).toBe('CONNECTED');
    expect(await runCommand(Kill, [...argv, '--i-know', 'prod'], { chosen })).toMatchObject({ code: 0 });
    await expect.poll(() => victim.state).toBe('LOST');
  });

  it('ends also the session of the shell, which is told of it before', async () => {
    const { connectString } = await sharedEnsemble('three');
    const shell = await holder(connectString);
    const questions: string[] = [];
    const confirm = async (question: string) => questions.push(question) > 0;
    const place = {
      tty: true,
      session: async () => shell,
      cwd: '/',
      chosen: { name: undefined, context: { servers: connectString } },
      prompts: { confirm } as never,
    };
    const { code, stdout, stderr } = await runCommand(Kill, [hex64(shell.sessionId), '--admin', 'off'], place);
    expect({ code, questions }).toEqual({ code: 0, questions: [`end session ${hex64(shell.sessionId)}?`] });
    expect(stderr).toContain('it is the session of this shell');
    // The shell, which was told, may have ended it before we did.
    expect(stdout).toMatch(
      /^session 0x[0-9a-f]+ (?:was|has) ended on 127\.0\.0\.1:\d+\n127\.0\.0\.1:\d+ lists it no more\n$/,
    );
    await expect.poll(() => shell.state).toBe('LOST');
  });

  it('fails, and says so, where the only server that is left does not serve', async () => {
    const { code, stderr } = await kill('127.0.0.1:1', '0x4711', '--yes', '--wait', '1s', '--admin', 'off');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('no member serves') });
  });

  const enforcing = useEnsemble({
    servers: 1,
    version: '3.9.5',
    systemProperties: { 'zookeeper.enforce.auth.enabled': 'true', 'zookeeper.enforce.auth.schemes': 'digest' },
  });
});

describe('sessions kill where members tell nothing', () => {
  const bare = useEnsemble({ servers: 3, bare: true });

  it('finds ephemerals in the tree, and ends the session all the same', async () => {
    const victim = await holder(member(bare(), 2));
    await victim.create('/kill-bare', '', { mode: 'ephemeral' });
    const end = lost(victim);
    const { code, stdout, stderr } = await kill(
      bare().connectString,
      hex64(victim.sessionId),
      '--yes',
      '--admin',
      'off',
    );
    expect({ code, shown: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      shown: { ended: true, connections: [], ephemerals: ['/kill-bare'], proof: { gone: 1 } },
    });
    expect(stderr).toContain('not told by');
    expect(await end).toBe('SESSION_EXPIRED');
    const idle = await holder(member(bare(), 0));
    expect(await kill(bare().connectString, hex64(idle.sessionId), '--yes', '--admin', 'off', '-q')).toMatchObject({
      code: 0,
    });
    await expect.poll(() => idle.state).toBe('LOST');
    expect(await kill(bare().connectString, '0x4711', '--yes', '--admin', 'off')).toMatchObject({ code: 3 });
  });
});

describe('sessions kill of local sessions', () => {
  const local = useEnsemble({
    servers: 3,
    config: { localSessionsEnabled: 'true', localSessionsUpgradingEnabled: 'true' },
  });

  it('reaches them on the one member that knows them', async () => {
    for (const index of [0, 1, 2]) {
      const victim = await holder(member(local(), index));
      const end = lost(victim);
      const { code, stdout } = await kill(local().connectString, hex64(victim.sessionId), '--yes', '--admin', 'off');
      expect({ code, shown: JSON.parse(stdout) }).toMatchObject({
        code: 0,
        shown: { kind: 'local', ended: true, on: { host: member(local(), index) } },
      });
      expect(await end).toBe('SESSION_EXPIRED');
    }
  });
});

describe('sessions kill on every release', () => {
  it.each(['3.4.14', '3.5.10', '3.8.4', '3.9.5'])('of ZooKeeper %s', async (release) => {
    const { connectString } = await sharedRelease(release);
    const victim = await holder(connectString);
    await victim.create('/kill-release', '', { mode: 'ephemeral' });
    const end = lost(victim);
    const { code, stdout, stderr } = await kill(connectString, hex64(victim.sessionId), '--yes', '--admin', 'off');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ ended: true, proof: { gone: 1 } });
    expect(await end).toBe('SESSION_EXPIRED');
  });
});

it('knows the password of a session as servers make it', () => {
  expect(sessionPassword(0x1000031c10f0008n).toString('hex')).toBe('dc1f285114a84e6003d302b61a4a1ce2');
});
