import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import Health from '../../commands/health.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { readCommittedConfig } from '../../src/ensemble/committed-config.ts';
import { CHECKS } from '../../src/ensemble/health/judge.ts';
import { kill, pause, resume, start } from '../../src/local/control.ts';
import {
  ephemeralEnsemble,
  sharedEnsemble,
  sharedRelease,
  type TestEnsemble,
  useEnsemble,
} from '../support/ensembles.ts';
import { type Place, runCommand } from '../support/run-command.ts';
import { separateNetwork } from '../support/separate-network.ts';

interface Found {
  code: string;
  severity: string;
  members: { id?: string; host: string }[];
  message: string;
  evidence: string;
}

interface Judged {
  exit: number;
  verdict: string;
  findings: Found[];
  notJudged: { code: string; vital: boolean; members: { id?: string }[]; reason: string }[];
  passed: string[];
  skipped: { code: string; reason: string }[];
  members: { id?: string; host: string; role: string }[];
  took: number;
}

async function health(servers: string, ...argv: string[]): Promise<Judged> {
  const { code, stdout, stderr } = await runCommand(Health, ['-S', servers, '-o', 'json', ...argv], {
    now: Date.now(),
  });
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Judged), exit: code };
}

/** The codes found, worst first, without advice. */
function serious({ findings }: Judged): string[] {
  return findings.filter(({ severity }) => severity !== 'advice').map(({ severity, code }) => `${severity} ${code}`);
}

