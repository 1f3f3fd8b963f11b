import { describe, expect, it } from 'vitest';
import { readDataDirectory } from '../../src/storage/data-directory.ts';
import { localFiles } from '../../src/storage/local-files.ts';
import { filesOf, logFile, type Made, NODES, snapshotFile } from './made-files.ts';

type Files = Record<string, Buffer | Error>;

const epoch = (number: bigint, counter: bigint): bigint => (number << 32n) + counter;
const run = (from: bigint, count: number): Made[] =>
  Array.from({ length: count }, (_, i) => ({ zxid: from + BigInt(i) }));
const text = (value: string): Buffer => Buffer.from(value);

/** A sound member: a snapshot in the middle of epoch 1, and two logs. */
const SOUND: Files = {
  'd/myid': text('2\n'),
  'd/version-2/acceptedEpoch': text('1'),
  'd/version-2/currentEpoch': text('1'),
  'd/version-2/snapshot.100000005': snapshotFile(NODES),
  'd/version-2/log.100000001': logFile(run(epoch(1n, 1n), 6), 1000),
  'd/version-2/log.100000007': logFile(run(epoch(1n, 7n), 3), 1000),
};

const read = (files: Files, dataLogDir?: string) => readDataDirectory(filesOf(files), { dataDir: 'd', dataLogDir });

async function codes(files: Files, dataLogDir?: string): Promise<string[]> {
  return (await read(files, dataLogDir)).problems.map(({ code, gravity }) => `${code} ${gravity}`);
}

