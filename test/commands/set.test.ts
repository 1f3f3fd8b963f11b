import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import SetData from '../../commands/set.ts';
import { statText } from '../../src/output/stat.ts';
import { useChroot } from '../support/chroot.ts';

describe('set', () => {
  const zk = useChroot('set');
  let files: string;

  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), 'zksh-set-'));
  });
  afterAll(() => rm(files, { recursive: true, force: true }));
  beforeEach(async () => {
    if (await zk.client.exists('/a')) await zk.client.delete('/a');
    await zk.client.create('/a', 'old');
  });

  it('writes text and prints nothing', async () => {
    expect(await zk.alone(SetData, ['/a', 'grüezi 🐘'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.text('/a')).toBe('grüezi 🐘');
  });

  it('writes empty data', async () => {
    await zk.shell(SetData, ['/a', '']);
    expect(await zk.text('/a')).toBe('');
  });

  it('prints the new stat with -s', async () => {
    const { stdout } = await zk.shell(SetData, ['-s', '/a', 'new']);
    expect(stdout).toBe(`${statText((await zk.client.getData('/a')).stat)}\n`);
    expect(stdout).toContain('dataVersion = 1\n');
  });

  it('writes only the version that -v names', async () => {
    expect((await zk.shell(SetData, ['-v', '0', '/a', 'one'])).code).toBe(0);
    expect(await zk.shell(SetData, ['-v', '0', '/a', 'two'])).toEqual({
      code: 6,
      stdout: '',
      stderr: 'error: setData "/a": the version is not the current one\n  Read it again: somebody changed it.\n',
    });
    expect(await zk.text('/a')).toBe('one');
    expect((await zk.shell(SetData, ['-v', '-1', '/a', 'any'])).code).toBe(0);
  });

  it('writes the bytes of @file', async () => {
    const file = join(files, 'value');
    await writeFile(file, Buffer.from([0, 255, 10]));
    await zk.shell(SetData, ['/a', `@${file}`]);
    expect((await zk.client.getData('/a')).data).toEqual(Buffer.from([0, 255, 10]));
  });

  it('writes stdin for -', async () => {
    await zk.alone(SetData, ['/a', '-'], { stdin: 'from a pipe\n' });
    expect(await zk.text('/a')).toBe('from a pipe\n');
  });

  it('refuses - in the shell, where stdin is the script', async () => {
    const { code, stderr } = await zk.shell(SetData, ['/a', '-'], { stdin: 'ls /\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('stdin is where commands come from');
    expect(await zk.text('/a')).toBe('old');
  });

  it('writes a literal that begins with @, or is a dash', async () => {
    await zk.shell(SetData, ['/a', '@@home']);
    expect(await zk.text('/a')).toBe('@home');
    await zk.shell(SetData, ['--literal', '/a', '@home']);
    expect(await zk.text('/a')).toBe('@home');
    await zk.shell(SetData, ['--literal', '/a', '-']);
    expect(await zk.text('/a')).toBe('-');
  });

  it('takes negative numbers, and data that looks like a flag after --', async () => {
    expect((await zk.shell(SetData, ['/a', '-5'])).code).toBe(0);
    expect(await zk.text('/a')).toBe('-5');
    expect((await zk.shell(SetData, ['/a', '--', '-foo'])).code).toBe(0);
    expect(await zk.text('/a')).toBe('-foo');
  });

  it('decodes base64 with -b, from a file too', async () => {
    await zk.shell(SetData, ['-b', '/a', 'AP9BCg==']);
    expect((await zk.client.getData('/a')).data).toEqual(Buffer.from([0, 255, 0x41, 10]));
    const file = join(files, 'base64');
    await writeFile(file, 'aGVs\nbG8=\n');
    await zk.shell(SetData, ['-b', '/a', `@${file}`]);
    expect(await zk.text('/a')).toBe('hello');
  });

  it.each([
    ['base64 that is none', ['-b', '/a', 'not base64!'], 'the data is not base64'],
    ['base64 cut short', ['-b', '/a', 'AAAAA'], 'the data is not base64'],
    ['a file that is not there', ['/a', '@/nowhere/at/all'], 'cannot read the file "/nowhere/at/all"'],
    ['a directory as a file', ['/a', '@/'], 'cannot read the file "/"'],
    ['a version that is no number', ['-v', 'x', '/a', 'new'], '"x" is no version'],
    ['a version over 32 bits', ['-v', '2147483648', '/a', 'new'], '"2147483648" is no version'],
    ['words that ought to be quoted', ['/a', 'two', 'words'], 'unexpected argument: words'],
    ['no data', ['/a'], 'missing argument: data'],
    ['data that looks like a flag', ['/a', '-foo'], 'nonexistent flag: -foo'],
  ])('refuses %s with exit code 2 and changes nothing', async (_, argv, message) => {
    const { code, stdout, stderr } = await zk.shell(SetData, argv);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(await zk.text('/a')).toBe('old');
  });

  it('says what the limit is when a value is over it, and changes nothing', async () => {
    const file = join(files, 'large');
    await writeFile(file, Buffer.alloc(1024 * 1024 + 1));
    const { code, stderr } = await zk.alone(SetData, ['/a', `@${file}`]);
    expect(code).toBe(5);
    expect(stderr).toContain('jute.maxbuffer');
    expect(await zk.text('/a')).toBe('old');
  });

  it('exits 3 where there is no znode', async () => {
    expect((await zk.shell(SetData, ['/nothing', 'x'])).code).toBe(3);
  });
});
