import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import ConfigDiff from '../../commands/config/diff.ts';
import ConfigLint from '../../commands/config/lint.ts';
import ConfigShow from '../../commands/config/show.ts';
import ConfigTune from '../../commands/config/tune.ts';
import { kill, restart } from '../../src/local/control.ts';
import { sharedEnsemble, sharedRelease, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

interface Parameter {
  parameter: string;
  value: string | null;
  origin: string;
  source?: string;
  note?: string;
}
interface Shown {
  members: { id?: string; host: string; version: string; parameters: Parameter[]; missing: unknown[] }[];
  differing: string[];
  silent: { id?: string; host: string; reason: string }[];
}

/** AdminServers of an ensemble whose members share one host, each at its own port. */
function admins({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => (adminPort === undefined ? [] : ['--admin', `${id}=${adminPort}`]));
}

const cfgOf = ({ stateDir, name }: TestEnsemble, id: number) => join(stateDir, name, `member-${id}`, 'zoo.cfg');

async function show(ensemble: TestEnsemble, ...argv: string[]): Promise<Shown & { code: number }> {
  const { code, stdout, stderr } = await runCommand(ConfigShow, ['-S', ensemble.connectString, '-o', 'json', ...argv]);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Shown) };
}

const one = (shown: Shown, parameter: string, i = 0) =>
  shown.members[i]?.parameters.find((each) => each.parameter === parameter);

/** Changes lines of a member's zoo.cfg. */
async function edit(ensemble: TestEnsemble, id: number, changes: Record<string, string>): Promise<void> {
  const path = cfgOf(ensemble, id);
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => !(line.split('=')[0]! in changes));
  const added = Object.entries(changes).map(([key, value]) => `${key}=${value}`);
  await writeFile(path, [...added, ...lines].join('\n'));
}

/** A file of a name that is not there, gone when the test ends. */
function scratch(name: string): string {
  const path = join(tmpdir(), `zksh-${process.pid}-${name}`);
  onTestFinished(() => rm(path, { force: true }));
  return path;
}

