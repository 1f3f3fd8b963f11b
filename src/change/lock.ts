import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';

/** Who changes an ensemble at present. */
export interface LockOwner {
  /** `user@host`. */
  who: string;
  pid: number;
  /** Id and kind of the change. */
  plan: string;
  kind: string;
  /** Milliseconds since the epoch. */
  since: number;
}

/** Where the lock is when nobody names another place. */
export const LOCK_PATH = '/zksh-change';

/** The right to change an ensemble: an ephemeral znode, so that it goes with an operator who is gone. */
export class ChangeLock {
  readonly path: string;
  readonly #client: () => Promise<Client>;
  readonly #owner: LockOwner;

  private constructor(client: () => Promise<Client>, path: string, owner: LockOwner) {
    this.#client = client;
    this.path = path;
    this.#owner = owner;
  }

  /**
   * @param client the session in use; another one once that has expired
   * @param isOver whether an owner is known to be gone, and its change to be ours or ended: a znode stays until the session
   * of a zksh that was killed has expired
   * @throws ZkshError `LOCKED` (exit 6) with the owner, where somebody else has it
   */
  static async acquire(
    client: () => Promise<Client>,
    path: string,
    owner: LockOwner,
    isOver: (owner: LockOwner) => boolean = () => false,
  ): Promise<ChangeLock> {
    const lock = new ChangeLock(client, path, owner);
    await removeOver(await client(), path, isOver);
    await lock.hold();
    return lock;
  }

  /** Makes sure that it is ours: after an expired session it is taken anew, where nobody else has it. @throws `LOCKED` */
  async hold(): Promise<void> {
    const client = await this.#client();
    try {
      await client.create(this.path, JSON.stringify(this.#owner), { mode: 'ephemeral' });
    } catch (error) {
      if (!isServerError(error, Errno.nodeExists)) throw error;
      const stat = await client.exists(this.path);
      if (stat?.ephemeralOwner !== client.sessionId) throw locked(this.path, await readOwner(client, this.path));
    }
  }

  /** Gives it up. One that somebody else took after our session had expired stays theirs. */
  async release(): Promise<void> {
    const client = await this.#client();
    const stat = await client.exists(this.path);
    if (stat?.ephemeralOwner === client.sessionId) await remove(client, this.path);
  }
}

async function remove(client: Client, path: string): Promise<void> {
  await client.delete(path).catch((error: unknown) => {
    if (!isServerError(error, Errno.noNode)) throw error;
  });
}

async function removeOver(client: Client, path: string, isOver: (owner: LockOwner) => boolean): Promise<void> {
  const owner = await readOwner(client, path);
  if (owner !== undefined && isOver(owner)) await remove(client, path);
}

/** @throws ZkshError `LOCKED` (exit 6) with the owner, where somebody has it who is not known to be over */
export async function refuseLocked(client: Client, path: string, isOver: (owner: LockOwner) => boolean): Promise<void> {
  const owner = await readOwner(client, path);
  if (owner !== undefined && isOver(owner)) return;
  if ((await client.exists(path)) !== undefined) throw locked(path, owner);
}

/** Who has the lock; undefined when it is free or holds what no zksh wrote. */
async function readOwner(client: Client, path: string): Promise<LockOwner | undefined> {
  try {
    const { data } = await client.getData(path);
    const value: unknown = JSON.parse(data?.toString('utf8') ?? '');
    return isOwner(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== 'object' || value === null) return false;
  const { who, pid, plan, kind, since } = value as Record<string, unknown>;
  return (
    typeof who === 'string' &&
    typeof pid === 'number' &&
    typeof plan === 'string' &&
    typeof kind === 'string' &&
    typeof since === 'number'
  );
}

function locked(path: string, owner: LockOwner | undefined): ZkshError {
  const who =
    owner === undefined
      ? 'somebody'
      : `${owner.who} (process ${owner.pid}), since ${new Date(owner.since).toISOString()}`;
  const what = owner === undefined ? '' : `: ${owner.kind}, ${owner.plan}`;
  return new ZkshError(`another change is under way by ${who}${what}`, {
    code: 'LOCKED',
    exitCode: ExitCode.conflict,
    hint: `Wait until it has ended. The lock is ${path}; it goes by itself when that zksh is gone and its session has expired.`,
  });
}
