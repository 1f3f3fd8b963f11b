import { exec } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findZooKeeper } from '../../src/local/installation.ts';
import { claimPorts } from '../../src/local/ports.ts';
import { startZksh, zksh } from '../support/built.ts';
import { entriesIn, journalNames, newJournal } from '../support/journal-lines.ts';
import { until } from '../support/until.ts';

/** A local ensemble of three and an observer, and the context that `local up` made for it. */
describe('the commands that change who the members are', () => {
  let home = '';
  let env: Record<string, string> = {};
  let auth = '';
  const run = (...argv: string[]) => zksh(argv, { env });
  const change = (...argv: string[]) =>
    run('member', ...argv, '--auth', auth, '--yes', '--no-canary', '--stability', '300ms');

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'zksh-member-'));
    env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_STATE_HOME: join(home, 'state'), HOME: home };
    const up = await run('local', 'up', 'members', '--servers', '3', '--observers', '1', '-o', 'json');
    expect(up.code).toBe(0);
    const { superAuth } = JSON.parse(up.stdout);
    auth = `digest:${superAuth.user}:file:${superAuth.secretFile}`;
  }, 120_000);
  afterAll(async () => {
    await run('local', 'down', 'members', '--yes');
    await rm(home, { recursive: true, force: true });
  }, 60_000);

  const freePorts = (count: number) => claimPorts('127.0.0.1', count, home);

  async function servers(): Promise<string[]> {
    const { contexts } = JSON.parse(await readFile(join(home, 'config', 'zksh', 'contexts.json'), 'utf8'));
    return contexts.members.servers.split(',');
  }

  it('lists the members with their part, what they are, and their machine', async () => {
    const { code, stdout } = await run('member', 'list', '-o', 'json');
    expect(code).toBe(0);
    const members = JSON.parse(stdout);
    expect(members).toHaveLength(4);
    expect(members[3]).toMatchObject({
      id: '4',
      configured: 'observer',
      seen: 'observer',
      host: { kind: 'local', name: 'member 4 of members' },
      problems: [],
    });
    const csv = await run('member', 'list', '-o', 'csv');
    expect(csv.stdout.split('\n')[0]?.trim()).toBe('id,role,seen,address,server,host,problems');
  });

  it('shows a plan with its gates, and does nothing', async () => {
    const { code, stdout } = await run('member', 'promote', '4', '--dry-run', '--auth', auth);
    expect(code).toBe(0);
    expect(stdout).toMatch(/member promote of members, 1 step,/);
    expect(stdout).toMatch(/open {2}reconfig-enabled: the leader takes reconfigurations/);
    expect(stdout).toContain('With 4 voters the ensemble bears no more failures than with 3');
    expect((await run('member', 'list', '-o', 'json')).stdout).toContain('"configured": "observer"');
  });

  it('needs the super user, and says so', async () => {
    const { code, stderr } = await run('member', 'promote', '4', '--yes', '--no-canary');
    expect(code).toBe(4);
    expect(stderr).toContain('the ACL of /zookeeper/config does not permit it');
    expect(stderr).toContain('--auth digest:super:file:PATH');
    // It is found before anything is begun.
    expect(stderr).toContain('reconfig-permitted');
    expect((await run('rolling', 'abort', '--yes')).code).toBe(3);
  });

  it('promotes, demotes and removes, and the context follows', { timeout: 120_000 }, async () => {
    expect(await change('promote', '4')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('done member promote'),
    });
    const before = await servers();
    const removed = await change('remove', '4');
    expect(removed.code).toBe(0);
    const gone = before.filter((server) => !removed.stderr.split('connects to')[1]?.includes(server));
    expect(await servers()).toEqual(before.filter((server) => !gone.includes(server)));
    expect(before.length - (await servers()).length).toBe(1);
    expect((await change('remove', '9')).code).toBe(3);
    expect((await change('demote', 'three')).code).toBe(2);
    const { code, stdout } = await run('member', 'list', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[3]).toMatchObject({ id: '4', problems: ['in the inventory, and no member'] });
  });

  it('moves the leader to other ports, and the context and the local ensemble follow', {
    timeout: 60_000,
  }, async () => {
    const members = JSON.parse((await run('member', 'list', '-o', 'json')).stdout) as { id: string; seen: string }[];
    const id = members.find(({ seen }) => seen === 'leader')?.id ?? '';
    const [quorum, election, client] = await freePorts(3);
    const line = `127.0.0.1:${quorum}:${election}:participant;127.0.0.1:${client}`;
    const plan = await run('member', 'move', id, '--line', line, '--dry-run', '--auth', auth);
    expect(plan.stdout).toMatch(/member move of members, 1 step,.*open {2}new-ports-free: 127.0.0.1:\d+/s);
    expect(await change('move', id, '--line', line)).toMatchObject({ code: 0 });
    expect((await servers())[Number(id) - 1]).toBe(`127.0.0.1:${client}`);
    expect(await run('local', 'restart', id, '--name', 'members')).toMatchObject({ code: 0 });
    expect((await run('member', 'list', '-o', 'json')).stdout).toContain(`127.0.0.1:${client}`);
    expect((await change('move', id, '--line', line)).stdout).toContain('nothing to do');
    expect((await change('move', id, '--line', line.replace('127.0.0.1:', '192.0.2.7:'))).code).toBe(8);
  });

  it('lets the context follow, too, when another process makes the end of the change', {
    timeout: 120_000,
  }, async () => {
    const before = await servers();
    const argv = ['--auth', auth, '--yes', '--no-canary', '--stability', '300ms'];
    const journals = join(home, 'state', 'zksh', 'changes');
    const known = await journalNames(journals);
    const { child, ended } = startZksh(['member', 'remove', '3', ...argv], { env });
    const acted = async () => entriesIn(await newJournal(journals, known)).some(({ type }) => type === 'acted');
    await until('the reconfiguration', acted, 60_000);
    child.kill('SIGKILL');
    await ended;
    expect(await servers()).toEqual(before);
    const resumed = await run('rolling', 'resume', ...argv);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('done member remove') });
    expect(resumed.stderr).toContain(`connects to ${(await servers()).join()} from now on`);
    expect(await servers()).toHaveLength(before.length - 1);
  });

  /** Members 1 to 3 as they are, and what is given besides. */
  async function ensembleFile(...more: object[]): Promise<string> {
    const { members: files } = JSON.parse((await run('member', 'inventory', '-o', 'json')).stdout);
    const members = JSON.parse((await run('member', 'list', '-o', 'json')).stdout) as { id: string; server: string }[];
    const entries = members.map(({ id, server }, i) => ({
      id,
      server,
      files: { config: files[i].files.config, dataDir: files[i].files.config.replace('zoo.cfg', 'data') },
    }));
    const path = join(home, 'prod.yaml');
    const defaults = { host: 'local', service: { start: 'true', stop: 'true', status: 'false' } };
    const lines = [...entries, ...more].map((entry) => `  - ${JSON.stringify(entry)}\n`);
    await writeFile(
      path,
      `name: prod\ncontext: members\ndefaults: ${JSON.stringify(defaults)}\nmembers:\n${lines.join('')}`,
    );
    return path;
  }

  it('refuses what the data directory of a new server holds, and an id in use', async () => {
    const path = await ensembleFile();
    const { code, stderr } = await change('add', '4', '--ensemble', path);
    expect(code).toBe(8);
    expect(stderr).toMatch(/member 4 cannot join from .*data is not empty: it has .*version-2/);
    expect((await change('add', '2', '--ensemble', path)).stderr).toContain('there is a member 2 already');
  });

  it('adds a new server, and the context follows', { timeout: 90_000 }, async () => {
    const [quorum, election, client, admin] = await freePorts(4);
    const own = join(home, 'five');
    await mkdir(own);
    const { classPath } = await findZooKeeper({});
    const java = `java -Xmx128m -cp '${classPath.join(':')}' org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg`;
    const service = {
      start: `cd ${own} && (${java} >server.log 2>&1 & echo $! >pid)`,
      stop: `kill $(cat ${own}/pid); while kill -0 $(cat ${own}/pid) 2>/dev/null; do sleep 0.1; done`,
      status: `test -f ${own}/pid && kill -0 $(cat ${own}/pid)`,
    };
    const path = await ensembleFile({
      id: '5',
      server: `127.0.0.1:${quorum}:${election};127.0.0.1:${client}`,
      files: { config: `${own}/zoo.cfg`, dataDir: `${own}/data` },
      service,
    });
    const settings = ['--ensemble', path, '--set', `admin.serverPort=${admin}`];
    const dry = await run('member', 'add', '5', ...settings, '--dry-run', '--auth', auth);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('take member 5 in as a participant') });
    expect(await readdir(own)).toEqual([]);
    const before = await servers();
    const { code, stdout, stderr } = await change('add', '5', ...settings, '-o', 'json');
    try {
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout).done).toEqual(['prepare-5', 'start-5', 'add-5']);
      expect(await servers()).toEqual([...before, `127.0.0.1:${client}`]);
      const listed = JSON.parse((await run('member', 'list', '-o', 'json')).stdout) as object[];
      expect(listed.at(-1)).toMatchObject({ id: '5', configured: 'participant', seen: 'follower' });
      const removed = await change('remove', '5', '--ensemble', path);
      expect(removed.stdout).toContain('done member remove of prod: 2 steps');
      expect(await servers()).toEqual(before);
    } finally {
      await promisify(exec)(`${service.status} && (${service.stop}) || true`);
    }
  });

  it('moves a member to where the ensemble file has it', { timeout: 60_000 }, async () => {
    const path = await ensembleFile();
    const [old = ''] = await servers();
    const [client] = await freePorts(1);
    const before = await readFile(path, 'utf8');
    await writeFile(path, before.replace(`;${old}`, `;127.0.0.1:${client}`));
    expect(await change('move', '1', '--ensemble', path)).toMatchObject({ code: 0 });
    expect((await servers())[0]).toBe(`127.0.0.1:${client}`);
    // A file that is behind hides no member that serves.
    await writeFile(path, before);
    const { stdout } = await run('rolling', 'restart', '--dry-run', '--ensemble', path, '--admin', 'off');
    expect(stdout).toMatch(/restart member 1 +(?:a follower|the leader)/);
  });
});
