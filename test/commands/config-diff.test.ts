import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ConfigDiff from '../../commands/config/diff.ts';
import { zooCfg } from '../config/examples.ts';
import { runCommand } from '../support/run-command.ts';

let directory = '';
const path = (name: string) => join(directory, name);
const diff = (...argv: string[]) => runCommand(ConfigDiff, argv);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-diff-'));
  await writeFile(path('1.cfg'), zooCfg({}));
  await writeFile(path('2.cfg'), zooCfg({ set: { dataDir: '/srv/zk' } }));
  await writeFile(path('3.cfg'), zooCfg({ set: { syncLimit: '7', maxClientCnxns: '60' } }));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('zksh config diff', () => {
  it('prints a row a difference and a column a file, and exits 8', async () => {
    const { code, stdout } = await diff(path('1.cfg'), path('3.cfg'));
    expect(code).toBe(8);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'syncLimit\tharmful\t5\t7\tmembers must agree on it; a change takes a restart of the member',
      'maxClientCnxns\tharmless\t60 (default)\t60\ta server takes 60 each time',
    ]);
  });

  it('exits 0 when the files differ in what each member has of its own', async () => {
    expect((await diff(path('1.cfg'), path('2.cfg'))).code).toBe(0);
  });

  it('says on a terminal that there is no difference', async () => {
    const ran = await runCommand(ConfigDiff, [path('1.cfg'), path('1.cfg')], { tty: true });
    expect(ran).toEqual({ code: 0, stdout: '', stderr: 'The files say the same.\n' });
  });

  it('has a JSON contract', async () => {
    const { stdout } = await diff(path('1.cfg'), path('3.cfg'), '-o', 'json', '--version', '3.8');
    expect(JSON.parse(stdout)).toEqual({
      release: '3.8',
      files: [path('1.cfg'), path('3.cfg')],
      differences: [
        {
          key: 'syncLimit',
          kind: 'harmful',
          explanation: expect.stringContaining('restart'),
          values: ['5', '7'],
          inForce: ['5', '7'],
          reference: expect.stringContaining('https://zookeeper.apache.org/'),
        },
        expect.objectContaining({
          key: 'maxClientCnxns',
          kind: 'harmless',
          values: [null, '60'],
          inForce: ['60', '60'],
        }),
      ],
    });
  });

  it.each([
    ['a single file', ['/a'], 2, 'one file is nothing to compare'],
    ['no file', [], 2, 'file'],
    ['a file that is not there', ['/nowhere/a', '/nowhere/b'], 3, 'cannot read /nowhere/a'],
    ['a release that is none', ['/a', '/b', '--version', '3.99'], 2, '"3.99" is no release'],
  ])('refuses %s', async (_, argv, code, message) => {
    const ran = await diff(...argv);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });
});
