import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import ContextAdd from '../../commands/context/add.ts';
import ContextShow from '../../commands/context/show.ts';
import MemberInventory from '../../commands/member/inventory.ts';
import type { Prompts } from '../../src/cli/prompts.ts';
import { clientSettings } from '../../src/local/client-settings.ts';
import { stop } from '../../src/local/ensemble.ts';
import { ephemeralEnsemble, sharedEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { type Place, runCommand } from '../support/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'zksh-inventory-'));
const config = join(folder, 'config');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(config, { recursive: true, force: true }));

const run = (Class: unknown, argv: readonly string[], place: Place = {}) =>
  runCommand(Class, argv, { ...place, env: { ZKSH_CONFIG_DIR: config, ...place.env } });
const inventory = (...argv: string[]) => run(MemberInventory, argv);
const where = ({ connectString, members }: TestEnsemble) => [
  '-S',
  connectString,
  ...members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]),
];

/** An ensemble file for a local ensemble, all of whose members are processes of this machine. */
function write(
  name: string,
  { members }: TestEnsemble,
  change: (entry: string, id: number) => string = (x) => x,
): string {
  const entries = members.map(({ id, host, quorumPort, electionPort, role, clientPort, dir }) =>
    change(
      `  - {id: ${id}, server: "${host}:${quorumPort}:${electionPort}:${role};${host}:${clientPort}", ` +
        `files: {config: ${dir}/zoo.cfg}, service: {start: "true", stop: "true", status: "kill -0 $(cat ${dir}/pid)"}}\n`,
      id,
    ),
  );
  const path = join(folder, name);
  writeFileSync(path, `name: prod\ndefaults: {host: local}\nmembers:\n${entries.join('')}`);
  return path;
}

