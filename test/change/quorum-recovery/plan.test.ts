import { describe, expect, it } from 'vitest';
import { planRecovery, type RecoveryPlan } from '../../../src/change/quorum-recovery/plan.ts';
import { parseSurvivorPlace, readSurvivor } from '../../../src/change/quorum-recovery/survivor.ts';
import { statementsOf, stepLines } from '../../../src/change/quorum-recovery/wording.ts';
import { filesOf, logFile, NODES, snapshotFile } from '../../storage/made-files.ts';

interface Member {
  epoch?: bigint;
  accepted?: bigint;
  count?: number;
  /** Lines of its membership, in its data and its dynamic file. */
  servers?: string;
  config?: string | undefined;
  old?: boolean;
  spoil?: Buffer;
  time?: bigint;
  next?: string;
}

const lines = (...ids: readonly (number | string)[]): string =>
  ids
    .map(
      (id) =>
        `server.${Number.parseInt(String(id), 10)}=zk${Number.parseInt(String(id), 10)}:2888:3888:${String(id).endsWith('o') ? 'observer' : 'participant'};2181`,
    )
    .join('\n');

const FIVE = lines(1, 2, 3, 4, 5);

/** Files of some members, each in a directory of its own. */
function made(members: Readonly<Record<string, Member>>): Record<string, Buffer> {
  const files: Record<string, Buffer> = {};
  for (const [
    id,
    { epoch = 1n, accepted = epoch, count = 10, servers = FIVE, old = false, time, ...more },
  ] of Object.entries(members)) {
    const first = (epoch << 32n) + 1n;
    const put = (name: string, content: Buffer | string): void => {
      files[`${id}/${name}`] = Buffer.from(content);
    };
    const version = `version=${(1n << 32n).toString(16)}`;
    const nodes = NODES.filter(({ path }) => !(old && path === '/zookeeper/config'));
    const tree = nodes.map((node) =>
      node.path === '/zookeeper/config' ? { ...node, data: `${servers}\n${version}` } : node,
    );
    put('data/myid', `${id}\n`);
    put('data/version-2/acceptedEpoch', `${accepted}`);
    put('data/version-2/currentEpoch', `${epoch}`);
    put('data/version-2/snapshot.0', snapshotFile(tree));
    const log = logFile(
      Array.from({ length: count }, (_, i) => ({ zxid: first + BigInt(i), ...(time === undefined ? {} : { time }) })),
    );
    put(`data/version-2/log.${first.toString(16)}`, more.spoil === undefined ? log : Buffer.concat([log, more.spoil]));
    put(
      'zoo.cfg',
      more.config ??
        (old
          ? `clientPort=2181\n${servers.replaceAll(';2181', '')}\n`
          : 'reconfigEnabled=true\ndynamicConfigFile=zoo.cfg.dynamic.100000000\n'),
    );
    if (!old) put('zoo.cfg.dynamic.100000000', servers);
    if (more.next !== undefined) put('zoo.cfg.dynamic.next', more.next);
  }
  return files;
}

async function plan(members: Readonly<Record<string, Member>>, old?: boolean): Promise<RecoveryPlan> {
  const files = filesOf(made(members));
  const survivors = [];
  for (const id of Object.keys(members))
    survivors.push(await readSurvivor(files, parseSurvivorPlace(`${id}=${id}/data,${id}/zoo.cfg`)));
  return planRecovery(survivors, old);
}

function said(made: RecoveryPlan): string {
  return statementsOf(made)
    .map(({ text }) => text)
    .join('\n');
}

/** The recovering steps, a line each. */
function told({ steps }: RecoveryPlan, phase = 'recover'): string[] {
  return steps
    .filter((step) => step.phase === phase)
    .map((step) => `${step.member} ${stepLines(step).head}: ${stepLines(step).body.join(' | ')}`);
}

