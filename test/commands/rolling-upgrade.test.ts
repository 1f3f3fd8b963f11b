import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { entriesOf, type Scripted, useReleases } from '../support/linked-releases.ts';
import { until } from '../support/until.ts';
import { WriteLoad } from '../support/write-load.ts';

const SOON = ['--stability', '300ms', '--recover', '15s', '--yes'];
const QUICK = ['--stability', '300ms', '--recover', '5s', '--yes', '--no-canary'];
const link = (directory: string): string => `ln -sfn ${directory}/releases/{version} ${directory}/m{id}/current`;

const both = ({ directory }: Scripted, from = link(directory)): string[] => [
  '--service-command',
  from,
  '--undo-command',
  link(directory),
];

async function newest({ journals }: Scripted): Promise<string> {
  const names = (await readdir(journals).catch(() => [])).sort();
  return join(journals, names.at(-1) ?? '');
}

describe('zksh rolling upgrade', { timeout: 240_000 }, () => {
  const scripted = useReleases(['3.8.0', '3.9.5', 'broken']);

  it('shows the plan with what runs where, and changes nothing', async () => {
    const { run, directory, links, releases } = scripted();
    const { code, stdout, stderr } = await run([
      'rolling',
      'upgrade',
      '--to',
      '3.9.5',
      ...both(scripted()),
      '--dry-run',
    ]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/upgrade member \d from 3\.8\.0 to 3\.9\.5 +it tries it first; a follower/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(
        `On the machine of member (\\d), .* ln -sfn ${directory}/releases/3\\.9\\.5 ${directory}/m\\1/current`,
      ),
    );
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`ln -sfn ${directory}/releases/3.8.0`);
    expect(await links()).toEqual(['3.8.0', '3.8.0', '3.8.0']);
    expect(await releases()).toEqual(['3.8.0', '3.8.0', '3.8.0']);
  });

  it('refuses what the releases do not bear, before anything is begun', async () => {
    const refused = async (to: string) =>
      await scripted().run(['rolling', 'upgrade', '--to', to, ...both(scripted()), '--yes']);
    expect(await refused('3.7.2')).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/3\.8\.0 to 3\.7\.2.*older release[\s\S]*rolling abort/),
    });
    expect(await refused('4.0.0')).toMatchObject({ code: 8 });
    expect(await refused('3.9')).toMatchObject({ code: 2, stderr: expect.stringContaining('Give it whole') });
    expect(
      await scripted().run(['rolling', 'upgrade', '--to', '3.9.5', '--service-command', "echo '{id}'"]),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('{id} stands inside quotes'),
    });
    expect(await readdir(scripted().journals).catch(() => [])).toEqual([]);
  });

  it('takes the first back when it does not come up with the release, and touches no other', async () => {
    const { run, directory, links, releases } = scripted();
    const broken = `ln -sfn ${directory}/releases/broken ${directory}/m{id}/current`;
    const { code, stderr } = await run(['rolling', 'upgrade', '--to', '3.9.5', ...both(scripted(), broken), ...QUICK]);
    expect({ code, stderr }).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(
        /upgrade member \d from 3\.8\.0 to 3\.9\.5 failed and was taken back, all is as before it/,
      ),
    });
    expect(stderr).toContain('0 of 3 steps are done');
    expect(await links()).toEqual(['3.8.0', '3.8.0', '3.8.0']);
    expect(await releases()).toEqual(['3.8.0', '3.8.0', '3.8.0']);
    expect(await run(['rolling', 'abort', '--yes', '--stability', '300ms'])).toMatchObject({ code: 0 });
  });

  it('believes the member, and not the command that ended well', async () => {
    const { run, releases } = scripted();
    const { code, stderr } = await run([
      'rolling',
      'upgrade',
      '--to',
      '3.9.5',
      ...both(scripted(), 'true'),
      ...SOON,
      '--no-canary',
    ]);
    expect({ code, stderr }).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/release-as-wanted: member \d tells 3\.8\.0 \(4lw:\w+\), not 3\.9\.5/),
    });
    expect(await releases()).toEqual(['3.8.0', '3.8.0', '3.8.0']);
    expect(await run(['rolling', 'abort', '--yes', '--stability', '300ms'])).toMatchObject({ code: 0 });
  });

  it('leaves a member whose command failed stopped when there is no way back, and abort starts it', async () => {
    const { run, releases } = scripted();
    const argv = ['rolling', 'upgrade', '--to', '3.9.5', '--service-command', 'echo no such package >&2; exit 3'];
    const { code, stderr } = await run([...argv, ...SOON, '--no-canary']);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/exit code 3: no such package; the service is stopped/),
    });
    expect((await releases()).filter((one) => one === undefined)).toHaveLength(1);
    expect(await run(['rolling', 'abort', '--yes', '--stability', '300ms'])).toMatchObject({ code: 0 });
    await until('all three', async () => (await releases()).every((one) => one === '3.8.0'));
  });

  it('is taken back by abort also from members that had been upgraded', async () => {
    const { run, directory, links, releases } = scripted();
    const once = `[ -e ${directory}/once ] && exit 1; touch ${directory}/once; ${link(directory)}`;
    const { code, stderr } = await run(['rolling', 'upgrade', '--to', '3.9.5', ...both(scripted(), once), ...QUICK]);
    expect({ code, stderr }).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/taken back.*1 of 3 steps are done/),
    });
    expect((await links()).filter((one) => one === '3.9.5')).toHaveLength(1);
    const aborted = await run(['rolling', 'abort', '--yes', '--stability', '300ms']);
    expect(aborted).toMatchObject({ code: 0, stdout: expect.stringContaining('0 of 3 steps stay done') });
    expect(await releases()).toEqual(['3.8.0', '3.8.0', '3.8.0']);
  });

  it('is resumed after it was killed between stop and start, and brings all to the release under load', async () => {
    const { start, run, directory, servers, releases, links } = scripted();
    const client = await connect(servers);
    onTestFinished(() => client.close());
    await client.create('/load', '');
    const load = new WriteLoad(client, '/load', 2);
    // The command waits where it is killed: the service is stopped, and the link not set yet.
    const gate = join(directory, 'go-on');
    const slow = `touch ${directory}/at-m{id}; while [ ! -e ${gate} ]; do sleep 0.05; done; ${link(directory)}`;
    const { child, ended } = start(['rolling', 'upgrade', '--to', '3.9.5', ...both(scripted(), slow), ...SOON]);
    await until('the command', async () => (await readdir(directory)).some((name) => name.startsWith('at-m')), 60_000);
    child.kill('SIGKILL');
    await ended;
    await writeFile(gate, '');
    const { code, stdout, stderr } = await run(['rolling', 'resume', ...SOON, '-o', 'json']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: 'rolling upgrade', canary: { lost: 0, wrong: [] } });
    expect(report.done).toHaveLength(3);
    expect(report.steps.at(-1).why).toContain('the leader: last');
    expect(await releases()).toEqual(['3.9.5', '3.9.5', '3.9.5']);
    expect(await links()).toEqual(['3.9.5', '3.9.5', '3.9.5']);
    await load.stop();
    expect(load.acknowledged.length).toBeGreaterThan(100);
    expect(await load.contradictions(client)).toEqual([]);
    const entries = await entriesOf(await newest(scripted()));
    const acts = entries.filter(({ type }) => type === 'act').map(({ step }) => step);
    // The step that was killed was done again.
    expect(acts).toHaveLength(4);
    expect(new Set(acts).size).toBe(3);
    const again = await run(['rolling', 'upgrade', '--to', '3.9.5', ...both(scripted()), '--yes']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing to do/) });
  });

  it('leaves out members that run it already', async () => {
    const { run, directory, links, releases } = scripted();
    // Backwards by hand for one, as an upgrade that was broken off leaves it.
    const { runChild } = await import('../../src/hosts/child.ts');
    const script = `${directory}/m1/server.sh`;
    const line = `${script} stop; ln -sfn ${directory}/releases/3.8.0 ${directory}/m1/current; ${script} start`;
    await runChild(['/bin/sh', '-c', line], { timeout: 30_000, maxOutput: 10_000 });
    await until('member 1', async () => (await releases())[0] === '3.8.0');
    const { code, stdout } = await run([
      'rolling',
      'upgrade',
      '--to',
      '3.9.5',
      ...both(scripted()),
      ...SOON,
      '--no-canary',
      '-o',
      'json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).done).toEqual(['upgrade-1']);
    expect(await links()).toEqual(['3.9.5', '3.9.5', '3.9.5']);
  });

  it('says that it could not be taken back when the member does not tell its old release again', async () => {
    const { run, directory, links } = scripted();
    const wrong = `ln -sfn ${directory}/releases/3.8.0 ${directory}/m{id}/current`;
    const argv = ['rolling', 'upgrade', '--to', '3.9.6', '--service-command', wrong, '--undo-command', 'true'];
    const { code, stderr } = await run([...argv, ...QUICK]);
    expect({ code, stderr }).toMatchObject({ code: 8, stderr: expect.stringMatching(/taking it back failed too/) });
    expect(stderr).toMatch(/tells 3\.8\.0 \(4lw:\w+\), not 3\.9\.5.*what failed.*not 3\.9\.6/);
    // The others were not touched.
    expect((await links()).filter((one) => one === '3.9.5')).toHaveLength(2);
  });
});

