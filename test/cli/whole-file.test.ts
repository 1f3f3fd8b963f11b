import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { refuseExisting, writeWhole } from '../../src/cli/whole-file.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'zksh-whole-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

it('writes a file for its owner, and leaves nothing else', async () => {
  const place = await folder();
  await writeWhole(join(place, 'a'), 'text', { force: false });
  expect(await readFile(join(place, 'a'), 'utf8')).toBe('text');
  expect((await stat(join(place, 'a'))).mode & 0o777).toBe(0o600);
  expect(await readdir(place)).toEqual(['a']);
});

it('overwrites with force alone', async () => {
  const place = await folder();
  const file = join(place, 'a');
  await writeFile(file, 'old');
  await expect(refuseExisting(file)).rejects.toMatchObject({ code: 'FILE_EXISTS', exitCode: 2 });
  await expect(writeWhole(file, 'new', { force: false })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(await readFile(file, 'utf8')).toBe('old');
  await writeWhole(file, 'new', { force: true });
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await readdir(place)).toEqual(['a']);
});

it('says what it could not write', async () => {
  const file = join(await folder(), 'none', 'a');
  await expect(refuseExisting(file)).resolves.toBeUndefined();
  await expect(writeWhole(file, 'x', { force: false })).rejects.toMatchObject({
    code: 'WRITE_FAILED',
    exitCode: 1,
    message: expect.stringContaining(file),
  });
});
