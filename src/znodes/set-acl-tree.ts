import type { Client } from '../client/client.ts';
import type { Acl } from '../protocol/acl.ts';
import { ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { isSystemNode, refuseSystemNode } from './system-nodes.ts';
import { walk } from './walk.ts';

export interface SetAclOptions {
  /** The ACL version that every znode must have; absent = any. */
  version?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Told how many are done by now. */
  progress?(done: number): void;
}

/** Requests at once. */
const IN_FLIGHT = 128;

/**
 * The znodes that a recursive change of ACL would touch: all at and below `root` but `/zookeeper`.
 *
 * @throws ServerError `NO_NODE`, `NO_AUTH`; ZkshError `SYSTEM_NODE` for `/zookeeper` and what is below it
 */
export async function planSetAcl(client: Client, root: string, signal?: AbortSignal): Promise<string[]> {
  refuseSystemNode(root, client.chroot, 'a recursive change of ACL');
  const skip = (path: string) => isSystemNode(path, client.chroot);
  const paths: string[] = [];
  for await (const { path } of walk(client, root, { signal, skip })) paths.push(path);
  return paths;
}

/**
 * Sets the ACL of every path. One that fails does not keep the others from being done; one that is gone is no failure.
 *
 * @returns how many were set
 * @throws ZkshError with the code of the first failure when not all were set
 */
export async function setAclOfAll(
  client: Client,
  paths: readonly string[],
  acl: readonly Acl[],
  options: SetAclOptions = {},
): Promise<number> {
  const { version, signal } = options;
  const failures: ServerError[] = [];
  let next = 0;
  let done = 0;
  const worker = async () => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      try {
        await client.setAcl(path, acl, { version, signal });
        options.progress?.(++done);
      } catch (error) {
        if (!(error instanceof ServerError) || isServerError(error, Errno.sessionExpired)) throw error;
        if (!isServerError(error, Errno.noNode)) failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, paths.length) }, worker));
  const [first] = failures;
  if (first === undefined) return done;
  const { code, exitCode, hint, message } = first;
  const summary = `the ACL of ${done} znodes was set, of ${failures.length} not: ${message}`;
  throw new ZkshError(summary, { code, exitCode, hint, cause: first });
}