function admins({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

async function text(servers: string, argv: string[], place: Place = {}): Promise<string> {
  return (await runCommand(Health, ['-S', servers, ...argv], place)).stdout;
}

async function versionOf(client: Client): Promise<bigint> {
  return (await readCommittedConfig(client)).config.version ?? 0n;
}

describe('health of three members that are well', () => {
  it('is healthy, exit 0, whichever way they are asked', async () => {
    const ensemble = await sharedEnsemble('three');
    for (const argv of [admins(ensemble), ['--admin', 'off']]) {
      const judged = await health(ensemble.connectString, ...argv);
      expect({ serious: serious(judged), exit: judged.exit, verdict: judged.verdict }).toEqual({
        serious: [],
        exit: 0,
        verdict: 'healthy',
      });
      expect(judged.passed).toEqual(
        expect.arrayContaining([
          'quorum-lost',
          'tolerance-zero',
          'zxid-lag',
          'not-synced',
          'requests-waiting',
          'heap-tight',
          'disk-tight',
        ]),
      );
      // Servers of tests do not wait for their disk, so there is nothing to judge it by.
      expect(judged.notJudged).toContainEqual(
        expect.objectContaining({ code: 'fsync-slow', reason: expect.stringContaining('forceSync=no') }),
      );
    }
  });

  it('accounts for every check exactly once, or as found and not judged', async () => {
    const judged = await health((await sharedEnsemble('three')).connectString);
    const told = new Set([...judged.findings, ...judged.notJudged, ...judged.skipped].map(({ code }) => code));
    expect([...judged.passed, ...told].sort()).toEqual(CHECKS.map(({ code }) => code).sort());
  });

  it('tells of what is open to everybody, as advice', async () => {
    const judged = await health((await sharedEnsemble('three')).connectString);
    const advice = judged.findings.filter(({ severity }) => severity === 'advice');
    expect(advice.map(({ code }) => code)).toEqual(expect.arrayContaining(['words-open', 'root-open']));
    expect(advice.find(({ code }) => code === 'root-open')?.message).toBe('the ACL of / is world:anyone:cdrwa');
  });

  it('says the verdict first, then the ensemble, then what to do', async () => {
    const { connectString } = await sharedEnsemble('three');
    const lines = (await text(connectString, [], { tty: true, columns: 100 })).split('\n');
    expect(lines[0]).toMatch(/^HEALTHY(: \d advice)?$/);
    expect(lines[1]).toMatch(/^ZooKeeper \d\.\d+\.\d+, leader \d, zxid 0x/);
    expect(lines[2]).toBe('3 of 3 voters serve, 1 more may fail');
    expect(lines.at(-2)).toMatch(/^\d+ checks passed/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('as a plugin is one line with performance data', async () => {
    const { connectString } = await sharedEnsemble('three');
    const { code, stdout } = await runCommand(Health, ['-S', connectString, '--nagios']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ZOOKEEPER OK - 3 of 3 voters serve, 1 more may fail \| voters=3;;;0;3 tolerance=1;;;0 '1_latency_avg'=[\d.]+ms;100;;0 [^\n]*\n$/,
    );
  });
});

describe('health of members that fail one by one', () => {
  const bare = useEnsemble({ servers: 3, bare: true });

  it('tells the truth to the end, within the time limit, by srvr alone', async () => {
    const ensemble = bare();
    const argv = ['--admin', 'off', '--wait', '1500ms'];
    const well = await health(ensemble.connectString, ...argv);
    expect(well).toMatchObject({ exit: 0, verdict: 'healthy' });
    const silent = well.notJudged.find(({ code }) => code === 'fsync-slow');
    expect(silent).toMatchObject({ reason: 'no metrics (mntr: not in 4lw.commands.whitelist)', members: [{}, {}, {}] });

    await pause(ensemble, 3);
    const leading = async (): Promise<boolean> =>
      (await health(ensemble.connectString, ...argv)).members.some(({ role }) => role === 'leader');
    await expect.poll(leading, { timeout: 40_000 }).toBe(true);
    const hung = await health(ensemble.connectString, ...argv);
    expect(hung.exit).toBe(8);
    expect(serious(hung)).toEqual(['critical tolerance-zero', 'warning member-unreachable']);
    expect(hung.findings[1]).toMatchObject({
      members: [{ id: '3' }],
      evidence: expect.stringContaining('did not answer within'),
    });
    // Each of the questions waiting its turn would take it several times.
    expect(hung.took).toBeLessThan(2 * 1500);

    await kill(ensemble, 2);
    const gone = async (): Promise<string[]> => serious(await health(ensemble.connectString, ...argv));
    await expect
      .poll(gone, { timeout: 40_000 })
      .toEqual([
        'critical nothing-serves',
        'warning member-unreachable',
        'warning member-unreachable',
        'warning member-not-serving',
      ]);
    const nagios = await runCommand(Health, ['-S', ensemble.connectString, ...argv, '--nagios']);
    expect(nagios).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^ZOOKEEPER CRITICAL - none of 3 members serves, 2 of them are unreachable/),
    });

    for (const id of [1, 3]) await kill(ensemble, id);
    const none = await health(ensemble.connectString, ...argv);
    expect(none).toMatchObject({ exit: 8, verdict: 'unhealthy', passed: [] });
    expect(none.findings[0]).toMatchObject({ code: 'nothing-serves', message: 'every member is unreachable' });
    const shown = await text(ensemble.connectString, argv, { tty: true });
    expect(shown).toMatch(/^UNHEALTHY: 1 critical, 1 warning\nnothing serves\n/);
    expect(shown).toContain('connection refused');
    expect(shown).toMatch(/\n0 checks passed/);

    for (const id of [1, 2, 3]) await start(ensemble, id);
    await expect
      .poll(async () => (await health(ensemble.connectString, ...argv)).verdict, { timeout: 40_000 })
      .toBe('healthy');
  });
});

describe('health of servers that do not belong together', () => {
  it('finds a server of another ensemble, and that two lead', async () => {
    const [ours, other] = [await sharedEnsemble('three'), await ephemeralEnsemble({ servers: 2 })];
    const judged = await health(`${ours.connectString},${other.connectString}`, '--admin', 'off');
    expect(judged.exit).toBe(8);
    expect(serious(judged)).toEqual(expect.arrayContaining(['critical two-leaders', 'critical foreign-member']));
    const foreign = judged.findings.filter(({ code }) => code === 'foreign-member');
    // Whoever answers first: the ensemble that most of those listed belong to is meant.
    const named = foreign.flatMap(({ members }) => members.map(({ host }) => host));
    expect(named.sort()).toEqual(other.members.map(({ host, clientPort }) => `${host}:${clientPort}`).sort());
    // Both ensembles have a member 1 and a member 2.
    const shown = await text(`${ours.connectString},${other.connectString}`, ['--admin', 'off']);
    const [first, second] = [ours, other].map(({ members }) => `${members[0]?.host}:${members[0]?.clientPort}`);
    const open = shown.split('\n').find((line) => line.includes('four-letter words open'));
    expect(open).toMatch(/nobody needs: 127\S+, 127\S+, 3, /);
    expect(open).toContain(first);
    expect(open).toContain(second);
  });

  it('finds a standalone server in the list of an ensemble', async () => {
    const [three, alone] = [await sharedEnsemble('three'), await sharedEnsemble('standalone')];
    const judged = await health(`${three.connectString},${alone.connectString}`, '--admin', 'off');
    expect(serious(judged)).toEqual(['critical standalone-in-list']);
    expect(judged.findings[0]?.members).toMatchObject([{ host: alone.connectString }]);
  });

  it('finds a member that was removed and still runs', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    // A leader that is removed steps down, and a member that is closes its connections: neither is to answer here.
    const { members } = await health(ensemble.connectString, '--admin', 'off');
    const [leader] = members.filter(({ role }) => role === 'leader');
    const [follower] = members.filter(({ role }) => role === 'follower');
    const client = await connect(leader!.host, {
      auth: [{ scheme: 'digest', auth: `super:${ensemble.superSecret}` }],
    });
    await client.reconfig({ leaving: `${follower!.id}`, fromVersion: await versionOf(client) });
    await client.close();
    const found = async (): Promise<string[]> => serious(await health(ensemble.connectString, '--admin', 'off'));
    await expect
      .poll(found, { timeout: 30_000 })
      .toEqual(expect.arrayContaining(['warning not-in-config', 'warning tolerance-zero']));
  });
});

describe('health of an ensemble with groups and weights', () => {
  it('counts them: two of three may be too few', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const auth = [{ scheme: 'digest', auth: `super:${ensemble.superSecret}` }];
    const client = await connect(ensemble.connectString, { auth });
    const { data } = await client.getConfig();
    const servers =
      data
        ?.toString()
        .split('\n')
        .filter((line) => line.startsWith('server.')) ?? [];
    const members = [...servers, 'group.1=1:2:3', 'weight.1=3', 'weight.2=1', 'weight.3=1'].join(',');
    await client.reconfig({ members, fromVersion: await versionOf(client) });
    await client.close();
    const well = await health(ensemble.connectString, '--admin', 'off');
    // Member 1 alone has the majority of the weight: whichever else fails, it goes on.
    expect(well.findings.find(({ code }) => code === 'tolerance-zero')?.message).toBe('the loss of 1 ends the quorum');
    for (const id of [2, 3]) await kill(ensemble, id);
    const left = async (): Promise<string[]> =>
      serious(await health(ensemble.connectString, '--admin', 'off', '--wait', '2s'));
    await expect.poll(left, { timeout: 40_000 }).toEqual(expect.not.arrayContaining(['critical nothing-serves']));
    expect(await left()).toEqual(expect.arrayContaining(['critical tolerance-zero']));
  });
});

