import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import Report from '../../commands/report.ts';
import { sharedEnsemble, sharedRelease } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const QUICK = ['--admin', 'off', '--window', '900ms', '--interval', '300ms'];

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zksh-report-'));
  file = join(folder, 'page.html');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

describe('report --html', () => {
  it('writes a page of what it saw over the window', async () => {
    const { connectString, members } = await sharedEnsemble('three');
    const { code, stdout } = await runCommand(Report, ['-S', connectString, '--html', file, ...QUICK]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^wrote .*page\.html \(\d+ KiB\) of 4 looks over \d+m?s\n$/),
    });
    const page = await readFile(file, 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    for (const { host, clientPort } of members) expect(page).toContain(`${host}:${clientPort}`);
    expect(page).toContain('3 of 3 voters serve, 1 more may fail');
    expect(page.match(/<svg class="chart"/g)?.length).toBeGreaterThanOrEqual(9);
    expect(page).toContain('zksh report --window 900ms --interval 300ms');
    expect(await readdir(folder)).toEqual(['page.html']);
  });

  it('leaves a file that is there, unless told otherwise', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    await writeFile(file, 'mine');
    const argv = ['-S', connectString, '--html', file, ...QUICK];
    const refused = await runCommand(Report, argv);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('is there already') });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await runCommand(Report, [...argv, '--force'])).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).toContain('A server serves, without a quorum');
  });

  it('writes to stdout with -', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const { stdout } = await runCommand(Report, ['-S', connectString, '--html', '-', ...QUICK]);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  });

  it('has, as JSON, the fields that its help names', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const argv = ['-S', connectString, '--html', '-', ...QUICK, '-o', 'json'];
    const shown = JSON.parse((await runCommand(Report, argv)).stdout) as object;
    const listed = /JSON: \{([^}]*)\}/.exec(Report.description)?.[1]?.split(/,\s*/) ?? [];
    expect(Object.keys(shown).sort()).toEqual(listed.sort());
    expect(shown).toMatchObject({ file: '-', samples: 4, serving: true, members: 1 });
  });

  it('tells of an ensemble that does not answer, too', async () => {
    const { code } = await runCommand(Report, ['-S', '127.0.0.1:1', '--html', file, ...QUICK]);
    expect(code).toBe(0);
    const page = await readFile(file, 'utf8');
    expect(page).toContain('Nothing serves');
    expect(page).toContain('connection refused');
  });

  it('says what 3.4 did not tell', async () => {
    const { connectString } = await sharedRelease('3.4.14');
    await runCommand(Report, ['-S', connectString, '--html', file, ...QUICK]);
    const page = await readFile(file, 'utf8');
    expect(page).toContain('3.4.14');
    expect(page).toContain('Told by nobody: lag.');
    expect(page).not.toContain('id="membership"');
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const argv = ['-S', connectString, '--html', file, '--admin', 'off', '--window', '1h', '--timeout', '1s'];
    expect(await runCommand(Report, argv)).toMatchObject({ code: 7 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says before it looks that the file cannot be written', async () => {
    const argv = ['-S', '127.0.0.1:1', '--html', join(folder, 'none', 'page.html'), '--window', '1h'];
    expect(await runCommand(Report, argv)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot write') });
  });

  it('refuses a window of too many looks', async () => {
    const argv = ['-S', '127.0.0.1:1', '--html', file, '--window', '1d', '--interval', '1s'];
    expect(await runCommand(Report, argv)).toMatchObject({ code: 2, stderr: expect.stringContaining('86401 looks') });
  });
});