describe('the best survivor', () => {
  it('says that quorum groups and weights are given up', async () => {
    const servers = `${FIVE}\ngroup.1=1:2:3\ngroup.2=4:5\nweight.5=2`;
    expect(said(await plan({ 1: { servers }, 2: { servers } }))).toContain('quorum groups and weights are given up');
    expect(said(await plan({ 1: {}, 2: {} }))).not.toContain('groups');
  });

  it('is the one of the highest epoch, whatever the others have more', async () => {
    const found = await plan({ 1: { epoch: 3n, count: 1 }, 2: { epoch: 2n, count: 90 } });
    expect(found.best?.id).toBe(1n);
    expect(said(found)).toContain('it has the highest epoch');
  });

  it('then that of the last transaction, then that of the highest id', async () => {
    expect((await plan({ 1: { count: 20 }, 2: { count: 10 } })).best?.id).toBe(1n);
    expect((await plan({ 1: {}, 2: {} })).best?.id).toBe(2n);
  });

  it('may have less than another whose epoch was given up, and says what goes', async () => {
    // It followed the leader of epoch 2 and got nothing from it yet.
    const files = made({ 1: { epoch: 1n, count: 5 }, 2: { epoch: 1n, count: 9 } });
    files['1/data/version-2/currentEpoch'] = Buffer.from('2');
    files['1/data/version-2/acceptedEpoch'] = Buffer.from('2');
    const reader = filesOf(files);
    const survivors = [];
    for (const id of ['1', '2'])
      survivors.push(await readSurvivor(reader, parseSurvivorPlace(`${id}/data,${id}/zoo.cfg`)));
    const found = planRecovery(survivors);
    expect(found.best?.id).toBe(1n);
    expect(said(found)).toContain('Member 2 has transactions up to 0x100000009, of an epoch that was given up');
  });

  it('is never one that cannot be started', async () => {
    const found = await plan({ 1: {}, 2: { count: 50, spoil: Buffer.alloc(0) } });
    expect(found.best?.id).toBe(2n);
    const files = made({ 1: {}, 2: { count: 50 } });
    delete files['2/data/version-2/snapshot.0'];
    const reader = filesOf(files);
    const two = [];
    for (const id of ['1', '2']) two.push(await readSurvivor(reader, parseSurvivorPlace(`${id}/data,${id}/zoo.cfg`)));
    const other = planRecovery(two);
    expect(other.best?.id).toBe(1n);
    expect(said(other)).toContain('Member 2 cannot be started: there are logs, but no snapshot');
  });
});

describe('what may be lost', () => {
  it('is nothing, when the lost ones were no quorum by themselves', async () => {
    const found = await plan({ 1: { servers: lines(1, 2, 3, 4) }, 2: { servers: lines(1, 2, 3, 4) } });
    expect(found.loss).toEqual({
      voters: [1n, 2n, 3n, 4n],
      alive: [1n, 2n],
      lost: [3n, 4n],
      mayBeMissing: false,
      quorum: false,
    });
    expect(said(found)).toContain('Nothing that was acknowledged is lost');
  });

  it('is what the lost quorum alone acknowledged, after the last transaction and its time', async () => {
    const found = await plan({ 1: {}, 2: {} });
    expect(found.loss.mayBeMissing).toBe(true);
    expect(said(found)).toContain('after 0x10000000a of 2023-11-14T22:13:20.000Z that no survivor has');
  });

  it('is counted in the membership that was proposed last, too', async () => {
    const next = `${lines(1, 2, 3)}\nversion=100000009`;
    const found = await plan({ 1: { next }, 2: {} });
    expect(said(found)).toContain('A reconfiguration (version 100000009) was under way');
    expect(told(found)).toContainEqual(expect.stringContaining('mv 1/zoo.cfg.dynamic.next'));
  });

  it('is no question while the survivors are a quorum', async () => {
    const found = await plan({ 1: {}, 2: {}, 3: {} });
    expect([found.steps, found.loss.quorum]).toEqual([[], true]);
    expect(said(found)).toContain('nothing has to be recovered');
  });
});

