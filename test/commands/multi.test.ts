import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Multi from '../../commands/multi.ts';
import { EPHEMERAL_ENDS } from '../../src/cli/znode-flags.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { type Place, type Ran, runCommand } from '../support/run-command.ts';

describe('multi', () => {
  const root = '/multi-command';
  let client: Client;
  let files: string;
  let servers: string;

  beforeAll(async () => {
    servers = (await sharedEnsemble('standalone')).connectString;
    client = await connect(`${servers}`);
    await client.create(root);
    files = await mkdtemp(join(tmpdir(), 'zksh-multi-'));
  });
  afterAll(async () => {
    await client?.close();
    await rm(files, { recursive: true, force: true });
  });

  function multi(argv: string[], place: Place = {}): Promise<Ran> {
    return runCommand(Multi, [...argv, '-S', servers], place);
  }
  const text = async (path: string) => (await client.getData(path)).data?.toString();

  it('does all of it and shows each result', async () => {
    await client.create(`${root}/all`, 'old');
    const ran = await multi([
      `check ${root}/all 0`,
      `set ${root}/all new`,
      `create ${root}/all/kid`,
      `create -s ${root}/all/n- x`,
      `delete ${root}/all/kid`,
      '--yes',
    ]);
    expect(ran).toEqual({
      code: 0,
      stdout: [
        `checked ${root}/all, version 0`,
        `set ${root}/all, version 1`,
        `created ${root}/all/kid`,
        `created ${root}/all/n-0000000001`,
        `deleted ${root}/all/kid`,
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await text(`${root}/all`)).toBe('new');
  });

  it('changes nothing when one operation is refused, and names that one', async () => {
    await client.create(`${root}/one`, 'old');
    const ran = await multi([`set ${root}/one new`, `create ${root}/two`, `check ${root}/one 7`]);
    expect(ran).toEqual({
      code: 6,
      stdout: '',
      stderr:
        `error: transaction refused, nothing was changed: operation 3 of 3, check "${root}/one": ` +
        'the version is not the current one\n  Read it again: somebody changed it.\n',
    });
    expect(await text(`${root}/one`)).toBe('old');
    expect(await client.exists(`${root}/two`)).toBeUndefined();
  });

  it('names the line of the script that was refused', async () => {
    const file = join(files, 'refused.zk');
    await writeFile(file, `# a comment\ncreate ${root}/three\n\ndelete ${root}/none\n`);
    const ran = await multi(['--file', file]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toBe(
      'error: transaction refused, nothing was changed: operation 2 of 2, ' +
        `delete "${root}/none": the node does not exist (line 4)\n`,
    );
    expect(await client.exists(`${root}/three`)).toBeUndefined();
  });

  it('reads stdin, with or without the dash, and data from files', async () => {
    const data = join(files, 'data.bin');
    await writeFile(data, Buffer.from([0, 255, 10]));
    expect((await multi([], { stdin: `create ${root}/in @${data}\n` })).stdout).toBe(`created ${root}/in\n`);
    expect((await client.getData(`${root}/in`)).data).toEqual(Buffer.from([0, 255, 10]));
    expect((await multi(['-'], { stdin: `delete ${root}/in\n` })).stdout).toBe(`deleted ${root}/in\n`);
  });

  it('says that an ephemeral ends with the command, as create does', async () => {
    const { code, stderr } = await multi([`create -e ${root}/gone`]);
    expect([code, stderr]).toEqual([0, `${EPHEMERAL_ENDS}\n`]);
    const shell = { session: async () => client, cwd: root };
    expect((await runCommand(Multi, ['create -e stays'], shell)).stderr).toBe('');
  });

  it('prints results that a program can read', async () => {
    const { stdout } = await multi([`create ${root}/json`, `set ${root}/json x`, '-o', 'ndjson']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ operation: 'create', path: `${root}/json` });
    expect(lines[1]).toMatchObject({ operation: 'set', path: `${root}/json`, stat: { version: 1, dataLength: 1 } });
    expect(lines[1].stat.mzxid).toMatch(/^\d+$/);
  });

  it('prints with --dry-run what it would do, in a form it reads again', async () => {
    const ops = [`create -t 60000 ${root}/dry x world:anyone:r`, `set -v 2 ${root} y`, `delete ${root}/all`];
    const plain = await multi([...ops, '--dry-run']);
    expect(plain.stdout).toBe(
      `would create ${root}/dry\nwould set ${root} if its version is 2\nwould delete ${root}/all\n`,
    );
    const json = await multi([...ops, '--dry-run', '-o', 'ndjson']);
    const again = await multi(['--dry-run', '-o', 'ndjson'], { stdin: json.stdout });
    expect(again.stdout).toBe(json.stdout);
    expect(await client.exists(`${root}/dry`)).toBeUndefined();
  });

  it('asks before it overwrites more than one znode, and refuses where nobody can be asked', async () => {
    await client.create(`${root}/ask`, 'old');
    const ops = [`set ${root}/ask new`, `set ${root} new`];
    const ran = await multi(ops);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toBe(
      `About to overwrite or delete 2 znodes in one transaction:\n  set ${root}/ask\n  set ${root}\n` +
        'error: nobody can be asked here: --yes is missing\n  Give --yes, or run it on a terminal.\n',
    );
    expect(await text(`${root}/ask`)).toBe('old');
    expect((await multi([...ops, '--yes'])).code).toBe(0);
  });

  it('counts paths from the current one in the shell, where a dash alone takes stdin', async () => {
    const shell = { session: async () => client, cwd: root };
    expect((await runCommand(Multi, ['create here'], shell)).stdout).toBe(`created ${root}/here\n`);
    const silent = await runCommand(Multi, [], { ...shell, stdin: 'create not-read\n' });
    expect([silent.code, silent.stderr]).toEqual([
      2,
      "error: there are no operations\n  Give them as arguments (multi 'set /a 1' 'delete /b'), with --file, or on stdin.\n",
    ]);
  });

  it.each([
    [['bogus /a'], 'error: operation 1: "bogus" is no operation of a transaction\n'],
    [['set /a x | cat'], 'error: operation 1: | has no meaning in a transaction\n  Quote it if it is data.\n'],
    [['set /a "x'], 'error: operation 1: unclosed " quote at column 8\n'],
    [['create relative'], 'error: operation 1: "relative" is a relative path\n'],
    [['--file', '/nonexistent/script'], 'error: cannot read /nonexistent/script: ENOENT'],
    [['create /a', '--file', 'x'], 'error: the operations come either from --file or as arguments\n'],
  ])('refuses %j before anything is sent', async (argv, message) => {
    const ran = await multi(argv);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
  });
});
