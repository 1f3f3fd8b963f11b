import type { Client } from '../client/client.ts';
import { ConnectionLostError } from '../client/errors.ts';
import type { Acl } from '../protocol/acl.ts';
import type { ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { childrenFirst } from './children-first.ts';
import { brokenOff, Failures, PartialError } from './partial-error.ts';
import { isSystemNode, refuseSystemNode } from './system-nodes.ts';
import { walkBatches } from './walk.ts';

export interface SetAclOptions {
  /** The ACL version that every znode must have; absent = any. */
  version?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Told how many are done by now. */
  progress?: ((done: number) => void) | undefined;
}

/** Requests at once: a transaction can't set ACLs. */
const IN_FLIGHT = 128;
/** The connection may go this often under one request. */
const LOSSES = 3;

/**
 * Counts the znodes that a recursive change of ACL would touch: all at and below `root` but `/zookeeper`.
 *
 * @throws ServerError `NO_NODE`, `NO_AUTH`; ZkshError `SYSTEM_NODE` for `/zookeeper` and what is below it
 */
export async function planSetAcl(
  client: Client,
  root: string,
  options: Omit<SetAclOptions, 'version'> = {},
): Promise<number> {
  refuseSystemNode(root, client.chroot, 'a recursive change of ACL');
  let znodes = 0;
  for await (const batch of visits(client, root, options.signal)) {
    znodes += batch.length;
    options.progress?.(znodes);
  }
  return znodes;
}

/**
 * Sets the ACL of `root` and all below it. One that fails does not keep the others from being done; one that is gone is
 * no failure. Children come before parents, whose new ACL may hide them.
 *
 * @returns how many were set
 * @throws PartialError with the code of the first failure when not all were set
 */
export async function setAclTree(
  client: Client,
  root: string,
  acl: readonly Acl[],
  options: SetAclOptions = {},
): Promise<number> {
  const failures = new Failures();
  const znodes = childrenFirst(visits(client, root, options.signal));
  let done = 0;
  let ended = false;
  const worker = async (): Promise<void> => {
    for (let next = await znodes.next(); !next.done && !ended; next = await znodes.next()) {
      const { path } = next.value;
      const refusal = await set(client, path, acl, options);
      if (refusal === undefined) {
        done += 1;
        options.progress?.(done);
      } else if (!isServerError(refusal, Errno.noNode)) failures.add(path, refusal);
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  } catch (error) {
    throw brokenOff(error, `the ACL of ${done} znodes was set`);
  } finally {
    ended = true;
    // Not waited for: it may be reading from a server that has gone.
    znodes.return(undefined).catch(() => {});
  }
  if (failures.count === 0) return done;
  throw new PartialError(`the ACL of ${done} znodes was set, of ${failures.count} not`, failures, { done });
}

/** @returns the error that says something of this znode alone; all others are thrown */
async function set(
  client: Client,
  path: string,
  acl: readonly Acl[],
  { version, signal }: SetAclOptions,
  losses = 0,
): Promise<ZkshError | undefined> {
  try {
    await client.setAcl(path, acl, { version, signal });
    return undefined;
  } catch (error) {
    // Without a version it can be done twice; with one, the second try finds the version that the first has made.
    if (error instanceof ConnectionLostError && losses < LOSSES) {
      return set(client, path, acl, { version, signal }, losses + 1);
    }
    if (losses > 0 && version !== undefined && isServerError(error, Errno.badVersion)) {
      const stat = await client.exists(path, { signal });
      if (stat?.aversion === version + 1) return undefined;
    }
    if (error instanceof ConnectionLostError) return error;
    if (!(error instanceof ServerError) || isServerError(error, Errno.sessionExpired)) throw error;
    return error;
  }
}

function visits(client: Client, root: string, signal: AbortSignal | undefined) {
  const skip = (path: string) => isSystemNode(path, client.chroot);
  return walkBatches(client, root, { signal, skip, order: 'depth-first' });
}
