import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import ConfigLint from '../../commands/config/lint.ts';
import { completionModel, wordsAfter } from '../../src/cli/completion/model.ts';
import { findCommand } from '../../src/cli/find-command.ts';
import { RULES } from '../../src/config/lint.ts';
import { RUNNING_RULES } from '../../src/config/live/lint-live.ts';
import { type Example, zooCfg } from '../config/examples.ts';
import { runCommand } from '../support/run-command.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-lint-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function write(name: string, example: Example): Promise<string> {
  const path = join(directory, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, zooCfg(example), 'latin1');
  return path;
}

const lint = (...argv: string[]) => runCommand(ConfigLint, argv);

describe('zksh config lint', () => {
  it('exits 0 and says so when nothing is wrong', async () => {
    expect(await lint(await write('zoo.cfg', {}))).toEqual({
      code: 0,
      stdout: 'nothing found in 1 file\n',
      stderr: '',
    });
  });

  it('names file, line and rule of what it finds, and exits 8', async () => {
    const path = await write('zoo.cfg', { set: { tickTime: 'fast', maxClientCnxns: '0' } });
    const { code, stdout } = await lint(path);
    expect(code).toBe(8);
    expect(stdout.split('\n')).toEqual([
      `${path}:1: error: tickTime: "fast" is no whole number; the server does not start [bad-value]`,
      `${path}:13: warning: maxClientCnxns is 0 [connections-unlimited]`,
      '  write: maxClientCnxns=60',
      '1 error, 1 warning in 1 file; --explain RULE says why',
      '',
    ]);
  });

  it('lets warnings pass without --strict', async () => {
    const path = await write('zoo.cfg', { set: { maxClientCnxns: '0' } });
    expect((await lint(path)).code).toBe(0);
    expect((await lint(path, '--strict')).code).toBe(8);
    expect((await lint(path, '--strict', '--ignore', 'connections-unlimited')).code).toBe(0);
    expect((await lint('--ignore', 'connections-unlimited', path, '--strict')).code).toBe(0);
    expect((await lint(path, '--strict', '--severity', 'error')).code).toBe(0);
  });

  it('has a JSON contract', async () => {
    const path = await write('zoo.cfg', { set: { maxClientCnxn: '0' } });
    const { stdout } = await lint(path, '-o', 'json');
    expect(JSON.parse(stdout)).toEqual({
      release: '3.9.5',
      files: [path],
      errors: 0,
      warnings: 1,
      advice: 0,
      findings: [
        {
          rule: 'unknown-parameter',
          severity: 'warning',
          file: path,
          line: 13,
          key: 'maxClientCnxn',
          message: 'no server knows maxClientCnxn: did you mean maxClientCnxns?',
          why: expect.stringContaining('misspelt'),
          fix: 'maxClientCnxns',
          reference: expect.stringContaining('https://zookeeper.apache.org/'),
        },
      ],
    });
  });

  it('makes a CSV of the findings', async () => {
    const path = await write('zoo.cfg', { set: { tickTime: 'fast' } });
    expect((await lint(path, '-o', 'csv')).stdout).toMatch(/^severity,rule,file,line,message\nerror,bad-value,/);
  });

  it('reads the dynamic file, java.env and myid where it can see them', async () => {
    const data = join(directory, 'data');
    await mkdir(data);
    await writeFile(join(data, 'myid'), '4\n');
    await writeFile(join(directory, 'zoo.cfg.dynamic.100000000'), 'server.1=10.0.0.1:2888:3888;2181\nserver.2=oops\n');
    await writeFile(
      join(directory, 'java.env'),
      '# -Djute.maxbuffer=1\nexport SERVER_JVMFLAGS="-Djute.maxbuffer=8388608"\n',
    );
    const servers = { 'server.1': undefined, 'server.2': undefined, 'server.3': undefined };
    const set = {
      ...servers,
      dataDir: data,
      standaloneEnabled: 'false',
      dynamicConfigFile: '/etc/zk/zoo.cfg.dynamic.100000000',
    };
    const { stdout } = await lint(await write('zoo.cfg', { set }), '-o', 'json');
    const findings: { rule: string; file: string }[] = JSON.parse(stdout).findings;
    const rules = findings.map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(['bad-server-line', 'foreign-myid', 'large-znodes']));
    expect(findings.find(({ rule }) => rule === 'bad-server-line')?.file).toBe(
      join(directory, 'zoo.cfg.dynamic.100000000'),
    );
  });

  it('compares several files as the members of one ensemble', async () => {
    const files = [await write('1/zoo.cfg', {}), await write('2/zoo.cfg', { set: { syncLimit: '7' } })];
    const { code, stdout } = await lint(...files);
    expect(code).toBe(8);
    expect(stdout).toContain(`${files[1]}:3: error: syncLimit is 7, and 5 in ${files[0]} [must-agree]`);
  });

  it('heeds the release', async () => {
    const path = await write('zoo.cfg', { set: { 'admin.snapshot.enabled': 'false' } });
    expect((await lint(path, '--version', '3.8')).stdout).toContain('admin.snapshot.enabled is known since 3.9.0 only');
    expect((await lint(path, '--version', '3.9')).stdout).toBe('nothing found in 1 file\n');
    expect(await lint(path, '--version', '4')).toMatchObject({ code: 2, stdout: '' });
  });

  it('explains a rule, and lists them all', async () => {
    const { code, stdout } = await lint('--explain', 'even-voters');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^even-voters \(warning\): an even number of voters\nIt survives no more[^\n]*\nhttps:/);
    expect((await lint('--rules')).stdout.trimEnd().split('\n')).toHaveLength(RULES.length + RUNNING_RULES.length);
    expect(JSON.parse((await lint('--explain', 'bad-value', '-o', 'json')).stdout)).toMatchObject({
      rule: 'bad-value',
      severity: 'error',
      refuses: true,
    });
  });

  it('sees the machine where dataDir is on it', async () => {
    const [dataDir, dataLogDir] = [join(directory, 'data'), join(directory, 'log')];
    const path = await write('zoo.cfg', { set: { dataDir, dataLogDir } });
    await mkdir(join(dataDir, 'version-2'), { recursive: true });
    await mkdir(dataLogDir);
    await writeFile(join(dataDir, 'myid'), '1\n');
    // The newest by its zxid counts; holes take no disk.
    for (const [name, size] of [
      ['snapshot.9', 8],
      ['snapshot.10', 2 ** 31],
      ['snapshot.ff.gz', 8],
    ] as const) {
      await writeFile(join(dataDir, 'version-2', name), '');
      await truncate(join(dataDir, 'version-2', name), size);
    }
    const rulesOf = async () =>
      JSON.parse((await lint(path, '--ignore', 'volatile-data', '-o', 'json')).stdout).findings.map(
        ({ rule }: { rule: string }) => rule,
      );
    expect(await rulesOf()).toEqual(['log-on-data-device']);
    await writeFile(join(directory, 'java.env'), 'export SERVER_JVMFLAGS="-Xmx999t"\n');
    expect(await rulesOf()).toEqual(['heap-over-memory', 'log-on-data-device']);
    await writeFile(join(directory, 'java.env'), '# -Xmx9t\nZK_SERVER_HEAP=512\n');
    expect(await rulesOf()).toEqual(['heap-under-snapshot', 'log-on-data-device']);
  });

  it('names every rule in its help', () => {
    for (const { id } of [...RULES, ...RUNNING_RULES]) expect(ConfigLint.description).toContain(`  ${id}: `);
  });

  it.each([
    ['no file', [], 2, 'no configuration file was named'],
    ['a file that is not there', ['/nowhere/zoo.cfg'], 3, 'cannot read /nowhere/zoo.cfg: there is no such file'],
    ['a directory', ['/'], 2, 'cannot read /: '],
    ['a rule that does not exist', ['--explain', 'even-voter'], 2, 'there is no rule "even-voter"'],
    ['a rule to ignore that does not exist', ['--ignore', 'all', 'zoo.cfg'], 2, 'there is no rule "all"'],
  ])('refuses %s', async (_, argv, code, message) => {
    const ran = await lint(...argv);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  it('refuses what is far too large for a zoo.cfg', async () => {
    const path = join(directory, 'huge');
    await writeFile(path, 'x'.repeat(1024 * 1024 + 1));
    expect(await lint(path)).toMatchObject({ code: 2, stderr: expect.stringContaining('is over 1048576 bytes') });
  });
});

describe("the topic config beside zkCli's command config", () => {
  const commands = { findCommand: (id: string) => (['config', 'config:lint'].includes(id) ? { id } : undefined) };

  it('leaves the command what it was', () => {
    expect(findCommand(commands, ['config'])).toEqual({ id: 'config', rest: [] });
    expect(findCommand(commands, ['config', '-c'])).toEqual({ id: 'config', rest: ['-c'] });
    expect(findCommand(commands, ['config', 'lint', 'zoo.cfg'])).toEqual({ id: 'config:lint', rest: ['zoo.cfg'] });
  });

  it('offers its words behind the command', () => {
    const ids = ['config', 'config:diff', 'config:lint'];
    const model = completionModel({ commands: ids.map((id) => ({ id, flags: {}, args: {} })) } as never, []);
    const words = wordsAfter(model);
    expect(words.get('')?.map(({ word }) => word)).toEqual(['config']);
    expect(words.get('config')?.map(({ word }) => word)).toEqual(['diff', 'lint']);
  });
});
