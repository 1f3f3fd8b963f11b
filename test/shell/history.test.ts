import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { History, historyFile } from '../../src/shell/history.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zksh-history-'));
  file = join(folder, 'zksh', 'history');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the history of a shell', () => {
  it('lives in the XDG state directory', () => {
    expect(historyFile({ XDG_STATE_HOME: '/state', HOME: '/home/a' })).toBe('/state/zksh/history');
    expect(historyFile({ HOME: '/home/a' })).toBe('/home/a/.local/state/zksh/history');
  });

  it('is there again in the next shell, for its owner only', async () => {
    const first = await History.load(file);
    first.add('ls /');
    first.add('get /a');
    await first.flush();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await History.load(file)).lines).toEqual(['ls /', 'get /a']);
  });

  it('takes back a file that others could read', async () => {
    await (await History.load(file)).flush();
    await writeFile(file, 'ls /\n', { mode: 0o644 });
    await History.load(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('holds no secret, in memory or in the file', async () => {
    const history = await History.load(file);
    history.add('addauth digest bob:s3cret');
    history.add('get /a --auth digest:bob:s3cret');
    await history.flush();
    expect(history.lines.join()).not.toContain('s3cret');
    expect(await readFile(file, 'utf8')).not.toContain('s3cret');
  });

  it('leaves out repeats, lines that start with a blank and lines with control characters', async () => {
    const history = new History();
    for (const line of ['ls /', 'ls /', ' get /hidden', '', 'get \x1b[31m', 'get /a']) history.add(line);
    expect(history.lines).toEqual(['ls /', 'get /a']);
  });

  it('loses no line of shells that write at the same time', async () => {
    const shells = await Promise.all(Array.from({ length: 8 }, () => History.load(file)));
    for (let n = 0; n < 50; n += 1) for (const [i, shell] of shells.entries()) shell.add(`get /${i}/${n}`);
    await Promise.all(shells.map((shell) => shell.flush()));
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(new Set(lines).size).toBe(400);
    expect(lines.length).toBe(400);
  });

  it('is cut to its newest lines when it has grown', async () => {
    await (await History.load(file)).flush();
    await writeFile(file, Array.from({ length: 5000 }, (_, n) => `get /${n}\n`).join(''));
    const history = await History.load(file);
    expect(history.lines.length).toBe(2000);
    expect(history.lines.at(-1)).toBe('get /4999');
    expect((await readFile(file, 'utf8')).trimEnd().split('\n').length).toBe(2000);
  });

  it('goes on in memory when it can not be written', async () => {
    const history = await History.load(join(folder, 'zksh'));
    await writeFile(join(folder, 'plain'), '');
    const broken = await History.load(join(folder, 'plain', 'history'));
    broken.add('ls /');
    await broken.flush();
    expect(broken.lines).toEqual(['ls /']);
    expect(broken.failure).toBeInstanceOf(Error);
    expect(history.lines).toEqual([]);
  });
});

describe('recalling a line', () => {
  const history = new History(['ls /', 'get /a', 'addauth digest <redacted>']);

  it('redo takes the number that history shows', () => {
    expect(history.expand('redo 2')).toBe('get /a');
    expect(history.expand('get /b')).toBe('get /b');
  });

  it('!! stands for the last line, and more may follow', () => {
    expect(new History(['get /a']).expand('!!')).toBe('get /a');
    expect(new History(['get /a']).expand('!! | wc -c')).toBe('get /a | wc -c');
  });

  it('refuses a line that is not there or that held a secret', () => {
    expect(() => history.expand('redo 9')).toThrow('no such line');
    expect(() => history.expand('redo x')).toThrow('needs the number');
    expect(() => history.expand('!!')).toThrow('held a secret');
    expect(() => new History().expand('!!')).toThrow('no such line');
  });
});
