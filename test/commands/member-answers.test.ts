import { beforeAll, describe, expect, it } from 'vitest';
import FourLetterWord from '../../commands/4lw.ts';
import Admin from '../../commands/admin.ts';
import Mntr from '../../commands/mntr.ts';
import { pause } from '../../src/local/control.ts';
import { sharedEnsemble, sharedRelease, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { type Ran, runCommand } from '../support/run-command.ts';

type Answer = { id?: string; host: string; text?: string; metrics?: Record<string, unknown> } & Record<string, unknown>;

let three: TestEnsemble;
let servers: string[] = [];
let admins: string[] = [];

beforeAll(async () => {
  three = await sharedEnsemble('three');
  servers = ['-S', three.connectString];
  admins = three.members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
});

async function json(running: Promise<Ran>): Promise<Answer[]> {
  const { stdout, stderr } = await running;
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Answer[];
}

describe('4lw', () => {
  it('prints what each member answers, under its name', async () => {
    const { code, stdout } = await runCommand(FourLetterWord, ['ruok', ...servers, '--admin', 'off']);
    const lines = three.members.map(({ id, host, clientPort }) => `# ${id} ${host}:${clientPort}\nimok\n`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: lines.join('') });
  });

  it('prints one answer as it came', async () => {
    for (const member of ['2', `127.0.0.1:${three.members[1]!.clientPort}`]) {
      const argv = ['srvr', ...servers, '--admin', 'off', '--member', member, '-o', 'raw'];
      expect((await runCommand(FourLetterWord, argv)).stdout).toMatch(
        /^Zookeeper version: .*\nLatency [\s\S]*Node count: \d+\n/,
      );
    }
  });

  it('goes through a secure port', async () => {
    const { secureConnectString = '', tls } = await sharedEnsemble('tls');
    const stores = [...(tls?.cert ? ['--cert', tls.cert] : []), ...(tls?.key ? ['--key', tls.key] : [])];
    const argv = ['isro', '-S', secureConnectString, '--ca', tls?.ca ?? '', ...stores, '--admin', 'off'];
    expect(await runCommand(FourLetterWord, argv)).toMatchObject({ code: 0, stdout: 'rw\n' });
  });

  it('fails where the word, the member or the answer is not there', async () => {
    const ask = (...argv: string[]) => runCommand(FourLetterWord, [...argv, ...servers, '--admin', 'off']);
    expect(await ask('srvr', '--member', '9')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no member 9'),
    });
    expect(await ask('whatever')).toMatchObject({ code: 2, stderr: expect.stringContaining('not a four-letter word') });
    expect(await ask('none')).toMatchObject({ code: 5, stderr: expect.stringContaining('without an answer') });
  });
});

describe('mntr', () => {
  it('prints the metrics as the word does, all or those of a name', async () => {
    const argv = [...servers, '--admin', 'off', '--member', '1'];
    expect((await runCommand(Mntr, argv)).stdout).toMatch(/^zk_version\t3\.[\s\S]*\nzk_znode_count\t\d+\n/);
    const found = (await runCommand(Mntr, ['znode_count', ...argv])).stdout;
    expect(found).toMatch(/^zk_znode_count\t\d+\n$/);
  });

  it('is, as JSON, numbers by name', async () => {
    const answers = await json(runCommand(Mntr, ['_count', ...servers, ...admins, '-o', 'json']));
    expect(answers.map(({ id, source }) => ({ id, source }))).toEqual(
      ['1', '2', '3'].map((id) => ({ id, source: 'admin:monitor' })),
    );
    for (const { metrics } of answers) expect(metrics).toMatchObject({ znode_count: expect.any(Number) });
  });
});

describe('admin', () => {
  it('prints what the AdminServers answer, found by id', async () => {
    const answers = await json(runCommand(Admin, ['leader', ...servers, ...admins, '-o', 'json']));
    const leaders = new Set(answers.map(({ answer }) => (answer as { leader_id: number }).leader_id));
    expect(leaders.size).toBe(1);
    expect(answers.map(({ id, url }) => ({ id, url }))).toEqual(
      three.members.map(({ id, adminPort }) => ({ id: `${id}`, url: `http://127.0.0.1:${adminPort}/commands` })),
    );
  });

  it('prints one answer as it came', async () => {
    const { stdout } = await runCommand(Admin, ['is_read_only', ...servers, ...admins, '--member', '3', '-o', 'raw']);
    expect(JSON.parse(stdout)).toEqual({ command: 'is_read_only', error: null, read_only: false });
  });

  it('says what it could not find, and what the server does not know', async () => {
    const none = await runCommand(Admin, ['leader', ...servers, '--admin', 'off']);
    expect(none).toMatchObject({ code: 5, stderr: expect.stringContaining('was not found') });
    const unknown = await runCommand(Admin, ['no_such_command', ...servers, ...admins]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('Unknown command: no_such_command') });
    const bad = await runCommand(Admin, ['../x', ...servers, ...admins]);
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('is no command of an AdminServer') });
  });

  it('has none to ask on 3.4', async () => {
    const { connectString } = await sharedRelease('3.4.14');
    const ran = await runCommand(Admin, ['monitor', '-S', connectString, '--wait', '2s']);
    expect(ran).toMatchObject({ code: 5, stderr: expect.stringContaining('connection refused') });
  });
});

describe('members that answer some', () => {
  const bare = useEnsemble({ servers: 3, bare: true });

  it('give no mntr, and say why', async () => {
    const ran = await runCommand(Mntr, ['-S', bare().connectString, '--admin', 'off']);
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining('not in 4lw.commands.whitelist') });
  });

  it('are shown beside the one that does not, whose failure is the exit code', async () => {
    const ensemble = bare();
    await pause(ensemble, 2);
    const argv = ['srvr', '-S', ensemble.connectString, '--admin', 'off', '--wait', '1s', '-o', 'json'];
    const ran = await runCommand(FourLetterWord, argv);
    expect(ran.code).toBe(5);
    const answers = JSON.parse(ran.stdout) as Answer[];
    expect(answers.map(({ text, error }) => (text === undefined ? (error as { code: string }).code : 'told'))).toEqual([
      'told',
      'CONNECTION_FAILED',
      'told',
    ]);
  });
});
