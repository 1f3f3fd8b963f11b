import { access, readdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { withLock } from './file-lock.ts';
import { releaseAllPorts } from './ports.ts';
import { type ProcessIdentity, processState, signalProcess } from './process-identity.ts';
import { readRecord } from './record.ts';
import { findServersUnder } from './server-process.ts';
import { type EnsembleRef, ensembleDirectory, lockFile } from './spec.ts';

const LOCK_TIMEOUT = 120_000;
const POLL = 20;

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

/** SIGKILL, then wait until the process is gone; false when it already was. Throws when it stays. */
export async function killAndWait(identity: ProcessIdentity): Promise<boolean> {
  if (!(await signalProcess(identity, 'SIGKILL'))) return false;
  await waitForState(identity, 'gone', 20_000);
  return true;
}

/** Waits until a process is in a state; throws `STUCK_PROCESS` after `timeout` milliseconds. */
export async function waitForState(
  identity: ProcessIdentity,
  wanted: Awaited<ReturnType<typeof processState>>,
  timeout: number,
): Promise<void> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const state = await processState(identity);
    if (state === wanted) return;
    if (Date.now() > deadline) {
      throw new ZkshError(`Process ${identity.pid} is ${state}, not ${wanted}, after ${timeout} ms`, {
        code: 'STUCK_PROCESS',
        exitCode: ExitCode.timeout,
        hint: 'It may wait for a disk; look at it with ps.',
      });
    }
    await sleep(POLL);
  }
}

/** Names of the ensembles under a state directory. */
export async function ensembleNames(stateDir: string): Promise<string[]> {
  const entries = await readdir(stateDir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}
