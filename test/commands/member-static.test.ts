import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planMember } from '../../src/local/plan.ts';
import { memberDirectory, readRecord, writeRecord } from '../../src/local/record.ts';
import { ensembleDirectory } from '../../src/local/spec.ts';
import { startZksh, zksh } from '../support/built.ts';
import { until } from '../support/until.ts';

/** Where zksh is killed: with a voter stopped, while the joiner restarts, and between the deed and its evidence. */
const KILLS = ['add-4-aside-1 done', 'add-4-follow-4 act', 'add-4-back-1 acted'];

/** A local ensemble of three of 3.4, which knows no reconfiguration. */
describe('the commands that change who the members are, on 3.4', () => {
  let home = '';
  let env: Record<string, string> = {};
  const run = (...argv: string[]) => zksh(argv, { env });

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'zksh-member-static-'));
    env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_STATE_HOME: join(home, 'state'), HOME: home };
    env.XDG_CACHE_HOME = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache');
    expect((await run('local', 'up', 'old', '--version', '3.4.14')).code).toBe(0);
    await layDownFourth();
  }, 120_000);
  afterAll(async () => {
    await run('local', 'down', 'old', '--yes');
    await rm(home, { recursive: true, force: true });
  }, 60_000);

  /** A machine with a zoo.cfg that lists nobody yet. */
  async function layDownFourth(): Promise<void> {
    const record = (await readRecord({ name: 'old', stateDir: join(home, 'state', 'zksh', 'local') }))!;
    const directory = ensembleDirectory(record.spec);
    const identity = { id: 4, host: '127.0.0.1', role: 'participant' as const };
    const member = await planMember(identity, record.spec, record.zookeeper.version, directory);
    await writeRecord({ ...record, members: [...record.members, member] });
    const own = memberDirectory(directory, 4);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'zoo.cfg'), `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=${join(own, 'data')}\n`);
  }

  async function journal(): Promise<string[]> {
    const folder = join(home, 'state', 'zksh', 'changes');
    const [name] = await readdir(folder).catch(() => []);
    const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .map(({ step, type }) => `${step} ${type}`);
  }

  it('show a plan that says how and why, and do nothing', async () => {
    const { code, stdout } = await run('member', 'add', '4', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Members are changed by the list in the file of each.*3\.4\.14 has no/s);
    expect(stdout).toContain('stop member 1, with the new list');
    expect(stdout).toContain('1 more may fail now, 0 while it is made, 1 after it');
    const refused = await run('member', 'remove', '3', '--dry-run');
    expect(refused.code).toBe(8);
    expect(refused.stderr).toMatch(/cannot be made safely: member \d would not find a leader again/);
    expect((await run('member', 'demote', '3', '--dry-run')).code).toBe(8);
    expect(await journal()).toEqual([]);
  });

  it('add a member through three kills, and remove another', { timeout: 240_000 }, async () => {
    const flags = ['--yes', '--no-canary', '--stability', '300ms'];
    let argv = ['member', 'add', '4', ...flags];
    for (const at of KILLS) {
      const { child, ended } = startZksh(argv, { env });
      await until(at, async () => child.exitCode !== null || (await journal()).includes(at), 60_000);
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ code: null, stderr: expect.not.stringContaining('error') });
      argv = ['rolling', 'resume', ...flags];
    }
    const added = await run(...argv);
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('done member add') });
    const removed = await run('member', 'remove', '2', ...flags);
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('done member remove') });
    const seen = JSON.parse((await run('status', '-o', 'json')).stdout);
    expect(JSON.stringify(seen)).toContain('leader');
    expect((await run('member', 'remove', '9', '--dry-run')).code).toBe(3);
  });
});
