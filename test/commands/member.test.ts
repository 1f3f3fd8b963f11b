import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    expect(stdout).toMatch(/member promote of members, 1 steps/);
    expect(stdout).toMatch(/open {2}reconfig-enabled: the leader takes reconfigurations/);
    expect(stdout).toContain('With 4 voters the ensemble bears no more failures than with 3');
    expect((await run('member', 'list', '-o', 'json')).stdout).toContain('"configured": "observer"');
  });

  it('needs the super user, and says so', async () => {
    const { code, stderr } = await run('member', 'promote', '4', '--yes', '--no-canary');
    expect(code).toBe(4);
    expect(stderr).toContain('the ACL of /zookeeper/config does not permit it');
    expect(stderr).toContain('--auth digest:super:file:PATH');
    expect((await run('rolling', 'abort', '--yes')).code).toBe(0);
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

  it('reads of a new server from the ensemble file, and refuses what its data directory holds', async () => {
    const { stdout } = await run('member', 'list', '-o', 'json');
    const members = JSON.parse(stdout) as { id: string; server: string }[];
    const { members: files } = JSON.parse((await run('member', 'inventory', '-o', 'json')).stdout);
    const entries = members.map(({ id, server }, i) =>
      JSON.stringify({
        id,
        server,
        files: { config: files[i].files.config, dataDir: files[i].files.config.replace('zoo.cfg', 'data') },
      }),
    );
    const path = join(home, 'prod.yaml');
    const service = { start: 'true', stop: 'true', status: 'false' };
    await writeFile(
      path,
      `name: prod\ncontext: members\ndefaults: {host: local, service: ${JSON.stringify(service)}}\nmembers:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`,
    );
    const { code, stderr } = await change('add', '4', '--ensemble', path);
    expect(code).toBe(8);
    expect(stderr).toMatch(/member 4 cannot join from .*data is not empty: it has .*version-2/);
    expect((await change('add', '2', '--ensemble', path)).stderr).toContain('there is a member 2 already');
  });
});
