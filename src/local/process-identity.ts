import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process as the kernel knows it: the start time tells it from a later process that got the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Linux: boot id and clock ticks since that boot; elsewhere what `ps -o lstart` prints. Only ever compared. */
  startTime: string;
}

export type ProcessState = 'running' | 'paused' | 'gone';

interface Snapshot {
  startTime: string;
  state: ProcessState;
}

const run = promisify(execFile);

/** The identity of a live process, undefined when there is none of that pid. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const snapshot = await look(pid);
  return snapshot === undefined || snapshot.state === 'gone' ? undefined : { pid, startTime: snapshot.startTime };
}

/** Whether exactly this process lives; a zombie and a stranger with the same pid are both `gone`. */
export async function processState(identity: ProcessIdentity): Promise<ProcessState> {
  const snapshot = await look(identity.pid);
  return snapshot === undefined || snapshot.startTime !== identity.startTime ? 'gone' : snapshot.state;
}

/** Sends a signal to exactly this process; false when it is gone. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if ((await processState(identity)) === 'gone') return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function look(pid: number): Promise<Snapshot | undefined> {
  return process.platform === 'linux' ? lookInProc(pid) : lookWithPs(pid);
}

async function lookInProc(pid: number): Promise<Snapshot | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The command name in brackets may hold spaces and brackets: the fields are counted after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [letter = '', threads, ticks = ''] = [fields[0], Number(fields[17]), fields[19]];
  // A zombie with threads left is still ending, and its ports are still taken: only the last thread closes them.
  const state = letter === 'Z' && threads > 1 ? 'running' : stateOf(letter);
  return { startTime: `${await bootId()}:${ticks}`, state };
}

async function lookWithPs(pid: number): Promise<Snapshot | undefined> {
  const output = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } })
    .then(({ stdout }) => stdout.trim())
    .catch(() => '');
  const match = /^(\S+)\s+(.+)$/.exec(output);
  return match === null ? undefined : { startTime: match[2] ?? '', state: stateOf(match[1] ?? '') };
}

function stateOf(letters: string): ProcessState {
  if (/^[ZXx]/.test(letters)) return 'gone';
  return /^[Tt]/.test(letters) ? 'paused' : 'running';
}

let cachedBootId: string | undefined;

async function bootId(): Promise<string> {
  cachedBootId ??= (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();
  return cachedBootId;
}
