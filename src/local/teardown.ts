import { access, readdir, rm } from 'node:fs/promises';
import { withLock } from './file-lock.ts';
import { releaseAllPorts } from './ports.ts';
import { killAndWait } from './process-end.ts';
import { readRecord } from './record.ts';
import { findServersUnder } from './server-process.ts';
import { type EnsembleRef, ensembleDirectory, lockFile } from './spec.ts';

const LOCK_TIMEOUT = 120_000;

/**
 * Kills every server of an ensemble and removes its data, also when half of its state is missing. Returns false when
 * there was nothing.
 */
export async function down(ref: EnsembleRef): Promise<boolean> {
  const directory = ensembleDirectory(ref);
  return withLock(lockFile(ref), LOCK_TIMEOUT, async () => {
    const stood = await access(directory).then(
      () => true,
      () => false,
    );
    const killed = await removeAll(ref);
    return stood || killed > 0;
  });
}

/** The work of `down`, for a caller that holds the lock; returns how many servers it killed. */
export async function removeAll(ref: EnsembleRef): Promise<number> {
  const directory = ensembleDirectory(ref);
  const record = await readRecord(ref).catch(() => undefined);
  const recorded = (record?.members ?? []).flatMap((member) => (member.process === undefined ? [] : [member.process]));
  const others = (await findServersUnder(directory)).filter(({ pid }) => recorded.every((one) => one.pid !== pid));
  const killed = await Promise.all([...recorded, ...others].map(killAndWait));
  // A directory that is still being written to (a dying JVM) can refuse its removal once.
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  await releaseAllPorts(directory);
  return killed.filter(Boolean).length;
}

/** Names of the ensembles under a state directory. */
export async function ensembleNames(stateDir: string): Promise<string[]> {
  const entries = await readdir(stateDir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}