describe('health through other doors', () => {
  it('asks a secure port alone', async () => {
    const { secureConnectString = '', tls } = await sharedEnsemble('tls');
    const judged = await health(
      secureConnectString,
      '--admin',
      'off',
      '--ca',
      tls!.ca!,
      '--cert',
      tls!.cert!,
      '--key',
      tls!.key!,
    );
    expect(judged).toMatchObject({ exit: 0, members: [{ role: 'standalone' }] });
    expect(judged.passed).toContain('files-scarce');
  });

  it('finds the certificates that end soon: of clients, and of members among themselves', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, tls: true, quorumTls: true });
    const { secureConnectString = '', tls } = ensemble;
    const flags = ['--ca', tls!.ca!, '--cert', tls!.cert!, '--key', tls!.key!];
    const judged = await health(
      secureConnectString,
      ...admins(ensemble),
      ...flags,
      '--quorum-tls',
      '--limit',
      'certificate=100000',
    );
    const found = judged.findings.filter(({ code }) => code === 'certificate-dates').map(({ message }) => message);
    for (const where of ['secure client port', 'quorum port', 'election port', 'zksh itself']) {
      expect(found).toContainEqual(expect.stringContaining(where));
    }
    // Looking does no harm: the quorum stands.
    const again = await health(secureConnectString, ...admins(ensemble), ...flags, '--quorum-tls');
    expect(again.findings.filter(({ severity }) => severity !== 'advice')).toEqual([]);
    expect(again.notJudged.filter(({ code }) => ['certificate-dates', 'not-synced'].includes(code))).toEqual([]);
    expect(again.passed).toEqual(expect.arrayContaining(['certificate-dates', 'not-synced']));
  });

  it('of 3.4, which tells no configuration, does not call healthy what it cannot know', async () => {
    const judged = await health((await sharedRelease('3.4.14')).connectString, '--wait', '2s');
    expect(judged).toMatchObject({ exit: 0, members: [{ role: 'standalone' }] });
    expect(judged.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['release-unsupported', 'single-server']),
    );
  });

  it('of three of 3.4 is healthy when somebody says that these are all voters', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, version: '3.4.14' });
    const serves = async (): Promise<string> => (await health(ensemble.connectString, '--wait', '2s')).verdict;
    await expect.poll(serves, { timeout: 30_000 }).toBe('unknown');
    const members = ensemble.members.map(({ id, host, clientPort }) => `${id}=${host}:${clientPort}`).join(',');
    const judged = await health(ensemble.connectString, '--members', members, '--wait', '2s');
    expect(judged).toMatchObject({ exit: 0, verdict: 'healthy' });
    expect(judged.passed).toContain('tolerance-zero');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'of a member behind a firewall that drops ends in time, and names it',
    async () => {
      const network = await separateNetwork(3);
      const ensemble = await ephemeralEnsemble({ servers: 3, hosts: network.hosts, bare: true });
      const argv = ['health', '-S', ensemble.connectString, '--admin', 'off', '--wait', '1500ms', '-o', 'json'];
      expect((await network.zksh(argv)).code).toBe(0);
      await network.cut(1);
      const { code, stdout } = await network.zksh(argv);
      const judged = { exit: code ?? -1, ...JSON.parse(stdout) } as Judged;
      expect(judged.exit).toBe(8);
      expect(judged.findings.find(({ code: found }) => found === 'member-unreachable')).toMatchObject({
        members: [{ id: '2' }],
        evidence: expect.stringContaining('did not answer within'),
      });
      expect(judged.took).toBeLessThan(2 * 1500);
      await network.heal(1);
      expect((await network.zksh(argv)).code).toBe(0);
    },
  );
});

