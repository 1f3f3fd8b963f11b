import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { ZKSH } from '../support/built.ts';
import { sharedEnsemble } from '../support/ensembles.ts';

const [executable, ...before] = ZKSH;
const ROOT = `/script-${process.pid}`;

let servers: string;
let zk: Client;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zksh-script-'));
  servers = (await sharedEnsemble('standalone')).connectString;
  zk = await connect(servers);
  await zk.create(ROOT, 'root');
});

afterAll(async () => {
  await zk.delete(ROOT);
  await zk.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs zksh as a process with these lines as its input. */
async function script(input: string | undefined, ...args: string[]): Promise<Ran> {
  const env = { ...process.env, XDG_STATE_HOME: folder };
  const child = spawn(executable, [...before, ...(args.includes('-S') ? [] : ['-S', servers]), ...args], {
    cwd: folder,
    env,
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (text[name] += chunk));
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...text };
}

describe('a script', () => {
  it('is run line by line in one session, and prints nothing but results', async () => {
    const lines = [
      '# an ephemeral lives as long as the session',
      `cd ${ROOT}`,
      'create -e mine "two words"',
      'get mine',
      'pwd',
      'ls . ; get . && ls .',
    ];
    expect(await script(lines.join('\n'))).toEqual({
      code: 0,
      stdout: `Created ${ROOT}/mine\ntwo words\n${ROOT}\n[mine]\nroot\n[mine]\n`,
      stderr: '',
    });
    expect(await zk.exists(`${ROOT}/mine`)).toBeUndefined();
  });

  it('stops at the first line that fails, with its exit code and place', async () => {
    const { code, stdout, stderr } = await script(`get ${ROOT}\nget ${ROOT}/none\nget ${ROOT}\n`);
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'root\n' });
    expect(stderr).toContain('the node does not exist');
    expect(stderr).toContain(`stopped at line 2 of standard input: get ${ROOT}/none\n`);
  });

  it('stops inside a line too: what follows a failure does not run', async () => {
    const { code, stdout } = await script(`get ${ROOT}/none ; get ${ROOT}`);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  it('goes on with --keep-going and exits with the first failure', async () => {
    const lines = `get ${ROOT}/none ; pwd\ncreate ${ROOT} x\nget ${ROOT}/none && pwd\nget ${ROOT}\n`;
    const { code, stdout, stderr } = await script(lines, '--keep-going');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '/\nroot\n' });
    expect(stderr.match(/^failed at line \d/gm)).toEqual(['failed at line 1', 'failed at line 2', 'failed at line 3']);
  });

  it('comes from a file with -f, and leaves the standard input to its commands', async () => {
    const file = join(folder, 'lines.zksh');
    await writeFile(file, `\ufeffget ${ROOT}\r\n!tr a-z A-Z\r\n`);
    expect(await script('from the input', '-f', file)).toEqual({ code: 0, stdout: 'root\nFROM THE INPUT', stderr: '' });
    expect(await script(`get ${ROOT}`, '-f', '-')).toMatchObject({ code: 0, stdout: 'root\n' });
    expect(await script('', '-f', join(folder, 'none'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot read the script'),
    });
  });

  it('does not lose its lines to a system command that reads', async () => {
    expect(await script(`!cat\nget ${ROOT}`)).toMatchObject({ code: 0, stdout: 'root\n' });
  });

  it('pipes into system commands, a big result too, which may stop reading', async () => {
    const big = 'x'.repeat(900_000);
    await zk.create(`${ROOT}/big`, big);
    const { code, stdout, stderr } = await script(
      `get ${ROOT}/big | wc -c\nget ${ROOT}/big | head -c 5\nget ${ROOT} | tr o 0 | rev > out ; !cat out`,
    );
    await zk.delete(`${ROOT}/big`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/ /g, '')).toBe('900001\nxxxxxt00r\n');
  });

  it('fails with the code of what failed in a pipe: ours first, then the system command', async () => {
    expect(await script(`get ${ROOT} | grep -q nothing`)).toMatchObject({ code: 1 });
    expect(await script(`get ${ROOT}/none | cat`)).toMatchObject({ code: 3 });
    expect(await script('gte /a | cat')).toMatchObject({ code: 2 });
    expect(await script('!exit 9')).toMatchObject({ code: 9 });
  });

  it('redirects into files, over them and after them', async () => {
    const lines = `get ${ROOT} > kept\nget ${ROOT} > kept\npwd >> "kept"\n`;
    expect(await script(lines)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(join(folder, 'kept'), 'utf8')).toBe('root\n/\n');
    const refused = await script(`set ${ROOT} changed > none/file`);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot write none/file') });
    expect((await zk.getData(ROOT)).data?.toString()).toBe('root');
  });

  it('repeats a line with redo and !!, and shows its history', async () => {
    const { stdout } = await script(`get ${ROOT}\n!!\nredo 1\nhistory\n`);
    expect(stdout).toBe(`root\nroot\nroot\n1 - get ${ROOT}\n2 - history\n`);
  });

  it('ends with quit, whose code counts when nothing has failed', async () => {
    expect(await script('quit\nget /none')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await script('exit 7')).toMatchObject({ code: 7 });
  });

  it('is not connected after close, until connect', async () => {
    const closed = await script(`close\nget ${ROOT}`);
    expect(closed).toMatchObject({ code: 5, stderr: expect.stringContaining('error: not connected') });
    expect(await script(`close\nconnect ${servers}\nget ${ROOT}`)).toMatchObject({ code: 0, stdout: 'root\n' });
    expect(await script(`connect ${servers}${ROOT}\nls /`)).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('gives up with exit code 5 when there is no server, as soon as its time is up', async () => {
    const { code, stderr } = await script('ls /\nls /', '-S', '127.0.0.1:1', '--timeout', '1s', '--keep-going');
    expect(code).toBe(5);
    expect(stderr.match(/cannot connect to 127\.0\.0\.1:1/g)).toHaveLength(2);
  });

  it('needs no server for lines that need none', async () => {
    expect(await script('pwd', '-S', '127.0.0.1:1')).toEqual({ code: 0, stdout: '/\n', stderr: '' });
  });

  it.each([
    ['get "/a', 2, 'unclosed " quote at column 5'],
    ['gte /a', 2, 'there is no command "gte"'],
    ['get /a --nope', 2, 'Nonexistent flag'.toLowerCase()],
    ['get relative//path', 2, 'bad path'],
    ['printwatches maybe', 2, 'printwatches is on or off'],
    ['shell', 2, 'this is the shell already'],
  ])('refuses %s', async (line, code, message) => {
    const ran = await script(line);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(message);
  });

  it('explains itself with help', async () => {
    const { code, stdout } = await script('help shell\nhelp cd\nget --help');
    expect(code).toBe(0);
    expect(stdout).toContain('a | jq .');
    expect(stdout).toContain('cd [PATH | -]');
    expect(stdout).toContain('print the data of a znode');
  });

  it('keeps no secret in what it says of a line that failed', async () => {
    const { stderr } = await script('addauth nonsense bob:s3cret --nope');
    expect(stderr).toContain('stopped at line 1');
    expect(stderr).not.toContain('s3cret');
  });
});
