import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import QuorumRecover from '../../commands/quorum/recover.ts';
import { logFile, NODES, snapshotFile } from '../storage/made-files.ts';
import { runCommand } from '../support/run-command.ts';

const SERVERS = [1, 2, 3].map((id) => `server.${id}=zk${id}:2888:3888:participant;2181`).join('\n');
let directory = '';

async function put(path: string, content: Buffer | string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), content);
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-recover-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const tree = NODES.map((node) =>
    node.path === '/zookeeper/config' ? { ...node, data: `${SERVERS}\nversion=0` } : node,
  );
  await put('data/myid', '2\n');
  await put('data/version-2/acceptedEpoch', '1');
  await put('data/version-2/currentEpoch', '1');
  await put('data/version-2/snapshot.0', snapshotFile(tree));
  await put('data/version-2/log.100000001', logFile([{ zxid: 0x100000001n }, { zxid: 0x100000002n }], 100));
  await put(
    'zoo.cfg',
    `dataDir=${directory}/data\nreconfigEnabled=true\ndynamicConfigFile=${directory}/zoo.cfg.dynamic\n`,
  );
  await put('zoo.cfg.dynamic', SERVERS);
});

describe('quorum recover', () => {
  it('prints what is left, what may be lost and every step', async () => {
    const { code, stdout, stderr } = await runCommand(QuorumRecover, ['--plan', join(directory, 'zoo.cfg')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Member 2 is the one to recover from: epoch 1, last transaction 0x100000002.');
    expect(stdout).toContain('What may be lost: the 2 lost voters (1, 3) were a quorum by themselves');
    expect(stdout).toContain(`write ${directory}/zoo.cfg.dynamic.1ffffffff, keeping owner and mode`);
    expect(stdout).toContain('+ standaloneEnabled=false');
    expect(stdout).toContain('THEN, TO BRING THE OTHERS BACK');
  });

  it('fits a terminal, but for commands and paths', async () => {
    const { stdout } = await runCommand(QuorumRecover, ['--plan', join(directory, 'zoo.cfg')], {
      tty: true,
      columns: 100,
    });
    const wide = stdout.split('\n').filter((line) => line.length > 100 && !/\/|^ +zksh /.test(line));
    expect(wide).toEqual([]);
  });

  it('says the same to programs, secrets of zoo.cfg never', async () => {
    await put(
      'zoo.cfg',
      `dataDir=${directory}/data\nssl.keyStore.password=geheim\ndynamicConfigFile=${directory}/zoo.cfg.dynamic\n`,
    );
    const { stdout } = await runCommand(QuorumRecover, ['--plan', join(directory, 'zoo.cfg'), '-o', 'json']);
    expect(stdout).not.toContain('geheim');
    const plan = JSON.parse(stdout);
    expect(Object.keys(plan).sort()).toEqual([
      'best',
      'loss',
      'membership',
      'needed',
      'release',
      'statements',
      'steps',
      'survivors',
    ]);
    expect(plan).toMatchObject({
      needed: true,
      best: '2',
      release: '3.5 or later',
      membership: { version: `${0x1ffffffffn}`, voters: ['2'], reconfig: false },
      loss: { lost: ['1', '3'], mayBeMissing: true },
    });
    expect(plan.survivors[0]).toMatchObject({
      id: '2',
      lastZxid: `${0x100000002n}`,
      peerEpoch: '1',
      usable: true,
      snapshot: `${directory}/data/version-2/snapshot.0`,
      problems: [],
    });
    expect(plan.steps.map(({ number }: { number: number }) => number)).toEqual(
      plan.steps.map((_: unknown, i: number) => i + 1),
    );
    expect(plan.steps.find(({ kind }: { kind: string }) => kind === 'empty')).toMatchObject({
      member: '1',
      path: null,
      myid: '1',
    });
  });

  it('reads data without a zoo.cfg, and says what it then cannot know', async () => {
    const { code, stdout } = await runCommand(QuorumRecover, ['--plan', `2=${join(directory, 'data')}`]);
    expect(code).toBe(0);
    expect(stdout).toContain('The zoo.cfg of member 2 was not named');
    expect(stdout).toContain('write its zoo.cfg.dynamic.1ffffffff');
  });

  it('says when its files were read at another place than the server has them', async () => {
    await put('zoo.cfg', `dataDir=/var/lib/zookeeper\ndynamicConfigFile=/etc/zookeeper/zoo.cfg.dynamic\n`);
    const place = `2=${directory}/data,${directory}/zoo.cfg`;
    const { stdout } = await runCommand(QuorumRecover, ['--plan', place]);
    expect(stdout).toContain('The files of member 2 were read at another place than its zoo.cfg names');
  });

  it('needs --plan and a survivor, and says what is not there', async () => {
    expect(await runCommand(QuorumRecover, [directory])).toMatchObject({ code: 2 });
    expect(await runCommand(QuorumRecover, ['--plan'])).toMatchObject({ code: 2 });
    expect(await runCommand(QuorumRecover, ['--plan', '1=/nowhere/at/all'])).toMatchObject({ code: 3 });
    expect(await runCommand(QuorumRecover, ['--plan', `3=${directory}/data`])).toMatchObject({ code: 2 });
    expect(await runCommand(QuorumRecover, ['--plan', `${directory}/data`, '--version', '2.0'])).toMatchObject({
      code: 2,
    });
  });

  it('ends with 8 when no survivor can be recovered', async () => {
    await put('data/version-2/currentEpoch', 'garbage');
    const { code, stdout } = await runCommand(QuorumRecover, ['--plan', join(directory, 'zoo.cfg')]);
    expect(code).toBe(8);
    expect(stdout).toContain('None of them can be started: restore a backup.');
    expect(stdout).toContain('currentEpoch holds "garbage", no number');
  });
});
