import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/member.ts';
import { parseProperties } from '../../src/config/properties-file.ts';
import { sameConfig } from '../../src/config/roll-out/config-change.ts';
import { editedFile, unifiedDiff } from '../../src/config/tune/patch.ts';
import { type Home, journalsIn, told, useHome } from '../support/local-home.ts';
import { until } from '../support/until.ts';

const SOON = ['--stability', '300ms', '--recover', '20s', '--no-canary', '--yes'];

/** A file that is there while the tests of a block run. */
function useFiles(): (name: string, text: string) => Promise<string> {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zksh-apply-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  return async (name, text) => {
    const path = join(directory, name);
    await writeFile(path, text, 'latin1');
    return path;
  };
}

function settings(text: string): Record<string, string> {
  return Object.fromEntries(readConfigFile('', text).settings.map(({ key, value }) => [key, value]));
}

function patchOf(text: string, edits: Record<string, string>): string {
  const pieces = parseProperties(text);
  const after = editedFile(
    pieces,
    Object.entries(edits).map(([key, value]) => ({ key, value })),
  );
  return unifiedDiff('zoo.cfg', pieces, after);
}

/** How often a step was begun to be taken back, by all journals. */
async function undoings(home: Home): Promise<number> {
  const texts = (await journalsIn(home)).map((name) => readFile(join(home.journals, name), 'utf8'));
  return (await Promise.all(texts)).join('').split('"type":"undoing"').length - 1;
}

const configs = (home: Home): Promise<string[]> => Promise.all([1, 2, 3].map((id) => home.configText(id)));