describe('member inventory', () => {
  it('shows the members of an ensemble file beside the committed configuration', async () => {
    const three = await sharedEnsemble('three');
    const file = write('agree.yaml', three);
    const { code, stdout } = await inventory('--ensemble', file, '-o', 'json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      name: 'prod',
      source: { kind: 'file', path: file },
      fit: true,
      drift: { missing: [], extra: [], differing: [] },
    });
    expect(report.members).toHaveLength(3);
    expect(report.members[0]).toMatchObject({
      id: '1',
      role: 'participant',
      host: { kind: 'local', name: 'this machine' },
    });
    expect(report.members[0].check).toBeUndefined();
  });

  it('tells every difference to the committed configuration, with exit code 8', async () => {
    const three = await sharedEnsemble('three');
    const file = write('drift.yaml', three, (entry, id) => {
      if (id === 1) return entry.replace('id: 1', 'id: 9');
      return id === 2 ? entry.replace(':participant', ':observer') : entry;
    });
    const { code, stdout } = await inventory('--ensemble', file, ...where(three), '-o', 'json');
    expect(code).toBe(8);
    expect(JSON.parse(stdout)).toMatchObject({
      fit: false,
      drift: {
        missing: ['1'],
        extra: ['9'],
        differing: [{ id: '2', committed: expect.stringContaining(':participant') }],
      },
    });
    const text = (await run(MemberInventory, ['--ensemble', file, ...where(three)], { tty: true, columns: 200 }))
      .stdout;
    expect(text).toContain('member 1: in the ensemble, and not in the inventory');
    expect(text).toContain('member 9: in the inventory, and not in the ensemble');
    expect(text).toContain('member 2: the ensemble has it as server.2=');
  });

  it('says that it does not know when no configuration is told', async () => {
    const file = join(folder, 'dark.yaml');
    writeFileSync(
      file,
      'name: dark\ndefaults: {host: local, files: {config: /zoo.cfg}}\nmembers:\n  - {id: 1, server: "127.0.0.1:1:2;127.0.0.1:1"}\n',
    );
    const { code, stdout } = await run(MemberInventory, ['--ensemble', file, '--wait', '1s'], { tty: true });
    expect(code).toBe(0);
    expect(stdout).toContain('no configuration was told');
  });

  it('is kept in a context by context add --embed: the file is not needed any more', async () => {
    const three = await sharedEnsemble('three');
    const file = write('embedded.yaml', three);
    const added = await run(ContextAdd, ['embedded', ...where(three), '--ensemble', file, '--embed', '--force']);
    expect(added.code).toBe(0);
    rmSync(file);
    const { code, stdout } = await run(MemberInventory, ['-C', 'embedded', '-o', 'json']);
    expect([code, JSON.parse(stdout).members.length]).toEqual([0, 3]);
    expect((await run(ContextShow, ['embedded'])).stdout).toContain('ensemble: in this context, 3 members');

    const contexts = join(config, 'contexts.json');
    writeFileSync(contexts, readFileSync(contexts, 'utf8').replaceAll('"service":', '"sevrice":'));
    const wrong = await run(MemberInventory, ['-C', 'embedded']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/the ensemble of the context embedded, .*contexts\.json.*sevrice is not known/);
  });

  it('is checked before it is kept in a context', async () => {
    const three = await sharedEnsemble('three');
    const file = write('wrong.yaml', three, (entry) => entry.replace('service:', 'sevrice:'));
    const { code, stderr } = await run(ContextAdd, ['bad', ...where(three), '--ensemble', file, '--embed']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('sevrice is not known')]);
    expect((await run(ContextShow, ['bad'])).code).toBe(3);
  });

  it('needs no file for a local ensemble', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const { name, stateDir } = ensemble;
    await run(ContextAdd, ['placeholder', '-S', 'h:1']);
    const settings = { ...clientSettings(ensemble), note: `local ensemble ${name}, ZooKeeper x` };
    writeFileSync(join(config, 'contexts.json'), JSON.stringify({ contexts: { [name]: settings } }));
    // The state directory of a person is $XDG_STATE_HOME/zksh/local: here that is a link to the one of this run.
    const state = mkdtempSync(join(folder, 'state-'));
    const { mkdirSync, symlinkSync } = await import('node:fs');
    mkdirSync(join(state, 'zksh'));
    symlinkSync(stateDir, join(state, 'zksh', 'local'));
    const look = (...argv: string[]) => run(MemberInventory, ['-C', name, ...argv], { env: { XDG_STATE_HOME: state } });
    const { code, stdout } = await look('--check', '-o', 'json');
    const report = JSON.parse(stdout);
    expect([code, report.fit]).toEqual([0, true]);
    expect(report.members.map((member: { check: object }) => member.check)).toEqual(
      Array(3).fill(
        expect.objectContaining({
          reachable: true,
          service: expect.objectContaining({ state: 'running' }),
          problems: [],
        }),
      ),
    );
    await stop(ensemble, 2);
    writeFileSync(join(ensemble.members[2]!.dir, 'data', 'myid'), '1\n');
    const sick = await look('--check', '-o', 'json');
    expect(sick.code).toBe(8);
    const [, second, third] = JSON.parse(sick.stdout).members;
    expect(second.check).toMatchObject({ service: { state: 'stopped' }, problems: ['the server is stopped: stopped'] });
    expect(third.check.problems).toEqual([expect.stringContaining('myid says "1", and the inventory 3')]);
  });

  it('goes on when a machine can not be reached, and says so', async () => {
    const three = await sharedEnsemble('three');
    const file = write('gone.yaml', three, (entry, id) =>
      id === 2 ? entry.replace('}\n', ', host: {ssh: {host: no-such-host.invalid, config: none}}}\n') : entry,
    );
    const { code, stdout } = await inventory('--ensemble', file, '--check', '-o', 'json');
    expect(code).toBe(8);
    const checks = JSON.parse(stdout).members.map(({ check }: { check: { reachable: boolean } }) => check);
    expect(checks.map(({ reachable }: { reachable: boolean }) => reachable)).toEqual([true, false, true]);
    expect(checks[1].problems).toEqual([expect.stringContaining("no-such-host.invalid: it can't be reached")]);
  });

  it('refuses the ensemble file of another context', async () => {
    const three = await sharedEnsemble('three');
    const file = write('other.yaml', three);
    writeFileSync(file, `context: prod\n${readFileSync(file, 'utf8')}`);
    await run(ContextAdd, ['lab', '-S', three.connectString, '--ensemble', file]);
    expect(await inventory('-C', 'lab')).toMatchObject({ code: 2, stderr: expect.stringContaining('not of lab') });
    expect(await inventory('-C', 'lab', '--ensemble', file)).toMatchObject({ code: 2 });
    await run(ContextAdd, ['prod', '-S', three.connectString]);
    expect(await inventory('--ensemble', file)).toMatchObject({ code: 0 });
  });

  it('is found through the context, which shows the file', async () => {
    const three = await sharedEnsemble('three');
    const file = write('named.yaml', three);
    await run(ContextAdd, ['prod', '-S', three.connectString, '--ensemble', file]);
    expect((await run(ContextShow, ['prod'])).stdout).toContain(`ensemble: ${file}`);
    expect((await inventory('-C', 'prod')).code).toBe(0);
    // A context that is typed counts more than the environment.
    const place = { env: { ZKSH_CONFIG_DIR: config, ZKSH_ENSEMBLE: '/nowhere' } };
    expect((await run(MemberInventory, ['-C', 'prod'], place)).code).toBe(0);
  });

  it('says how to write one when there is none', async () => {
    const three = await sharedEnsemble('three');
    expect(await inventory('-S', three.connectString)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('zksh member inventory --init FILE'),
    });
    expect(await inventory('--ensemble', join(folder, 'none.yaml'))).toMatchObject({ code: 3 });
    expect(await inventory('some.yaml', '-S', 'h:1')).toMatchObject({ code: 2 });
  });
});

