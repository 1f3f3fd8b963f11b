import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Edit from '../../commands/edit.ts';
import { InterruptedError } from '../../src/cli/deadline.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { type Place, runCommand, testIo } from '../support/run-command.ts';
import { until } from '../support/until.ts';

let client: Client;
let path: string;
let temporary: string;
let counter = 0;

beforeEach(async () => {
  client = await connect((await sharedEnsemble('standalone')).connectString);
  counter += 1;
  path = (await client.create(`/edit-command-${counter}.conf`, 'level=debug')).path;
  temporary = await mkdtemp(join(tmpdir(), 'zksh-edit-test-'));
});
afterEach(async () => {
  await client.close();
  await rm(temporary, { recursive: true, force: true });
});

function edit(editor: string | undefined, argv: string[] = [], place: Place = {}) {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: temporary, ...(editor === undefined ? {} : { EDITOR: editor }) };
  return runCommand(Edit, [path, ...argv], { session: async () => client, cwd: '/', env, ...place });
}

const text = async () => (await client.getData(path)).data?.toString();
/** The files that are left behind. */
const left = async () => (await readdir(temporary, { recursive: true })).filter((name) => name.includes('/'));

describe('edit', () => {
  it('writes what the editor saved, and leaves no file behind', async () => {
    expect(await edit('sed -i s/debug/info/')).toEqual({
      code: 0,
      stdout: `${path} is written: version 1, 11 -> 10\n`,
      stderr: '',
    });
    expect(await text()).toBe('level=info');
    expect(await readdir(temporary)).toEqual([]);
  });

  it('gives the editor a file of the name of the znode that only its user can read', async () => {
    const script = join(temporary, 'editor.sh');
    await writeFile(script, 'ls -l "$1" >&2; ls -ld "$(dirname "$1")" >&2; basename "$1" >&2\n');
    const { stderr } = await edit(`sh ${script}`);
    expect(stderr).toMatch(new RegExp(`^-rw-------[\\s\\S]*\\ndrwx------.*\\n${path.slice(1)}\\n$`));
  });

  it('writes nothing when nothing was changed', async () => {
    expect((await edit('true')).stdout).toBe(`${path} is unchanged: nothing was written\n`);
    // The line feed is the editor's, not the person's.
    expect(JSON.parse((await edit('echo >>', ['-o', 'json'])).stdout)).toEqual({
      path,
      changed: false,
      bytes: { before: 11, after: 11 },
    });
    expect((await client.exists(path))?.version).toBe(0);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('leaves out the line feed that editors add, and keeps one that was there', async () => {
    await edit('printf "level=warn\\n" >');
    expect(await text()).toBe('level=warn');
    await client.setData(path, 'a\n');
    await edit('printf "b\\n" >');
    expect(await text()).toBe('b\n');
  });

  it('writes text where there was no data at all', async () => {
    await client.setData(path, null);
    expect((await edit('true')).stdout).toContain('unchanged');
    expect((await client.getData(path)).data).toBeNull();
    await edit('echo first >');
    expect(await text()).toBe('first');
  });

  it('takes $VISUAL before $EDITOR', async () => {
    await edit('echo editor >', [], {
      env: { PATH: process.env.PATH ?? '', EDITOR: 'false', VISUAL: 'echo visual >' },
    });
    expect(await text()).toBe('visual');
  });

  it('keeps the text, and says where, when somebody else wrote the znode meanwhile', async () => {
    const ready = join(temporary, 'ready');
    const editing = edit(`sh -c 'echo mine > "$1"; touch ${ready}; while [ -e ${ready} ]; do sleep 0.05; done' sh`);
    await until('the editor', () => stat(ready).catch(() => undefined));
    await client.setData(path, 'theirs');
    await rm(ready);
    const { code, stdout, stderr } = await editing;
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toMatch(
      /^error: setData "\/edit-command-\d+\.conf": the version is not the current one\n {2}Read it again: somebody changed it\. Your text is kept in (\S+)\.\n$/,
    );
    const file = /kept in (\S+)\.\n/.exec(stderr)?.[1] ?? '';
    expect(await readFile(file, 'utf8')).toBe('mine\n');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await text()).toBe('theirs');
  });

  it('writes nothing when the editor fails, and keeps what it saved', async () => {
    const failed = await edit('false');
    expect([failed.code, failed.stderr]).toEqual([
      1,
      'error: the editor (false) ended with exit code 1: nothing was written\n',
    ]);
    expect(await left()).toEqual([]);
    const saved = await edit(`sh -c 'echo half > "$1"; exit 3' sh`);
    expect(saved.stderr).toMatch(/exit code 3: nothing was written\n {2}Your text is kept in \S+\.\n$/);
    expect(await left()).toHaveLength(1);
    expect((await edit('no-such-editor')).stderr).toContain('Name an editor that is installed in $VISUAL or $EDITOR.');
    expect(await text()).toBe('level=debug');
  });

  it('refuses bytes that are no text, unless told how to show them', async () => {
    await client.setData(path, Buffer.from([0, 255, 254]));
    expect(await edit('true')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `error: the data of "${path}" is no text (3 bytes)\n` +
        '  Edit it as base64 with --base64, or as it is with --force.\n',
    });
    expect((await edit('sed -i s/AP/AQ/', ['--base64'])).code).toBe(0);
    expect((await client.getData(path)).data).toEqual(Buffer.from([1, 15, 254]));
    await edit('printf "\\377\\n" >', ['--force']);
    expect((await client.getData(path)).data).toEqual(Buffer.from([255]));
    const bad = await edit('echo no%base64 >', ['--base64']);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/^error: what you wrote is no base64: nothing was written\n {2}Your text is kept in/);
  });

  it('shows with --dry-run what it would write', async () => {
    const { stdout } = await edit('echo longer than before >', ['--dry-run']);
    expect(stdout).toBe(`would write ${path}: 11 -> 18\n`);
    expect(await text()).toBe('level=debug');
  });

  it('needs an editor that can run where there is no terminal', async () => {
    const { code, stderr } = await edit(undefined);
    expect([code, stderr]).toEqual([
      2,
      'error: there is no terminal to edit on\n' +
        '  Name a program that edits the file by itself in $EDITOR, or use set with @file.\n',
    ]);
  });

  it('fails with exit code 3 where there is no znode, before any editor runs', async () => {
    await client.delete(path);
    expect((await edit('touch')).code).toBe(3);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('ends the editor on Ctrl-C and keeps what was saved', async () => {
    const controller = new AbortController();
    const { io, stderr } = testIo({ env: { PATH: process.env.PATH ?? '', TMPDIR: temporary } });
    const env = { ...io.env, EDITOR: `sh -c 'echo saved > "$1"; echo there >&2; exec sleep 60' sh` };
    const command = new Edit([path], { bin: 'zksh', runHook: async () => ({}) } as never);
    command.host = { io: { ...io, env }, session: async () => client, cwd: '/', signal: controller.signal };
    const running = command.perform();
    await until('the editor', () => stderr().includes('there'));
    controller.abort(new InterruptedError());
    expect(await running).toBe(130);
    expect(stderr()).toMatch(/error: interrupted\n {2}Your text is kept in \S+\.\n$/);
  });
});