describe('health --commit-proof', () => {
  it('proves that each of three commits, and leaves nothing behind', async () => {
    const { connectString } = await sharedEnsemble('three');
    const judged = await health(connectString, '--commit-proof');
    expect(judged).toMatchObject({ exit: 0, verdict: 'healthy' });
    expect(judged.passed).toContain('commit-unproven');
    const client = await connect(connectString);
    const { children } = await client.getChildren('/');
    await client.close();
    expect(children.filter((name) => name.startsWith('zksh-proof'))).toEqual([]);
  });

  it('does not call healthy what it may not write to, and says where to write instead', async () => {
    const { connectString } = await sharedEnsemble('three');
    const client = await connect(connectString);
    await client.create('/health-closed', '', { acl: [{ perms: 1, scheme: 'world', id: 'anyone' }] });
    await client.close();
    const judged = await health(connectString, '--commit-proof', '--proof-path', '/health-closed');
    expect(judged).toMatchObject({ exit: 8, verdict: 'unknown' });
    expect(judged.notJudged).toContainEqual(
      expect.objectContaining({
        code: 'commit-unproven',
        vital: true,
        reason: expect.stringContaining('--proof-path'),
      }),
    );
  });
});

describe('health --baseline', () => {
  it('learns from look to look, and then tells what departs', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const folder = await mkdtemp(join(tmpdir(), 'zksh-baseline-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'usual.json');
    const from = Date.UTC(2026, 0, 1);
    const look = async (minute: number) => {
      const argv = ['-S', connectString, '--baseline', file, '-o', 'json', '--admin', 'off'];
      return JSON.parse((await runCommand(Health, argv, { now: from + minute * 60_000 })).stdout) as Judged;
    };
    const first = await look(0);
    expect(first.notJudged).toContainEqual(
      expect.objectContaining({ code: 'unusual-value', reason: expect.stringMatching(/still learning \d+ metrics/) }),
    );
    for (let i = 1; i < 30; i += 1) await look(15 * i);
    const clients = await Promise.all(Array.from({ length: 60 }, () => connect(connectString)));
    const crowded = await look(15 * 30);
    await Promise.all(clients.map((client) => client.close()));
    expect(crowded.findings).toContainEqual(
      expect.objectContaining({ code: 'unusual-value', message: expect.stringMatching(/^connections of /) }),
    );
  });

  it('says what is wrong with a file that is none of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zksh-baseline-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'other.json');
    await writeFile(file, '{"a": 1}');
    const { connectString } = await sharedEnsemble('standalone');
    // A warning, and whatever else is wrong is still said.
    const judged = await health(connectString, '--baseline', file);
    expect(judged.exit).toBe(8);
    expect(judged.findings).toContainEqual(
      expect.objectContaining({ code: 'unusual-value', severity: 'warning', evidence: expect.stringContaining(file) }),
    );
    const down = await health('127.0.0.1:1', '--baseline', file, '--wait', '500ms');
    expect(down.findings[0]).toMatchObject({ code: 'nothing-serves' });
    expect(await readFile(file, 'utf8')).toBe('{"a": 1}');
  });
});