describe('zksh rolling apply', { timeout: 180_000 }, () => {
  const home = useHome('applied');
  const file = useFiles();

  it('shows what changes where with --dry-run, and changes nothing', async () => {
    const before = await configs(home());
    const path = await file('zoo.cfg', `${before[0]}snapCount=50000\n`);
    const { code, stdout } = await home().run(['rolling', 'apply', '--config', path, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/On member 1, member 2, member 3: snapCount not set → 50000\./);
    expect(stdout).toMatch(/Each member keeps its own .*dataDir/);
    expect(stdout).toMatch(/apply the configuration to member \d +it tries it first; a follower/);
    expect(await configs(home())).toEqual(before);
    expect(await journalsIn(home())).toEqual([]);
  });

  it('brings a whole zoo.cfg to all members, each of which keeps its own, and then has nothing to do', async () => {
    const before = await configs(home());
    const pids = await home().pids();
    const path = await file('zoo.cfg', `${before[0]}snapCount=50000\n`);
    const flags = ['--stability', '300ms', '--yes', '-o', 'json'];
    const { code, stdout, stderr } = await home().run(['rolling', 'apply', '--config', path, ...flags]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as { steps: { why: string }[]; done: string[] };
    expect(report).toMatchObject({ kind: 'rolling apply', canary: { lost: 0, wrong: [] } });
    expect(report.steps.map(({ why }) => why.split(':')[0])).toEqual([
      'it tries it first; a follower',
      'a follower',
      'the leader',
    ]);
    expect(report.done).toHaveLength(3);
    for (const [i, text] of (await configs(home())).entries())
      expect(settings(text)).toEqual({ ...settings(before[i] ?? ''), snapCount: '50000' });
    expect((await home().pids()).filter((pid, i) => pid === pids[i])).toEqual([]);

    const again = await home().run(['rolling', 'apply', '--config', path, '--yes']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing to do/) });
  });

  it('refuses what config lint calls an error, before anything is begun', async () => {
    const before = await configs(home());
    const pids = await home().pids();
    const journals = await journalsIn(home());
    const path = await file('bad.patch', patchOf(before[0] ?? '', { tickTime: 'soon' }));
    const { code, stderr } = await home().run(['rolling', 'apply', '--config', path, ...SOON]);
    expect(code).toBe(8);
    expect(stderr).toMatch(/the configuration has 3 errors: .*tickTime/);
    expect(await configs(home())).toEqual(before);
    expect(await home().pids()).toEqual(pids);
    expect(await journalsIn(home())).toEqual(journals);
  });

  it('takes it back from the first when that does not return with it, and touches no other', async () => {
    const before = await configs(home());
    const pids = await home().pids();
    // No rule can see that this directory cannot be made there.
    const path = await file('log.patch', patchOf(before[0] ?? '', { dataLogDir: '/proc/nowhere/log' }));
    const { code, stderr } = await home().run(['rolling', 'apply', '--config', path, ...SOON]);
    expect(code).toBe(8);
    expect(stderr).toMatch(/member \d failed and was taken back, all is as before it; what failed/);
    expect(stderr).toMatch(/DatadirException/);
    expect(stderr).toMatch(/0 of 3 steps are done/);
    const after = await configs(home());
    expect(after.map((text, i) => sameConfig(text, before[i] ?? ''))).toEqual([true, true, true]);
    const touched = (await home().pids()).filter((pid, i) => pid !== pids[i]);
    expect(touched).toHaveLength(1);
    const { stdout } = await home().run(['rolling', 'status', '-o', 'json']);
    expect((JSON.parse(stdout) as object[]).at(-1)).toMatchObject({ state: 'stopped', done: 0 });
    expect((await home().run(['status'])).code).toBe(0);

    const aborted = await home().run(['rolling', 'abort', '--yes', '--stability', '300ms']);
    expect(aborted).toMatchObject({ code: 0, stdout: expect.stringMatching(/0 of 3 steps stay done/) });
    expect(await configs(home())).toEqual(after);
  });

  it('killed while it is taken back, is taken back first by resume, and by abort', async () => {
    const before = await configs(home());
    const path = await file('log.patch', patchOf(before[0] ?? '', { dataLogDir: '/proc/nowhere/log' }));
    const asBefore = async (): Promise<boolean[]> =>
      (await configs(home())).map((text, i) => sameConfig(text, before[i] ?? ''));
    /** Kills it when that holds after it began to take back. */
    const killed = async (argv: readonly string[], when: () => Promise<boolean>): Promise<void> => {
      const known = await undoings(home());
      const { child, ended } = home().start(argv);
      await until('it to be taken back', async () => (await undoings(home())) > known && (await when()), 60_000);
      child.kill('SIGKILL');
      expect((await ended).code).toBe(null);
    };
    await killed(['rolling', 'apply', '--config', path, ...SOON], async () => true);
    expect((await home().run(['rolling', 'status', '-o', 'text'])).stdout).toMatch(/to member \d, being taken back/);
    const resumed = await home().run(['rolling', 'resume', ...SOON]);
    // The gates after the step would hold for the old configuration, too: it must not pass for done.
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toMatch(
      /member \d failed and was taken back, all is as before it; what failed: [\s\S]*0 of 3 steps are done/,
    );
    expect(await asBefore()).toEqual([true, true, true]);
    expect((await home().run(['status'])).code).toBe(0);

    await killed(['rolling', 'resume', ...SOON], async () => !(await asBefore()).includes(false));
    const aborted = await home().run(['rolling', 'abort', '--yes', '--stability', '300ms']);
    expect(aborted).toMatchObject({ code: 0, stdout: expect.stringMatching(/0 of 3 steps stay done/) });
    expect(await asBefore()).toEqual([true, true, true]);
    expect((await home().run(['status'])).code).toBe(0);
  });

  it('is taken back from all that have it by abort, one by one, also when that is killed in the middle', async () => {
    const before = await configs(home());
    const path = await file('count.patch', patchOf(before[0] ?? '', { snapCount: '60000' }));
    const { child, ended } = home().start(['rolling', 'apply', '--config', path, ...SOON]);
    const said = told(child.stderr);
    await until('the second step', () => said().includes('2/3 apply'), 60_000);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const counts = async (): Promise<(string | undefined)[]> =>
      (await configs(home())).map((text) => settings(text).snapCount).sort();
    expect(await counts()).toEqual(['50000', '60000', '60000']);
    const first = home().start(['rolling', 'abort', '--yes', '--stability', '300ms']);
    await until('one to be taken back', async () => (await counts())[1] === '50000', 60_000);
    first.child.kill('SIGKILL');
    await first.ended;
    // One that was done has its old configuration, or is about to: going on would leave it out.
    const resumed = await home().run(['rolling', 'resume', ...SOON]);
    expect(resumed).toMatchObject({ code: 6, stderr: expect.stringContaining('somebody began to end it') });
    const aborted = await home().run(['rolling', 'abort', '--yes', '--stability', '300ms']);
    expect(aborted).toMatchObject({ code: 0, stdout: expect.stringMatching(/0 of 3 steps stay done/) });
    expect(await counts()).toEqual(['50000', '50000', '50000']);
    expect((await home().run(['status'])).code).toBe(0);
  });

  it('leaves alone what somebody else changed meanwhile, and says so', async () => {
    const before = await configs(home());
    const path = await file('other.patch', patchOf(before[0] ?? '', { snapCount: '70000' }));
    const { child, ended } = home().start(['rolling', 'apply', '--config', path, ...SOON]);
    const said = told(child.stderr);
    await until('the first step', () => said().includes('1/3 apply'), 60_000);
    const first = Number(/1\/3 apply the configuration to member (\d)/.exec(said())?.[1]);
    const others = [1, 2, 3].filter((id) => id !== first);
    for (const id of others) await writeFile(home().config(id), `${before[id - 1]}globalOutstandingLimit=500\n`);
    const { code, stderr } = await ended;
    for (const id of others) await writeFile(home().config(id), before[id - 1] ?? '');
    expect(code).toBe(6);
    expect(stderr).toMatch(/is not as it was: somebody else changed it/);
    expect(stderr).toMatch(/1 of 3 steps are done/);
    const resumed = await home().run(['rolling', 'resume', ...SOON]);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/done rolling apply of applied: 3 steps/) });
    expect((await configs(home())).map((text) => settings(text).snapCount)).toEqual(['70000', '70000', '70000']);
  });

  it('killed while a member restarts with it, is gone on with by resume', async () => {
    const before = await configs(home());
    const path = await file('killed.patch', patchOf(before[0] ?? '', { snapCount: '80000' }));
    const { child, ended } = home().start(['rolling', 'apply', '--config', path, ...SOON]);
    const written = async (): Promise<boolean> =>
      (await configs(home())).some((text) => settings(text).snapCount === '80000');
    await until('the first file to be written', written, 60_000);
    child.kill('SIGKILL');
    await ended;
    const resumed = await home().run(['rolling', 'resume', ...SOON]);
    expect({ code: resumed.code, stderr: resumed.code === 0 ? '' : resumed.stderr }).toEqual({ code: 0, stderr: '' });
    expect((await configs(home())).map((text) => settings(text).snapCount)).toEqual(['80000', '80000', '80000']);
  });
});
