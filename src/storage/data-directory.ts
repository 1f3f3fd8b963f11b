import { basename, dirname, join } from 'node:path';
import { type DirectoryProblem, problemsOf } from './directory-problems.ts';
import { type DataFileName, dataFiles, epochOf } from './file-names.ts';
import { type History, readHistory } from './history.ts';
import { readSmallFiles, type SmallFiles } from './small-files.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';
import { factsIfThere, type StorageReader, type Unreadable, whyUnreadable } from './storage-reader.ts';

/** Where a server's data is: zoo.cfg's dataDir and dataLogDir. */
export interface DataPlaces {
  readonly dataDir: string;
  /** The same as dataDir when not given. */
  readonly dataLogDir?: string | undefined;
}

/** What a server that starts on these files would have. */
interface Restored {
  /** The last transaction: the zxid it would stand for election with. -1 where there is nothing at all. */
  readonly zxid: bigint;
  /** When the leader made it, milliseconds since 1970; undefined when it is not in a log. */
  readonly time: bigint | undefined;
  /** The epoch it would stand for election with; undefined when the server does not start. */
  readonly peerEpoch: bigint | undefined;
  /** What /zookeeper/config would hold, its version in it; undefined when there is none, as in 3.4. */
  readonly config: string | undefined;
}

/** All that is known about a server's data without starting it. */
export interface DataDirectory extends SmallFiles {
  readonly dataDir: string;
  readonly dataLogDir: string;
  /** Every snapshot by name, in ascending order; only the newest ones were read. */
  readonly snapshots: readonly DataFileName[];
  readonly logs: readonly DataFileName[];
  /** The snapshots a server would try, in its order, up to the first that is good. */
  readonly tried: readonly Snapshot[];
  /** The one it would load; undefined when it has none. */
  readonly snapshot: Snapshot | undefined;
  /** What it would play back on top of it. */
  readonly history: History;
  readonly restored: Restored;
  readonly unreadable: readonly Unreadable[];
  /** What is wrong, the worst first. */
  readonly problems: readonly DirectoryProblem[];
}

/** A server gives up after this many snapshots (FileSnap.deserialize). */
const MAX_TRIED = 100;

/**
 * Reads a server's data as the server itself would when it starts, and changes nothing. What is wrong with it is part of
 * the answer: no file makes this throw, however damaged.
 *
 * @throws what the reader throws when dataDir itself cannot be looked at
 */
export async function readDataDirectory(reader: StorageReader, places: DataPlaces): Promise<DataDirectory> {
  const dataDir = withoutVersion(places.dataDir);
  const dataLogDir = withoutVersion(places.dataLogDir ?? places.dataDir);
  await reader.list(dataDir);
  if (dataLogDir !== dataDir) await reader.list(dataLogDir);
  const unreadable: Unreadable[] = [];
  const snapDir = join(dataDir, VERSION_DIRECTORY);
  const logDir = join(dataLogDir, VERSION_DIRECTORY);
  const snapNames = await listIfThere(reader, snapDir, unreadable);
  const logNames = logDir === snapDir ? snapNames : await listIfThere(reader, logDir, unreadable);
  const snapshots = dataFiles(snapNames, 'snapshot');
  const logs = dataFiles(logNames, 'log');
  const tried = await trySnapshots(reader, snapDir, snapshots, unreadable);
  const snapshot = tried.find(isGood);
  const from = snapshot === undefined ? undefined : zxidIn(snapshots, snapshot);
  const history = await readHistory(reader, logDir, logs, from, unreadable);
  const small = await readSmallFiles(reader, { data: dataDir, versioned: snapDir, logs: dataLogDir });
  const zxid = history.last?.zxid ?? from ?? (logs.length === 0 ? 0n : -1n);
  const misplaced = {
    snapshots: logDir === snapDir ? [] : logNames.filter((name) => name.startsWith('snapshot.')),
    logs: logDir === snapDir ? [] : snapNames.filter((name) => name.startsWith('log.')),
  };
  const found = { ...small, dataDir, dataLogDir, snapshots, logs, tried, snapshot, history, unreadable };
  const restored: Restored = {
    zxid,
    time: history.last?.time,
    peerEpoch: peerEpochOf(small, zxid),
    config: history.config ?? snapshot?.config,
  };
  return { ...found, restored, problems: problemsOf({ ...found, restored }, misplaced) };
}

/** FileTxnSnapLog: what it makes inside dataDir and dataLogDir. */
const VERSION_DIRECTORY = 'version-2';

/** Somebody may name version-2 itself. */
function withoutVersion(directory: string): string {
  const bare = directory.length > 1 ? directory.replace(/\/+$/, '') : directory;
  return basename(bare) === VERSION_DIRECTORY ? dirname(bare) : bare;
}

async function listIfThere(
  reader: StorageReader,
  directory: string,
  unreadable: Unreadable[],
): Promise<readonly string[]> {
  try {
    return (await factsIfThere(reader, directory)) === undefined ? [] : await reader.list(directory);
  } catch (error) {
    unreadable.push({ path: directory, why: whyUnreadable(error) });
    return [];
  }
}

/** The newest first, until one is good; those that do not even look like one are not counted by a server. */
async function trySnapshots(
  reader: StorageReader,
  directory: string,
  names: readonly DataFileName[],
  unreadable: Unreadable[],
): Promise<Snapshot[]> {
  const tried: Snapshot[] = [];
  for (const { name } of names.toReversed()) {
    const path = join(directory, name);
    try {
      const snapshot = await readSnapshot(reader, path);
      tried.push(snapshot);
      if (isGood(snapshot) || tried.length === MAX_TRIED) return tried;
    } catch (error) {
      unreadable.push({ path, why: whyUnreadable(error) });
    }
  }
  return tried;
}

function isGood({ plausible, damage }: Snapshot): boolean {
  return plausible && damage === undefined;
}

function zxidIn(names: readonly DataFileName[], { path }: Snapshot): bigint | undefined {
  return names.find(({ name }) => name === basename(path))?.zxid;
}

/** QuorumPeer.loadDataBase: the epoch a server stands for election with, after what it mends by itself. */
function peerEpochOf(small: SmallFiles, zxid: bigint): bigint | undefined {
  const ofData = epochOf(zxid < 0n ? 0n : zxid);
  const { currentEpoch, currentEpochTmp, updatingEpoch } = small;
  if (currentEpoch === undefined) return ofData;
  if (currentEpoch.value === undefined || currentEpoch.value >= ofData) return currentEpoch.value;
  return updatingEpoch ? ofData : currentEpochTmp?.value;
}