describe('the steps', () => {
  it('stop, copy, edit and start, the best first, and name every file', async () => {
    expect(told(await plan({ 1: { count: 20 }, 4: { count: 10 } }))).toEqual([
      '1 stop the server: systemctl stop zookeeper   (or however it is run)',
      '4 stop the server: systemctl stop zookeeper   (or however it is run)',
      '1 run: test ! -e 1/data.before-recovery && cp -a 1/data 1/data.before-recovery',
      '1 run: test ! -e 1/zoo.cfg.before-recovery && cp -a 1/zoo.cfg 1/zoo.cfg.before-recovery',
      '1 run: test ! -e 1/zoo.cfg.dynamic.100000000.before-recovery && cp -a 1/zoo.cfg.dynamic.100000000 1/zoo.cfg.dynamic.100000000.before-recovery',
      '4 run: test ! -e 4/data.before-recovery && cp -a 4/data 4/data.before-recovery',
      '4 run: test ! -e 4/zoo.cfg.before-recovery && cp -a 4/zoo.cfg 4/zoo.cfg.before-recovery',
      '4 run: test ! -e 4/zoo.cfg.dynamic.100000000.before-recovery && cp -a 4/zoo.cfg.dynamic.100000000 4/zoo.cfg.dynamic.100000000.before-recovery',
      '1 write 1/zoo.cfg.dynamic.1ffffffff, keeping owner and mode: server.1=zk1:2888:3888:participant;0.0.0.0:2181 | server.4=zk4:2888:3888:participant;0.0.0.0:2181',
      '1 edit 1/zoo.cfg: + dynamicConfigFile=1/zoo.cfg.dynamic.1ffffffff',
      '4 write 4/zoo.cfg.dynamic.1ffffffff, keeping owner and mode: server.1=zk1:2888:3888:participant;0.0.0.0:2181 | server.4=zk4:2888:3888:participant;0.0.0.0:2181',
      '4 edit 4/zoo.cfg: + dynamicConfigFile=4/zoo.cfg.dynamic.1ffffffff',
      '1 start the server: systemctl start zookeeper   (or however it is run)',
      '1 wait until its process answers; it cannot serve before the next one runs: zksh status --members zk1:2181',
      '4 start the server: systemctl start zookeeper   (or however it is run)',
      '4 wait until it serves, as leader or follower: zksh status --members zk4:2181',
    ]);
  });

  it('bring the others back one at a time, empty, each without a vote first', async () => {
    const grown = told(await plan({ 1: {}, 4: {} }), 'grow');
    expect(grown.filter((line) => line.includes('empty but for myid')).map((line) => line[0])).toEqual(['2', '3', '5']);
    expect(grown).toContainEqual(
      '2 write its zoo.cfg.dynamic, keeping owner and mode: server.1=zk1:2888:3888:participant;0.0.0.0:2181 | server.2=zk2:2888:3888:observer;0.0.0.0:2181 | server.4=zk4:2888:3888:participant;0.0.0.0:2181',
    );
    expect(grown).toContainEqual(
      '2 run: zksh reconfig -add "server.2=zk2:2888:3888:participant;0.0.0.0:2181" -S zk4:2181 --auth digest:super:file:PATH --yes',
    );
  });

  it('make a single voter of 3.5 and later a quorum of one, and of 3.4 a standalone server without observers', async () => {
    const newer = await plan({ 1: { servers: lines(1, 2, '3o') }, 3: { servers: lines(1, 2, '3o'), count: 2 } });
    expect(told(newer)).toContainEqual(expect.stringMatching(/1 edit 1\/zoo.cfg: .*\+ standaloneEnabled=false/));
    expect(newer.membership?.config.servers.map(({ id }) => id)).toEqual([1n, 3n]);
    const old = await plan({
      1: { old: true, servers: lines(1, 2, 3, '4o') },
      4: { old: true, servers: lines(1, 2, 3, '4o'), count: 2 },
    });
    expect(old).toMatchObject({ old: true, membership: { standalone: true, voters: [1n], reconfig: false } });
    expect(told(old)).toContainEqual(
      '1 edit 1/zoo.cfg: - server.1=… | - server.2=… | - server.3=… | - server.4=… | + server.1=zk1:2888:3888:participant',
    );
    expect(
      told(old, 'grow')
        .filter((line) => line.includes('empty but for myid'))
        .map((line) => line[0]),
    ).toEqual(['2', '3', '4']);
  });

  it('make an observer that has the most a voter', async () => {
    const servers = lines(1, 2, 3, '4o');
    const found = await plan({
      1: { servers, count: 5 },
      4: {
        servers,
        count: 50,
        config: 'peerType=observer\nreconfigEnabled=true\ndynamicConfigFile=zoo.cfg.dynamic.100000000\n',
      },
    });
    expect(found).toMatchObject({ best: { id: 4n }, membership: { voters: [4n, 1n] } });
    expect(told(found)).toContainEqual(expect.stringMatching(/^4 edit 4\/zoo.cfg: - peerType=…/));
    expect(found.membership?.config.servers.map(({ role }) => role)).toEqual(['participant', 'participant']);
  });

  it('mend what keeps a server from starting, after the copy', async () => {
    const found = await plan({ 1: { spoil: Buffer.alloc(60, 9) } });
    const steps = told(found);
    const size = made({ 1: {} })['1/data/version-2/log.100000001']!.length;
    const mend = steps.indexOf(`1 run: truncate -s ${size} 1/data/version-2/log.100000001`);
    expect(mend).toBeGreaterThan(steps.findIndex((line) => line.includes('cp -a 1/data ')));
    expect(found.best?.data.restored.zxid).toBe(0x10000000an);
    const epochs = await plan({ 1: { epoch: 2n, accepted: 1n } });
    expect(told(epochs)).toContainEqual('1 write 1/data/version-2/acceptedEpoch, keeping owner and mode: 2');
  });

  it('choose a version above all that is known and below the next epoch', async () => {
    expect((await plan({ 1: { epoch: 7n, accepted: 9n } })).membership?.config.version).toBe(0x9ffffffffn);
  });
});

