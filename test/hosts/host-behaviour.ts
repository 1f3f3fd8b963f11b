import { randomBytes } from 'node:crypto';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { HostDriver } from '../../src/hosts/host.ts';

const ODD_NAMES = [
  'with space',
  `quo'te and "two"`,
  'dollar $HOME `id` $(id)',
  'back\\slash \\n',
  'new\nline',
  '-dash',
  '*?[a]',
  'ünï',
  ';&|<>',
  'ends in newline\n',
];
const ODD_CONTENTS: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['no last line feed', Buffer.from('tickTime=2000')],
  ['quotes and dollars', Buffer.from(`a='b' "c" $HOME \`id\` \\ \\n %s\n\n`)],
  ['zero bytes', Buffer.from([0, 0, 10, 0, 13, 10, 0])],
  ['every byte', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['5 MiB', randomBytes(5 * 1024 * 1024)],
];
const MAX = { maxBytes: 6 * 1024 * 1024 };
const root = process.getuid?.() === 0;

/** What every driver must do alike; `directory` is a directory of this machine that the host sees under the same path. */
export function describeHost({ host, directory }: { host(): HostDriver; directory(): string }): void {
  const place = (name = 'file'): string => join(mkdtempSync(join(directory(), 'd')), name);

  it('runs a program with exactly its arguments', async () => {
    const words = [...ODD_NAMES, '', '--', '-n', '{}', '~'];
    const { code, stdout, stderr } = await host().run(['printf', '%s\\0', ...words]);
    expect({ code, stderr, words: stdout.toString('utf8').split('\0').slice(0, -1) }).toEqual({
      code: 0,
      stderr: '',
      words,
    });
  });

  it('gives its input to a program, and takes what it says', async () => {
    const stdin = ODD_CONTENTS.at(-1)![1];
    const ran = await host().run(['cat'], { stdin, maxOutput: stdin.length });
    expect(ran.stdout.equals(stdin)).toBe(true);
  });

  it.each([0, 1, 126, 255])('tells the exit code %i of a program', async (code) => {
    const ran = await host().run(['sh', '-c', 'echo out; echo err >&2; exit "$1"', 'sh', `${code}`]);
    expect({ ...ran, stdout: ran.stdout.toString() }).toEqual({ code, stdout: 'out\n', stderr: 'err\n' });
  });

  it('tells of a program that is not there', async () => {
    const { code, stderr } = await host().run(['zksh-no-such-program']);
    expect(code).toBe(127);
    expect(stderr).toContain('zksh-no-such-program');
  });

  it('does not wait for longer than it is told, and then says that it does not know', async () => {
    const error = await host()
      .run(['sleep', '600'], { timeout: 300 })
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'HOST_TIMEOUT', exitCode: 7, outcome: 'unknown', host: host().name });
    expect(error.message).toContain('sleep 600');
  });

  it('ends when it is interrupted', async () => {
    const abort = new AbortController();
    const running = host().run(['sleep', '600'], { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('interrupted')), 200);
    await expect(running).rejects.toThrow('interrupted');
  });

  it('returns though a program leaves another one behind', async () => {
    const { code, stdout } = await host().run(['sh', '-c', 'sleep 60 & echo $!'], { timeout: 30_000 });
    process.kill(Number(stdout.toString()));
    expect(code).toBe(0);
  });

  it('shows no secret in an error', async () => {
    const error = await host()
      .run(['sh', '-c', 'sleep 600', 'hunter2'], { timeout: 200, secrets: ['hunter2'] })
      .catch((e) => e);
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toContain('********');
  });

  it('writes, lists and reads files of any name', async () => {
    const there = join(place(), '..');
    const write = (name: string) => host().writeFile(`${there}/${name}`, name, { mode: 0o640 });
    for (const name of ODD_NAMES) await write(name);
    expect(readdirSync(there).sort()).toEqual([...ODD_NAMES].sort());
    expect(await host().list(there)).toEqual([...ODD_NAMES].sort());
    const seen = ODD_NAMES.map(async (name) => {
      const { kind, size, mode } = (await host().stat(`${there}/${name}`)) ?? {};
      return { kind, size, mode, text: (await host().readFile(`${there}/${name}`, MAX)).toString('utf8') };
    });
    expect(await Promise.all(seen)).toEqual(
      ODD_NAMES.map((name) => ({ kind: 'file', size: Buffer.byteLength(name), mode: 0o640, text: name })),
    );
    for (const name of ODD_NAMES) expect(await host().removeFile(`${there}/${name}`)).toBe(true);
    expect(await host().removeFile(`${there}/${ODD_NAMES[0]}`)).toBe(false);
    expect(readdirSync(there)).toEqual([]);
  });

  it.each(ODD_CONTENTS)('writes and reads %s', async (_, content) => {
    const path = place();
    await host().writeFile(path, content, { mode: 0o600 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect((await host().readFile(path, MAX)).equals(content)).toBe(true);
  });

  it('reads no more than it was told, or the end alone', async () => {
    const path = place();
    writeFileSync(path, `${'x'.repeat(200_000)}end`);
    await expect(host().readFile(path, { maxBytes: 200_002 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect((await host().readFile(path, { maxBytes: 200_003 })).length).toBe(200_003);
    expect((await host().readFile(path, { maxBytes: 5, end: true })).toString()).toBe('xxend');
  });

  it('tells what is missing from what may not be seen', async () => {
    const path = place();
    await expect(host().readFile(path, MAX)).rejects.toMatchObject({
      code: 'NO_FILE',
      exitCode: 3,
      outcome: expect.any(String),
    });
    expect(await host().stat(path)).toBeUndefined();
    expect(await host().stat(join(path, 'below'))).toBeUndefined();
    await expect(host().list(path)).rejects.toMatchObject({ code: 'NO_FILE' });
    await expect(host().writeFile(join(path, 'below'), 'x', { mode: 0o600 })).rejects.toMatchObject({
      code: 'NO_FILE',
    });
    await expect(host().readFile('relative', MAX)).rejects.toMatchObject({ code: 'BAD_PATH', exitCode: 2 });
  });

  it('writes no file over a directory', async () => {
    const path = place();
    mkdirSync(path);
    await expect(host().writeFile(path, 'x', { mode: 0o600 })).rejects.toMatchObject({ code: 'HOST_NOT_A_FILE' });
    await expect(host().removeFile(path)).rejects.toMatchObject({ code: 'HOST_NOT_A_FILE' });
    expect(readdirSync(path)).toEqual([]);
  });

  it('leaves nothing but the file', async () => {
    const path = place();
    await host().writeFile(path, 'one', { mode: 0o600 });
    await host().writeFile(path, 'two', { mode: 0o644 });
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
    expect(statSync(path).mode & 0o7777).toBe(0o644);
  });

  it('never shows a reader half of a file', async () => {
    const path = place();
    const contents = ['a', 'b'].map((letter) => letter.repeat(300_000));
    writeFileSync(path, contents[0]!);
    let writing = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (writing) {
        const text = readFileSync(path, 'utf8');
        seen.add(contents.includes(text) ? text.slice(0, 1) : `half: ${text.length}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    try {
      for (let i = 1; i < 12; i += 1) await host().writeFile(path, contents[i % 2]!, { mode: 0o600 });
    } finally {
      writing = false;
      await reader;
    }
    expect([...seen].sort()).toEqual(['a', 'b']);
  });

  it('writes through a symbolic link, and keeps the link', async () => {
    const path = place();
    writeFileSync(path, 'old');
    symlinkSync('file', `${path}.link`);
    await host().writeFile(`${path}.link`, 'new', { mode: 0o600 });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(join(path, '..')).sort()).toEqual(['file', 'file.link']);
  });

  it.runIf(root)('sets the owner, and keeps that of a file it replaces', async () => {
    const path = place();
    await host().writeFile(path, 'x', { mode: 0o640, owner: 'games:daemon' });
    expect(await host().stat(path)).toMatchObject({ owner: 'games', group: 'daemon', mode: 0o640 });
    chownSync(path, 54_321, 54_322);
    await host().writeFile(path, 'y', { mode: 0o600 });
    expect(await host().stat(path)).toMatchObject({ owner: '54321', group: '54322', mode: 0o600 });
    await expect(host().writeFile(path, 'z', { mode: 0o600, owner: 'nobody-of-that-name' })).rejects.toMatchObject({
      outcome: 'failed',
    });
    expect(readFileSync(path, 'utf8')).toBe('y');
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
  });

  it('makes a directory and those above it, once', async () => {
    const path = join(place(), 'a b', 'c');
    expect(await host().makeDirectory(path, { mode: 0o750 })).toBe(true);
    expect(statSync(path).mode & 0o7777).toBe(0o750);
    expect(await host().makeDirectory(path, { mode: 0o700 })).toBe(false);
    expect(await host().stat(path)).toMatchObject({ kind: 'directory', mode: 0o750 });
    expect(await host().list(path)).toEqual([]);
  });

  it('makes no directory where a file is', async () => {
    const path = place();
    writeFileSync(path, '');
    await expect(host().makeDirectory(path, { mode: 0o700 })).rejects.toMatchObject({ outcome: 'failed' });
  });

  it('lists what begins with a dot, and a link to nothing', async () => {
    const path = place('.hidden');
    writeFileSync(path, '');
    symlinkSync('nowhere', join(path, '..', 'dangling'));
    expect(await host().list(join(path, '..'))).toEqual(['.hidden', 'dangling']);
  });

  it('tells of space, memory and clock', async () => {
    const space = await host().space(directory());
    expect(space).toMatchObject({ device: expect.any(String), mount: expect.stringMatching(/^\//) });
    expect(space.size).toBeGreaterThan(space.free);
    expect((await host().space(place('.'))).device).toBe(space.device);
    expect((await host().space('/proc')).device).not.toBe(space.device);
    expect(await host().freeMemory()).toBeGreaterThan(1024 * 1024);
    const { time, offset, uncertainty } = await host().clock();
    expect(Math.abs(offset)).toBeLessThanOrEqual(uncertainty + 5);
    expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
  });
}