describe('the configuration of three members, of which one has drifted', () => {
  const drifted = useEnsemble({
    servers: 3,
    config: { maxClientCnxns: '60', 'autopurge.purgeInterval': '24' },
    systemProperties: { 'zookeeper.snapCount': '50000', 'jute.maxbuffer': '2097152' },
  });
  beforeAll(async () => {
    await edit(drifted(), 2, { maxSessionTimeout: '90000', maxClientCnxns: '7', maxClientCnxn: '7' });
    await restart(drifted(), 2);
  }, 120_000);

  it('is shown, a column a member, with what differs', async () => {
    const shown = await show(drifted(), ...admins(drifted()));
    expect(shown.code).toBe(0);
    expect(shown.differing.sort()).toEqual(['maxClientCnxns', 'maxSessionTimeout']);
    expect(shown.members.map((_, i) => one(shown, 'maxClientCnxns', i)?.value)).toEqual(['60', '7', '60']);
    expect(one(shown, 'maxClientCnxns', 1)).toMatchObject({ origin: 'reported', source: 'admin:configuration' });
    expect(one(shown, 'maxSessionTimeout', 0)).toMatchObject({
      value: '40000',
      origin: 'default',
      note: '20 × tickTime',
    });
    expect(one(shown, 'snapCount')).toMatchObject({ value: '50000', origin: 'property' });
    expect(one(shown, 'jute.maxbuffer')).toMatchObject({ value: '2097152', origin: 'property' });
    expect(one(shown, 'server.3')).toMatchObject({ origin: 'dynamic' });
    expect(one(shown, 'DigestAuthenticationProvider.superDigest')?.value).toBe('(a secret)');
    expect(JSON.stringify(shown)).not.toContain(drifted().superSecret);
  });

  it('shows on a terminal what differs first', async () => {
    const argv = ['-S', drifted().connectString, ...admins(drifted())];
    const { stdout } = await runCommand(ConfigShow, argv, { tty: true, columns: 120 });
    const [differing = '', alike = ''] = stdout.split('\n\n');
    expect(differing).toMatch(/^PARAMETER +1 +2 +3 +DIFFERS /);
    expect(differing).toMatch(/^maxClientCnxns +60 +7 +60 +yes +/m);
    expect(alike).toMatch(/^PARAMETER +VALUE +ORIGIN /);
    expect(alike).toMatch(/^tickTime +2000 +reported$/m);
    expect(stdout).toMatch(/^maxClientCnxns, maxSessionTimeout differ between members$/m);
  });

  it('shows the parameters that are named, with what is not told and their place in the documentation', async () => {
    const shown = await show(drifted(), ...admins(drifted()), '--member', '1', 'autopurge.purgeInterval', 'tickTime');
    expect(shown.members).toHaveLength(1);
    expect(shown.members[0]?.parameters).toEqual([
      expect.objectContaining({ parameter: 'autopurge.purgeInterval', value: null, origin: 'unknown' }),
      expect.objectContaining({ parameter: 'tickTime', reference: expect.stringContaining('#sc_') }),
    ]);
  });

  it('is compared between members, each difference with its meaning', async () => {
    const argv = ['-S', drifted().connectString, ...admins(drifted()), '--live', '-o', 'json'];
    const { code, stdout } = await runCommand(ConfigDiff, argv);
    const { differences, members, files } = JSON.parse(stdout);
    expect({ code, files, members: members.length }).toEqual({ code: 8, files: [], members: 3 });
    const kinds = new Map(differences.map(({ key, kind }: { key: string; kind: string }) => [key, kind]));
    expect(kinds.get('maxSessionTimeout')).toBe('harmful');
    expect(kinds.get('maxClientCnxns')).toBe('restart');
    expect(kinds.get('clientPort')).toBe('own');
    expect(kinds.get('maxClientCnxn')).toBe('harmless');
    expect(kinds.has('snapCount')).toBe(false);
    expect(differences.find(({ key }: { key: string }) => key === 'maxSessionTimeout')).toMatchObject({
      inForce: ['40000', '90000', '40000'],
      values: [null, '90000', null],
      told: [true, true, true],
    });
  });

  it('is compared with a file: what it would change', async () => {
    const file = scratch('drift.cfg');
    const text = await readFile(cfgOf(drifted(), 2), 'utf8');
    await writeFile(
      file,
      text.replace(/^maxClientCnxns=7$/m, 'maxClientCnxns=100').replace(/^dataDir=.*$/m, 'dataDir=/srv/zk'),
    );
    const argv = [file, '-S', drifted().connectString, ...admins(drifted()), '--live', '--member', '2', '-o', 'json'];
    const { code, stdout } = await runCommand(ConfigDiff, argv);
    const found = JSON.parse(stdout).differences.map(
      ({ key, kind }: { key: string; kind: string }) => `${key} ${kind}`,
    );
    expect(code).toBe(8);
    expect(found.sort()).toEqual(['dataDir restart', 'maxClientCnxns restart', 'snapCount restart']);
  });

  it('says nothing of a file that is in force, but for what -D flags set', async () => {
    const argv = [cfgOf(drifted(), 1), '-S', drifted().connectString, ...admins(drifted()), '--live', '--member', '1'];
    const { stdout } = await runCommand(ConfigDiff, argv);
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')[0]),
    ).toEqual(['snapCount']);
  });

  it('is judged, and what cannot be is said to be so', async () => {
    const argv = ['-S', drifted().connectString, ...admins(drifted()), '--live', '-o', 'json'];
    const { code, stdout } = await runCommand(ConfigLint, argv);
    const { findings, notJudged, members, silent } = JSON.parse(stdout);
    expect({ code, members: members.length, silent }).toEqual({ code: 8, members: 3, silent: [] });
    const found = findings.map(({ rule, file }: { rule: string; file: string }) => `${rule} ${file.split(' ')[1]}`);
    expect(found).toEqual(
      expect.arrayContaining(['must-agree 2', 'should-agree 2', 'unknown-parameter 2', 'every-word-open 1']),
    );
    expect(notJudged).toContainEqual({
      rule: 'autopurge-off',
      members,
      reason: 'autopurge.purgeInterval is not told',
    });
  });

  it('is judged with its files, and a line that is not in force is found', async () => {
    const file = scratch('lint.cfg');
    const text = await readFile(cfgOf(drifted(), 1), 'utf8');
    await writeFile(file, text.replace(/^tickTime=.*$/m, 'tickTime=3000'));
    const argv = [file, '-S', drifted().connectString, ...admins(drifted()), '--live', '-o', 'json'];
    const { findings } = JSON.parse((await runCommand(ConfigLint, argv)).stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: 'not-in-force', file, key: 'tickTime', line: expect.any(Number) }),
    );
  });

  it('says once what is alike at all members', async () => {
    const argv = ['-S', drifted().connectString, ...admins(drifted()), '--live'];
    const { stdout } = await runCommand(ConfigLint, argv);
    expect(stdout.match(/\[every-word-open\]/g)).toHaveLength(1);
    expect(stdout).toMatch(/^all 3 members: warning: the whitelist is \* \[every-word-open\]$/m);
    expect(stdout).toMatch(/^not judged: .*autopurge-off: autopurge\.purgeInterval is not told$/m);
    expect(stdout).toMatch(/ in 3 members; --explain RULE says why\n$/);
  });

  it('is tuned: proposals with their arithmetic, and a patch that the server boots with', async () => {
    const path = cfgOf(drifted(), 2);
    const out = scratch('tuned.cfg');
    const argv = [path, '-S', drifted().connectString, ...admins(drifted()), '--window', '500ms', '--write', out];
    const { code, stdout, stderr } = await runCommand(ConfigTune, [...argv, '-o', 'json']);
    const { proposals, patch, members, writes } = JSON.parse(stdout);
    expect({ code, members: members.length }).toEqual({ code: 0, members: 3 });
    expect(stderr).toBe(`written: ${out}\n`);
    // Our own sessions write.
    expect(writes).toBeGreaterThan(0);
    for (const member of members) expect(member.roundTrip.count).toBe(7);
    const limit = proposals.find(({ parameter }: { parameter: string }) => parameter === 'initLimit');
    expect(limit).toMatchObject({ verdict: 'keep', now: '10', proposed: null, confidence: expect.any(String) });
    expect(limit.formula).toMatch(/^4 × \(.* \/ 20 MB\/s.* round trip\) = .* ticks of 2000 ms$/);
    const before = await readFile(path, 'latin1');
    const after = await readFile(out, 'latin1');
    const kept = before.split('\n').filter((line) => !after.split('\n').includes(line));
    expect(kept.every((line) => patch.includes(`-${line}`))).toBe(true);
    await writeFile(path, after, 'latin1');
    await restart(drifted(), 2);
    const shown = await show(drifted(), ...admins(drifted()), '--member', '2', 'maxSessionTimeout');
    expect(one(shown, 'maxSessionTimeout')).toMatchObject({ value: '90000' });
    const again = await runCommand(ConfigTune, argv);
    expect(again).toMatchObject({ code: 6, stderr: expect.stringContaining('it is there already') });
  }, 60_000);
});

