import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { describe, type LocalEnsemble } from './description.ts';
import { withLock } from './file-lock.ts';
import { tail } from './log-tail.ts';
import { launchMember } from './member-files.ts';
import { killAndWait, waitForState } from './process-end.ts';
import { type ProcessIdentity, type ProcessState, processState, signalProcess } from './process-identity.ts';
import {
  type EnsembleRecord,
  logFile,
  type MemberRecord,
  requireMember,
  requireRecord,
  writeRecord,
} from './record.ts';
import { waitForMember } from './serving.ts';
import { type EnsembleRef, ensembleDirectory, lockFile } from './spec.ts';
import { startFailure } from './start-failure.ts';

const LOCK_TIMEOUT = 60_000;
const SERVE_TIMEOUT = 60_000;
/** ZooKeeper ends within a second of SIGTERM; one that does not is killed after this. Milliseconds. */
const TERM_TIMEOUT = 10_000;
const SIGNAL_TIMEOUT = 10_000;

/** How `start`, `restart` and `resume` may be stopped or hurried. */
export interface StartOptions {
  /** Milliseconds, 60000 by default. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Ends a member in good order (SIGTERM) and returns when its process is gone; a stopped one stays as it is. */
export function stop(ref: EnsembleRef, id: number): Promise<LocalEnsemble> {
  return change(ref, id, (record, member) => stopMember(record, member));
}

/** Ends a member at once (SIGKILL), as a crash would: its state is `dead` until it is started again. */
export function kill(ref: EnsembleRef, id: number): Promise<LocalEnsemble> {
  return change(ref, id, async (_record, member) => {
    if (member.process !== undefined) await killAndWait(member.process);
  });
}

/**
 * Starts a member that is stopped or dead and waits until it serves, or, when too few voters live for a quorum, until
 * it answers at all. A running one stays as it is, a paused one is resumed.
 */
export function start(ref: EnsembleRef, id: number, options: StartOptions = {}): Promise<LocalEnsemble> {
  return change(ref, id, (record, member) => startMember(record, member, options));
}

/** `stop`, then `start`. */
export function restart(ref: EnsembleRef, id: number, options: StartOptions = {}): Promise<LocalEnsemble> {
  return change(ref, id, async (record, member) => {
    await stopMember(record, member);
    await startMember(record, member, options);
  });
}

/** Freezes a member (SIGSTOP): its sockets stay open and nothing answers. */
export function pause(ref: EnsembleRef, id: number): Promise<LocalEnsemble> {
  return change(ref, id, async (record, member) => {
    const identity = await requireProcess(record, member);
    await signalProcess(identity, 'SIGSTOP');
    await waitForState(identity, 'paused', SIGNAL_TIMEOUT);
  });
}

/** Thaws a paused member and waits until it serves again. */
export function resume(ref: EnsembleRef, id: number, options: StartOptions = {}): Promise<LocalEnsemble> {
  return change(ref, id, async (record, member) => {
    await requireProcess(record, member);
    await resumeMember(record, member, options);
  });
}

/** Where a member's log is, and its last lines. */
export async function logs(ref: EnsembleRef, id: number, lines = 40): Promise<{ path: string; lines: string[] }> {
  const record = await requireRecord(ref);
  const path = logFile(ensembleDirectory(ref), requireMember(record, id).id);
  return { path, lines: await tail(path, lines) };
}

async function change(
  ref: EnsembleRef,
  id: number,
  work: (record: EnsembleRecord, member: MemberRecord) => Promise<void>,
): Promise<LocalEnsemble> {
  return withLock(lockFile(ref), LOCK_TIMEOUT, async () => {
    const record = await requireRecord(ref);
    await work(record, requireMember(record, id));
    return describe(record);
  });
}

async function stopMember(record: EnsembleRecord, member: MemberRecord): Promise<void> {
  const identity = member.process;
  if (identity !== undefined && (await signalProcess(identity, 'SIGTERM'))) {
    // A paused process takes the signal only once it runs again.
    await signalProcess(identity, 'SIGCONT');
    await waitForState(identity, 'gone', TERM_TIMEOUT).catch(() => killAndWait(identity));
  }
  delete member.process;
  await writeRecord(record);
}

async function startMember(record: EnsembleRecord, member: MemberRecord, options: StartOptions): Promise<void> {
  const state = await memberState(member);
  if (state === 'paused') return resumeMember(record, member, options);
  if (state === 'gone') {
    await launchMember(record, member);
    await writeRecord(record);
  }
  await untilServing(record, member, options);
}

async function resumeMember(record: EnsembleRecord, member: MemberRecord, options: StartOptions): Promise<void> {
  if (member.process !== undefined) await signalProcess(member.process, 'SIGCONT');
  await untilServing(record, member, options);
}

async function untilServing(record: EnsembleRecord, member: MemberRecord, options: StartOptions): Promise<void> {
  const deadline = Date.now() + (options.timeout ?? SERVE_TIMEOUT);
  try {
    await waitForMember(member, (await hasQuorum(record)) ? 'serving' : 'answering', {
      deadline,
      signal: options.signal,
    });
  } catch (error) {
    throw await startFailure(error, record, [member], 'It may still be starting: look at its log.');
  }
}

async function hasQuorum(record: EnsembleRecord): Promise<boolean> {
  const voters = record.members.filter(({ role }) => role === 'participant');
  const states = await Promise.all(voters.map(memberState));
  return states.filter((state) => state === 'running').length > voters.length / 2;
}

async function memberState(member: MemberRecord): Promise<ProcessState> {
  return member.process === undefined ? 'gone' : processState(member.process);
}

/** The live process of a member; throws `NOT_RUNNING`. */
async function requireProcess(record: EnsembleRecord, member: MemberRecord): Promise<ProcessIdentity> {
  if (member.process !== undefined && (await memberState(member)) !== 'gone') return member.process;
  throw new ZkshError(`member ${member.id} of the local ensemble ${record.name} is not running`, {
    code: 'NOT_RUNNING',
    exitCode: ExitCode.conflict,
    hint: `Start it with "zksh local start ${member.id}".`,
  });
}