describe('the command health', () => {
  it('explains a check, and lists all of them, without asking anybody', async () => {
    const explained = await runCommand(Health, ['--explain', 'zxid-lag']);
    expect(explained).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^zxid-lag \(warning\): a member that is behind the leader\n {2}why {2}/),
    });
    const listed = await runCommand(Health, ['--checks']);
    expect(listed.stdout.trim().split('\n')).toHaveLength(CHECKS.length);
  });

  it.each([
    [['--explain', 'zxid-lug'], 2, 'there is no check "zxid-lug"'],
    [['--ignore', 'lag'], 2, 'there is no check "lag"'],
    [['--limit', 'lag'], 2, '"lag" is no limit'],
    [['--wait', 'soon'], 2, 'is not a duration'],
    [['--wait', '5'], 2, '5 ms are too short for a server to answer'],
  ])('refuses %s', async (argv, code, message) => {
    const ran = await runCommand(Health, ['-S', '127.0.0.1:1', ...argv]);
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('as a plugin says "unknown", exit 3, when it fails itself', async () => {
    const ran = await runCommand(Health, ['-S', '127.0.0.1:1', '--nagios', '--limit', 'lag']);
    expect(ran).toMatchObject({
      code: 3,
      stdout: 'ZOOKEEPER UNKNOWN - the check itself failed: see stderr\n',
      stderr: expect.stringContaining('no limit'),
    });
    const place = { env: { ZKSH_HEALTH_NAGIOS: '1' } };
    expect(await runCommand(Health, ['-S', '127.0.0.1:1', '--limit', 'lag'], place)).toMatchObject({ code: 3 });
  });

  it('explains and lists as a plugin, too', async () => {
    const plain = await runCommand(Health, ['--explain', 'two-leaders']);
    expect(plain.stdout).toContain('more than one member says it leads');
    expect(await runCommand(Health, ['--explain', 'two-leaders', '--nagios'])).toEqual(plain);
  });

  it('leaves out what it is told to ignore', async () => {
    const judged = await health(
      (await sharedEnsemble('three')).connectString,
      '--ignore',
      'root-open',
      '--ignore',
      'words-open',
    );
    const named = [...judged.findings, ...judged.notJudged, ...judged.skipped].map(({ code }) => code);
    expect([...named, ...judged.passed]).not.toEqual(expect.arrayContaining(['root-open']));
  });

  it('finds with a lower limit', async () => {
    const judged = await health((await sharedEnsemble('three')).connectString, '--limit', 'files=0.01');
    expect(judged).toMatchObject({ exit: 8, verdict: 'unhealthy' });
    expect(serious(judged)).toEqual(Array(3).fill('warning files-scarce'));
  });
});

describe('a leader that froze and comes back', () => {
  it('is found to lead beside the new one, or to have given up', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const argv = ['--admin', 'off', '--wait', '1s'];
    const first = await health(ensemble.connectString, ...argv);
    const leader = Number(first.members.find(({ role }) => role === 'leader')?.id);
    await pause(ensemble, leader);
    const roles = async (): Promise<string[]> =>
      (await health(ensemble.connectString, ...argv)).members.map(({ role }) => role).sort();
    await expect.poll(roles, { timeout: 40_000 }).toEqual(['follower', 'leader', 'unreachable']);
    await resume(ensemble, leader);
    await expect.poll(roles, { timeout: 40_000 }).toEqual(['follower', 'follower', 'leader']);
    expect(await health(ensemble.connectString, ...argv)).toMatchObject({ exit: 0 });
  });
});
