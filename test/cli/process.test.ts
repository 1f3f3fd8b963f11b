import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZKSH } from '../support/built.ts';

const folder = mkdtempSync(join(tmpdir(), 'zksh-process-'));
const env = { ...process.env, ZKSH_CONFIG_DIR: folder, NO_COLOR: '1' };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(
  argv: readonly string[],
  more: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const [file, ...before] = ZKSH;
  const child = spawn(file, [...before, ...argv], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended };
}

const zksh = (argv: string, more?: Record<string, string>) => start(argv.split(' ').filter(Boolean), more).ended;

/** A port that takes connections and never says a word, and one that nobody listens on. */
let silent: Server;
let silentPort = 0;
let deadPort = 0;
let connected: () => void = () => {};
beforeAll(async () => {
  silent = createServer((socket) => {
    socket.on('error', () => {});
    connected();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentPort = (silent.address() as { port: number }).port;
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  deadPort = (other.address() as { port: number }).port;
  await new Promise((resolve) => other.close(resolve));
});
afterAll(() => silent.close());

describe('the process', () => {
  it.each([
    ['gte /a', 2, 'Did you mean get'],
    ['context lst', 2, 'context list'],
    ['get', 2, 'missing argument: path'],
    ['get a', 2, 'relative path'],
    ['-nonsense get /a', 2, 'unknown option -nonsense'],
    ['context use nope', 3, 'there is no context "nope"'],
    ['-C nope get /a', 3, 'there is no context "nope"'],
    ['get /a --auth digest:env:ZKSH_TEST_UNSET', 2, 'ZKSH_TEST_UNSET is not set'],
  ])('ends "%s" with exit code %i', async (argv, code, message) => {
    const ended = await zksh(argv);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(ended.stderr).not.toMatch(/ {4}at /);
  });

  it('exits 5 when no server can be reached, in time, and says what each did', async () => {
    const { code, stderr } = await zksh(`-server 127.0.0.1:${deadPort} get /a --timeout 1s`);
    expect(code).toBe(5);
    expect(stderr).toContain(`127.0.0.1:${deadPort}`);
  });

  it('exits 5 too when what is there never answers', async () => {
    const { code, stderr } = await zksh(`-S 127.0.0.1:${silentPort} get /a --timeout 500ms`);
    expect(code).toBe(5);
    expect(stderr).toContain('500 ms');
  });

  it('exits 130 on SIGINT while it waits', async () => {
    const waiting = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const { child, ended } = start(['get', '/a', '-S', `127.0.0.1:${silentPort}`]);
    await waiting;
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted');
  });

  it('prints an error as one JSON object on stderr with -o json, wherever the flag stands', async () => {
    for (const argv of ['-o json gte', 'get -o json', 'get /a -S h:port --output=json', '-o ndjson -nonsense x']) {
      const { code, stdout, stderr } = await zksh(argv);
      const { error } = JSON.parse(stderr);
      expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String), exitCode: code });
      expect(stdout).toBe('');
    }
  });

  it('names the file and the field of a corrupt file of contexts', async () => {
    writeFileSync(join(folder, 'contexts.json'), '{"contexts": {"a": {"servers": 5}}}');
    const { code, stderr } = await zksh('get /a');
    rmSync(join(folder, 'contexts.json'));
    expect(code).toBe(2);
    expect(stderr).toContain(`${join(folder, 'contexts.json')}: contexts.a.servers must be a text`);
  });

  it('shows help for --help anywhere, --version, and a topic by its name', async () => {
    expect(await zksh('get /a --help')).toMatchObject({ code: 0, stdout: expect.stringContaining('$ zksh get PATH') });
    expect(await zksh('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('PAGES') });
    expect(await zksh('context')).toMatchObject({ code: 0, stdout: expect.stringContaining('context use') });
    expect(await zksh('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^zksh \d/) });
  });

  it('takes a reader that goes away for a success', async () => {
    const { child, ended } = start(['help', 'environment']);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('heeds FORCE_COLOR in a pipe, and --no-color above it', async () => {
    const force = { FORCE_COLOR: '1', NO_COLOR: '' };
    expect((await zksh('help exit-codes', force)).stdout).toContain('\u001b[1mEXIT CODES');
    expect((await zksh('help exit-codes --no-color', force)).stdout).not.toContain('\u001b');
  });
});