describe('member inventory --init', () => {
  const answered = [
    '--reach',
    'ssh',
    '--ssh-user',
    'zk',
    '--service',
    'systemd:zookeeper',
    '--zoo-cfg',
    '/zk/{id}/zoo.cfg',
  ];

  it('writes a first file from the committed configuration, which the command then takes', async () => {
    const three = await sharedEnsemble('three');
    const path = join(folder, 'first.yaml');
    await run(ContextAdd, ['prod', '-S', three.connectString]);
    const { code, stdout } = await inventory('--init', path, '-C', 'prod', ...answered, '--save', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ path, name: 'prod', context: 'prod', members: ['1', '2', '3'] });
    const shown = await inventory('-C', 'prod', '-o', 'json');
    expect([shown.code, JSON.parse(shown.stdout).source.path]).toEqual([0, path]);
    expect(JSON.parse(shown.stdout).members[0]).toMatchObject({ host: { kind: 'ssh', name: 'zk@127.0.0.1' } });
  });

  it('never writes over a file without --force', async () => {
    const three = await sharedEnsemble('three');
    const path = join(folder, 'mine.yaml');
    writeFileSync(path, 'mine');
    const argv = ['--init', path, '-S', three.connectString, ...answered];
    expect(await inventory(...argv)).toMatchObject({ code: 6, stderr: expect.stringContaining('--force') });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect((await inventory(...argv, '--force')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('name: ensemble');
  });

  it('does not take one zoo.cfg for that of several members', async () => {
    const three = await sharedEnsemble('three');
    const argv = ['--init', join(folder, 'same.yaml'), '-S', three.connectString, ...answered.slice(0, -1), '/zoo.cfg'];
    expect(await inventory(...argv)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('put {id} into --zoo-cfg'),
    });
  });

  it.each([
    ['--reach', []],
    ['--service', ['--reach', 'ssh']],
    ['--zoo-cfg', ['--reach', 'ssh', '--service', 'systemd:zookeeper']],
    ['--container', ['--reach', 'docker']],
    ['--pod', ['--reach', 'kubernetes']],
    ['--run', ['--reach', 'commands']],
  ])('off a terminal says that %s is missing', async (flag, argv) => {
    const three = await sharedEnsemble('three');
    const path = join(folder, 'never.yaml');
    const { code, stderr } = await inventory('--init', path, '-S', three.connectString, ...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(`${flag} is missing`);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it('asks on a terminal for what it can not know', async () => {
    const three = await sharedEnsemble('three');
    const path = join(folder, 'asked.yaml');
    const answers = ['ssh', 'ops', 'bastion', true, 'zkServer', '/zk/bin/zkServer.sh', '/zk/{id}.cfg'];
    const answer = async (): Promise<never> => answers.shift() as never;
    const prompts: Prompts = { input: answer, password: answer, confirm: answer, select: answer };
    const { code } = await run(MemberInventory, ['--init', path, '-S', three.connectString], { tty: true, prompts });
    expect([code, answers]).toEqual([0, []]);
    expect(readFileSync(path, 'utf8')).toContain('      user: ops\n      jump: bastion\n      sudo: true\n');
    expect(readFileSync(path, 'utf8')).toContain('    zkServer: /zk/bin/zkServer.sh\n');
  });

  it('takes the server lines of a zoo.cfg where the ensemble tells none', async () => {
    const alone = await sharedEnsemble('standalone');
    const path = join(folder, 'from.yaml');
    const none = await inventory('--init', path, '-S', alone.connectString, ...answered);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('--from') });
    const zoo = join(folder, 'zoo.cfg');
    writeFileSync(zoo, 'dataDir=/d\nserver.1=zk1:2888:3888\nserver.5=zk5:2888:3888:observer\n');
    const { code, stdout } = await inventory('--init', path, '--from', zoo, ...answered, '-o', 'json');
    expect([code, JSON.parse(stdout).members]).toEqual([0, ['1', '5']]);
  });
});