describe('a plan is not made', () => {
  it('when nobody knows the membership, or a member is named twice or by a wrong id', async () => {
    const files = filesOf(made({ 1: { old: true } }));
    const bare = await readSurvivor(files, parseSurvivorPlace('1=1/data'));
    expect(() => planRecovery([bare])).toThrow('no survivor knows who the members of the ensemble were');
    const one = await readSurvivor(files, parseSurvivorPlace('1/data,1/zoo.cfg'));
    expect(() => planRecovery([one, one])).toThrow('member 1 is named twice');
    await expect(readSurvivor(files, parseSurvivorPlace('2=1/data'))).rejects.toMatchObject({
      code: 'WRONG_ID',
      exitCode: 2,
    });
    await expect(readSurvivor(files, parseSurvivorPlace('1=9/data'))).rejects.toMatchObject({
      code: 'NO_PATH',
      exitCode: 3,
    });
    for (const text of ['', '1=', '1=a,b,c,d']) expect(() => parseSurvivorPlace(text)).toThrow('does not say where');
  });

  it('without a warning when two survivors are not of one history', async () => {
    const found = await plan({ 1: {}, 2: { time: 5n } });
    expect(said(found)).toContain('members 2 and 1 have different transactions 0x100000001');
  });

  it('when none can be started', async () => {
    const files = made({ 1: {} });
    files['1/data/version-2/currentEpoch'] = Buffer.from('x');
    const found = planRecovery([await readSurvivor(filesOf(files), parseSurvivorPlace('1/data,1/zoo.cfg'))]);
    expect([found.best, found.steps]).toEqual([undefined, []]);
    expect(said(found)).toContain('None of them can be started: restore a backup.');
  });
});