describe('the JSON of these commands', () => {
  /** Names of fields at any depth, but those that are data. */
  function fieldsIn(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(fieldsIn);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, field]) => [key, ...(key === 'load' ? [] : fieldsIn(field))]);
  }

  it.each<[string, typeof ConfigShow | typeof ConfigLint | typeof ConfigDiff | typeof ConfigTune, string[]]>([
    ['show', ConfigShow, ['--all']],
    ['lint', ConfigLint, ['--live']],
    ['diff', ConfigDiff, ['--live']],
    ['tune', ConfigTune, ['--window', '300ms']],
  ])('of config %s has the fields that its help names', async (_, Class, argv) => {
    const ensemble = await sharedEnsemble('three');
    const where = ['-S', ensemble.connectString, ...admins(ensemble), '-o', 'json'];
    const { stdout } = await runCommand(Class, [...argv, ...where]);
    const [, contract = ''] = /JSON: ([\s\S]*?)(?:\n\n|$)/.exec(Class.description) ?? [];
    const named = new Set(contract.match(/\w+/g));
    expect([...new Set(fieldsIn(JSON.parse(stdout)))].filter((field) => !named.has(field))).toEqual([]);
  });
});

describe('the configuration of members that tell little', () => {
  const bare = useEnsemble({ servers: 3, bare: true });

  it('is the committed membership and nothing else, and that is said', async () => {
    const shown = await show(bare(), '--admin', 'off', '--all');
    const known = shown.members.flatMap(({ parameters }) => parameters.filter(({ origin }) => origin !== 'unknown'));
    expect([...new Set(known.map(({ origin }) => origin))]).toEqual(['dynamic']);
    expect(shown.members[0]?.missing).toContainEqual(
      expect.objectContaining({ source: '4lw:conf', reason: 'not in 4lw.commands.whitelist' }),
    );
  });

  it('is not judged but for what the membership says', async () => {
    const argv = ['-S', bare().connectString, '--admin', 'off', '--live', '-o', 'json'];
    const { code, stdout } = await runCommand(ConfigLint, argv);
    const { findings, notJudged } = JSON.parse(stdout);
    expect({ code, findings }).toEqual({ code: 0, findings: [] });
    expect(notJudged.map(({ rule }: { rule: string }) => rule)).toEqual(
      expect.arrayContaining(['sync-limit-short', 'every-word-open', 'init-limit-for-data', 'heap-for-data']),
    );
  });

  it('gives no proposal that rests on nothing', async () => {
    const argv = ['-S', bare().connectString, '--admin', 'off', '--window', '300ms', '-o', 'json'];
    const { proposals } = JSON.parse((await runCommand(ConfigTune, argv)).stdout);
    const changes = proposals.filter(({ verdict }: { verdict: string }) => verdict === 'change');
    expect(changes).toEqual([]);
    expect(proposals).toContainEqual(
      expect.objectContaining({ parameter: 'autopurge.purgeInterval', verdict: 'unknown', proposed: null }),
    );
  });

  it('says which member did not answer, and exits 5', async () => {
    await kill(bare(), 3);
    // It may have led: who it is, is known once the others serve again.
    await expect.poll(async () => (await show(bare(), '--admin', 'off')).silent[0]?.id, { timeout: 30_000 }).toBe('3');
    const shown = await show(bare(), '--admin', 'off');
    expect(shown).toMatchObject({ code: 5, silent: [{ id: '3', reason: expect.stringContaining('refused') }] });
    const argv = ['-S', bare().connectString, '--admin', 'off'];
    const piped = await runCommand(ConfigShow, [...argv, 'tickTime']);
    expect(piped).toMatchObject({ code: 5, stderr: expect.stringMatching(/^note: 3 is unreachable: /m) });
    const two = await runCommand(ConfigDiff, [...argv, '--live', '--member', '1', '--member', '3']);
    expect(two).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('3 is unreachable: ') });
    const diff = await runCommand(ConfigDiff, ['-S', bare().connectString, '--admin', 'off', '--live'], { tty: true });
    expect(diff).toMatchObject({ code: 5, stdout: expect.stringMatching(/^3 is unreachable: /m) });
  }, 60_000);
});

