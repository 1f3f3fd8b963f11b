import { execFile } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const RUN = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'zksh-code-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
});

function zksh(argv: readonly string[], env: Record<string, string | undefined> = {}): Promise<string> {
  return new Promise((resolve) => {
    const surroundings = { ...process.env, XDG_CACHE_HOME: cache, ...env };
    execFile(process.execPath, [RUN, ...argv], { env: surroundings }, (error, stdout, stderr) => {
      resolve(`${error?.code ?? 0} ${stdout}${stderr}`);
    });
  });
}

const version = (env?: Record<string, string | undefined>) => zksh(['version'], env);
const WORKS = expect.stringMatching(/^0 zksh \d/);

/** The kept code of the file that every command loads. */
function kept(): string {
  const folder = join(cache, 'zksh', 'code');
  return join(folder, readdirSync(folder)[0] ?? '', 'zksh.cjs.bin');
}

const bytes = () => readFileSync(kept()).toString('base64');

describe('compiled code that is kept between runs', () => {
  it('is for the eyes of its user only, and written once for a command', async () => {
    expect(await version()).toEqual(WORKS);
    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    expect(statSync(join(cache, 'zksh', 'code')).mode & 0o777).toBe(0o700);
    const first = bytes();
    expect(await version()).toEqual(WORKS);
    expect(bytes()).toBe(first);
    expect(await zksh(['help', 'environment'])).toMatch(/^0 /);
    expect(bytes()).not.toBe(first);
  });

  it.each<[string, (file: string) => void]>([
    ['is empty', (file) => writeFileSync(file, '')],
    ['is cut short', (file) => truncateSync(file, statSync(file).size - 1000)],
    ['is something else', (file) => writeFileSync(file, 'x'.repeat(100_000))],
    [
      'has another byte somewhere',
      (file) => {
        const data = readFileSync(file);
        data[data.length >> 1]! ^= 0x55;
        writeFileSync(file, data);
      },
    ],
    [
      'is of another source',
      (file) => {
        const text = readFileSync(file).toString('latin1');
        writeFileSync(file, text.replace(/"source":"...../, '"source":"00000'), 'latin1');
      },
    ],
  ])('is made again where it %s', async (_, spoil) => {
    await version();
    spoil(kept());
    const spoilt = bytes();
    expect(await version()).toEqual(WORKS);
    expect(bytes()).not.toBe(spoilt);
    const mended = bytes();
    expect(await version()).toEqual(WORKS);
    expect(bytes()).toBe(mended);
  });

  it('is not read through a link that somebody laid', async () => {
    await version();
    const file = kept();
    const elsewhere = join(cache, 'elsewhere');
    writeFileSync(elsewhere, readFileSync(file));
    rmSync(file);
    symlinkSync(elsewhere, file);
    expect(await version()).toEqual(WORKS);
    expect(statSync(elsewhere).size).toBeGreaterThan(0);
  });

  it('may be written by many at once', async () => {
    expect(await Promise.all(Array.from({ length: 6 }, () => version()))).toEqual(Array(6).fill(WORKS));
    const left = readdirSync(join(kept(), '..'));
    expect(left.filter((name) => !name.endsWith('.bin'))).toEqual([]);
    expect(await version()).toEqual(WORKS);
  });

  it('is done without where there is no place for it, and where it is not wanted', async () => {
    writeFileSync(join(cache, 'file'), '');
    expect(await version({ XDG_CACHE_HOME: join(cache, 'file') })).toEqual(WORKS);
    expect(await version({ XDG_CACHE_HOME: '', HOME: '' })).toEqual(WORKS);
    expect(await version({ XDG_CACHE_HOME: 'relative', HOME: '' })).toEqual(WORKS);
    expect(await version({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(WORKS);
    expect(readdirSync(cache)).toEqual(['file']);
  });
});
