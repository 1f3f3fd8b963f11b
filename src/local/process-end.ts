import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { type ProcessIdentity, type ProcessState, processState, signalProcess } from './process-identity.ts';

const POLL = 20;
const KILL_TIMEOUT = 20_000;

/** SIGKILL, then wait until the process is gone; false when it already was. Throws when it stays. */
export async function killAndWait(identity: ProcessIdentity): Promise<boolean> {
  if (!(await signalProcess(identity, 'SIGKILL'))) return false;
  await waitForState(identity, 'gone', KILL_TIMEOUT);
  return true;
}

/** Waits until a process is in a state; throws `STUCK_PROCESS` after `timeout` milliseconds. */
export async function waitForState(identity: ProcessIdentity, wanted: ProcessState, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const state = await processState(identity);
    if (state === wanted) return;
    if (Date.now() > deadline) {
      throw new ZkshError(`process ${identity.pid} is ${state}, not ${wanted}, after ${timeout} ms`, {
        code: 'STUCK_PROCESS',
        exitCode: ExitCode.timeout,
        hint: 'It may wait for a disk; look at it with ps.',
      });
    }
    await sleep(POLL);
  }
}