describe('the configuration of a standalone server', () => {
  it('comes from the file it shows, and all of it is told', async () => {
    const ensemble = await sharedEnsemble('standalone');
    const { adminPort, host, clientPort } = ensemble.members[0]!;
    const shown = await show(ensemble, '--admin', `${host}:${clientPort}=${adminPort}`, '--all');
    expect(one(shown, 'tickTime')).toMatchObject({ value: '2000', origin: 'file' });
    expect(shown.members[0]?.parameters.filter(({ origin }) => origin === 'unknown')).toEqual([]);
  });

  it.each(['3.4.14', '3.5.10'])(
    'is what %s tells',
    async (version) => {
      const ensemble = await sharedRelease(version);
      const shown = await show(ensemble, ...admins(ensemble), '--all');
      expect(shown.members[0]?.version).toBe(version);
      expect(one(shown, 'tickTime')).toMatchObject({ value: '2000', origin: 'reported' });
      expect(one(shown, 'forceSync')).toMatchObject({
        origin: 'unknown',
        note: 'no server before 3.6 tells its system properties',
      });
      const argv = ['-S', ensemble.connectString, ...admins(ensemble)];
      expect(await runCommand(ConfigLint, [...argv, '--live'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('not judged: '),
      });
      expect((await runCommand(ConfigTune, [...argv, '--window', '300ms'])).stdout).toMatch(/^tickTime\tkeep\t2000\t/m);
    },
    180_000,
  );
});

describe('what is refused', () => {
  it.each<[string, unknown, string[], number, string]>([
    ['a parameter that does not exist', ConfigShow, ['maxClientCnxn'], 2, 'Did you mean maxClientCnxns?'],
    ['a patch of no file', ConfigTune, ['--patch'], 2, 'there is no file to change'],
    ['a file that is not there', ConfigTune, ['/nowhere/zoo.cfg'], 3, 'cannot read /nowhere/zoo.cfg'],
    [
      'servers nobody runs',
      ConfigShow,
      ['-S', '127.0.0.1:1', '--admin', 'off'],
      5,
      'no member tells its configuration',
    ],
    [
      'servers nobody runs, to lint',
      ConfigLint,
      ['-S', '127.0.0.1:1', '--live', '--admin', 'off'],
      5,
      '127.0.0.1:1 is unreachable',
    ],
  ])('is %s', async (_, Class, argv, code, message) => {
    const ran = await runCommand(Class, argv);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  it('is a member that is none', async () => {
    const { connectString } = await sharedEnsemble('three');
    const ran = await runCommand(ConfigShow, ['-S', connectString, '--admin', 'off', '--member', '9']);
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('The members are 1, 2, 3.') });
  });

  it('is one member compared with nothing', async () => {
    const { connectString } = await sharedEnsemble('three');
    const ran = await runCommand(ConfigDiff, ['-S', connectString, '--admin', 'off', '--member', '1', '--live']);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('one member is nothing to compare') });
  });
});
