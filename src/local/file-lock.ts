import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { identify, processState } from './process-identity.ts';

interface Holder {
  pid: number;
  startTime: string;
  token: string;
}

const POLL = 50;
/** A lock file without a holder in it is being written; older than this its writer died. Milliseconds. */
const HALF_WRITTEN = 5000;

/**
 * Runs `work` while holding the lock file; a lock left by a dead process is taken over. Throws `LOCKED` when
 * another process still holds it after `timeout` milliseconds.
 */
export async function withLock<T>(path: string, timeout: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const content = await acquire(path, Date.now() + timeout);
  try {
    return await work();
  } finally {
    // Only our own lock: when this process was stopped for long another may have judged it dead.
    if ((await readFile(path, 'utf8').catch(() => '')) === content) await unlink(path).catch(() => undefined);
  }
}

async function acquire(path: string, deadline: number): Promise<string> {
  const self = await identify(process.pid);
  const holder: Holder = { pid: process.pid, startTime: self?.startTime ?? '', token: randomUUID() };
  const content = JSON.stringify(holder);
  for (;;) {
    try {
      await writeFile(path, content, { flag: 'wx', mode: 0o600 });
      return content;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = await readFile(path, 'utf8').catch(() => undefined);
    if (held === undefined) continue;
    if (await isStale(path, held)) await remove(path, held);
    else if (Date.now() >= deadline) throw locked(path, held);
    else await sleep(POLL);
  }
}

async function isStale(path: string, held: string): Promise<boolean> {
  const holder = parse(held);
  if (holder !== undefined) return (await processState(holder)) === 'gone';
  const age = await stat(path)
    .then((s) => Date.now() - s.mtimeMs)
    .catch(() => 0);
  return age > HALF_WRITTEN;
}

/** Takes a stale lock away; when another process has replaced it meanwhile, that live lock is put back. */
async function remove(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value
      ? (value as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

function locked(path: string, held: string): ZkshError {
  return new ZkshError(`another zksh (pid ${parse(held)?.pid ?? 'unknown'}) is working on this ensemble`, {
    code: 'LOCKED',
    exitCode: ExitCode.conflict,
    hint: `Wait for it to finish; the lock is ${path}.`,
  });
}