describe('zksh rolling upgrade from 3.4', { timeout: 240_000 }, () => {
  const scripted = useReleases(['3.4.14', '3.5.10']);

  it('refuses a member without a snapshot until that is trusted, and then goes to 3.5', async () => {
    const { run, releases, member, servers } = scripted();
    const client = await connect(servers);
    await client.create('/kept', 'x');
    await client.close();
    // A 3.4 that was never restarted has a transaction log; a snapshot only where it came late and was sent one.
    const histories = await Promise.all([1, 2, 3].map((id) => readdir(join(member(id), 'data', 'version-2'))));
    const without = [1, 2, 3].filter((_, i) => !histories[i]?.some((name) => name.startsWith('snapshot.')));
    expect(without).not.toEqual([]);
    const argv = ['rolling', 'upgrade', '--to', '3.5.10', ...both(scripted()), ...SOON, '--no-canary'];
    const refused = await run(argv);
    expect(refused).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/\(3\.4\.14 to 3\.5\.10\): the data directory has no snapshot.*ZOOKEEPER-3056/),
    });
    expect(refused.stderr).toContain(`${without.join(', ')} (3.4.14`);
    expect(refused.stderr).toContain('snapshot.trust.empty=true');
    expect(await releases()).toEqual(['3.4.14', '3.4.14', '3.4.14']);

    for (const id of [1, 2, 3]) await appendFile(join(member(id), 'zoo.cfg'), 'snapshot.trust.empty=true\n');
    const { code, stderr, stdout } = await run([...argv, '-o', 'json']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { risks } = JSON.parse(stdout) as { risks: string[] };
    expect(risks.join()).toMatch(/Cannot be taken back any more, members 1, 2, 3: 3\.4 cannot read logs/);
    expect(risks.join()).toMatch(/To know, members 1, 2, 3: snapshot\.trust\.empty is set/);
    expect(await releases()).toEqual(['3.5.10', '3.5.10', '3.5.10']);
    const after = await connect(servers);
    onTestFinished(() => after.close());
    expect((await after.getData('/kept')).data?.toString()).toBe('x');
  });
});