describe('the data of a server', () => {
  it('is what it would have after a start', async () => {
    const found = await read(SOUND);
    expect(found.problems).toEqual([]);
    expect(found.myid?.value).toBe(2n);
    expect(found.restored).toEqual({
      zxid: 0x100000009n,
      time: 1_700_000_000_000n,
      peerEpoch: 1n,
      config: 'server.1=zk1:2888:3888:participant;0.0.0.0:2181\nversion=100000000',
    });
    expect(found.history).toMatchObject({ transactions: 4, gaps: [] });
    expect(found.history.logs.map(({ path }) => path)).toEqual([
      'd/version-2/log.100000001',
      'd/version-2/log.100000007',
    ]);
  });

  it('may be named by its directory version-2, too', async () => {
    const found = await readDataDirectory(filesOf(SOUND), { dataDir: 'd/version-2/' });
    expect(found.dataDir).toBe('d');
    expect(found.restored.zxid).toBe(0x100000009n);
  });

  it('leaves out the logs that the snapshot makes needless', async () => {
    const { history } = await read({ ...SOUND, 'd/version-2/snapshot.100000008': snapshotFile(NODES) });
    expect(history.logs.map(({ path }) => path)).toEqual(['d/version-2/log.100000007']);
    expect(history.transactions).toBe(1);
  });

  it('is told with the snapshot before, when the newest one is damaged', async () => {
    const bad = snapshotFile(NODES);
    bad[60]! ^= 1;
    const found = await read({ ...SOUND, 'd/version-2/snapshot.100000008': bad });
    expect(found.snapshot?.path).toBe('d/version-2/snapshot.100000005');
    expect(found.restored.zxid).toBe(0x100000009n);
    expect(found.problems).toMatchObject([
      { code: 'SNAPSHOT_DAMAGED', gravity: 'note', file: 'd/version-2/snapshot.100000008' },
    ]);
  });

  it.each([
    [
      'a log that is cut in the middle of the history',
      { 'd/version-2/log.100000001': logFile(run(epoch(1n, 1n), 6)).subarray(0, -5) },
      ['LOG_CUT loses', 'GAP loses'],
    ],
    ['a torn end', { 'd/version-2/log.100000007': logFile(run(epoch(1n, 7n), 3)).subarray(0, -5) }, ['LOG_CUT note']],
    ['a log that is missing', { 'd/version-2/log.100000007': logFile(run(epoch(1n, 9n), 3)) }, ['GAP loses']],
    [
      'a log that is damaged',
      { 'd/version-2/log.100000007': Buffer.concat([logFile(run(epoch(1n, 7n), 1)), Buffer.alloc(40, 7)]) },
      ['LOG_CORRUPT refuses'],
    ],
    ['a log that was just made', { 'd/version-2/log.10000000a': Buffer.alloc(0) }, ['LOG_EMPTY refuses']],
    [
      'a copy that somebody left',
      { 'd/version-2/log.100000007.bak': logFile(run(epoch(1n, 7n), 3)) },
      ['ODD_NAME note'],
    ],
    [
      'an epoch that is behind',
      { 'd/version-2/currentEpoch': text('0'), 'd/version-2/acceptedEpoch': text('0') },
      ['EPOCH_BEHIND_DATA refuses'],
    ],
    [
      'an epoch that a newer server mends',
      { 'd/version-2/currentEpoch': text('0'), 'd/version-2/currentEpoch.tmp': text('1') },
      ['EPOCH_BEHIND_DATA note'],
    ],
    [
      'an epoch that 3.4 mends',
      { 'd/version-2/currentEpoch': text('0'), 'd/version-2/updatingEpoch': text('') },
      ['EPOCH_BEHIND_DATA note'],
    ],
    ['an epoch that was never accepted', { 'd/version-2/acceptedEpoch': text('0') }, ['EPOCH_NOT_ACCEPTED refuses']],
    ['an epoch that is no number', { 'd/version-2/currentEpoch': text(' 1') }, ['EPOCH_UNREADABLE refuses']],
    ['a myid that is none', { 'd/myid': text('two') }, ['MYID_UNREADABLE refuses']],
    ['the mark of a new member', { 'd/initialize': text('') }, ['INITIALIZE note']],
    [
      'a file that may not be read',
      { 'd/version-2/log.100000007': Object.assign(new Error('no'), { code: 'EACCES' }) },
      ['UNREADABLE refuses'],
    ],
    [
      'snapshots that are all damaged',
      { 'd/version-2/snapshot.100000005': Buffer.concat([Buffer.alloc(40), Buffer.from([0, 0, 0, 1, 0x2f])]) },
      ['NO_GOOD_SNAPSHOT refuses', 'SNAPSHOT_DAMAGED note'],
    ],
    [
      'a snapshot that is half written',
      { 'd/version-2/snapshot.100000005': Buffer.alloc(40) },
      ['NO_SNAPSHOT refuses', 'SNAPSHOT_DAMAGED note'],
    ],
  ] as const)('may have %s', async (_what, changed: Files, expected) => {
    expect(await codes({ ...SOUND, ...changed })).toEqual(expected);
  });

  it('may lie in two directories, and then not in the wrong one', async () => {
    const { 'd/version-2/log.100000001': first, 'd/version-2/log.100000007': second, ...rest } = SOUND;
    const apart = { ...rest, 'l/version-2/log.100000001': first!, 'l/version-2/log.100000007': second! };
    expect((await read(apart, 'l')).restored.zxid).toBe(0x100000009n);
    expect(await codes({ ...apart, 'l/version-2/snapshot.1': Buffer.alloc(3) }, 'l')).toEqual([
      'MISPLACED_FILES refuses',
    ]);
    expect(await codes({ ...apart, 'd/version-2/log.1': Buffer.alloc(3) }, 'l')).toEqual(['MISPLACED_FILES refuses']);
    // What a server of 3.6 and later heeds lies beside the logs.
    expect((await read({ ...apart, 'l/initialize': text('') }, 'l')).initialize).toBe(true);
    expect((await read({ ...apart, 'd/initialize': text('') }, 'l')).initialize).toBe(false);
  });

  it('may be nothing, and says so', async () => {
    expect(await codes({ 'd/myid': text('1') })).toEqual(['EMPTY note']);
    expect(await codes({ 'd/other': text('1') })).toEqual(['EMPTY note', 'MYID_MISSING note']);
    expect((await read({ 'd/myid': text('1') })).restored).toMatchObject({
      zxid: 0n,
      peerEpoch: 0n,
      config: undefined,
    });
  });

  it('starts in the next epoch where it was left, and counts nothing missing between', async () => {
    const next = { 'd/version-2/log.200000001': logFile(run(epoch(2n, 1n), 2)), 'd/version-2/currentEpoch': text('2') };
    const found = await read({ ...SOUND, ...next, 'd/version-2/acceptedEpoch': text('2') });
    expect(found.problems).toEqual([]);
    expect(found.restored).toMatchObject({ zxid: 0x200000002n, peerEpoch: 2n });
    const late = {
      ...next,
      'd/version-2/log.200000001': logFile(run(epoch(2n, 4n), 2)),
      'd/version-2/acceptedEpoch': text('2'),
    };
    expect((await read({ ...SOUND, ...late })).history.gaps).toMatchObject([{ missing: 3n, before: 0x200000004n }]);
  });

  it('that is not there is an error', async () => {
    await expect(readDataDirectory(localFiles, { dataDir: '/nowhere/at/all' })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
