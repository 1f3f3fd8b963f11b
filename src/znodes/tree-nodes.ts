import type { Client } from '../client/client.ts';
import type { Stat } from '../protocol/records.ts';
import type { ServerError } from '../protocol/server-errors.ts';
import type { UnreadableNode } from './ndjson-format.ts';
import { kindOf, type TreeNode } from './node-kind.ts';
import { isSystemNode } from './system-nodes.ts';
import { walkBatches } from './walk.ts';

/** A znode as it is on an ensemble. */
export interface LiveNode extends TreeNode {
  readonly stat: Stat;
}

export interface TreeNodesOptions {
  signal?: AbortSignal | undefined;
  /** Read the ACLs: most of the time that it takes. */
  acl: boolean;
  /** False: `data` is `null` everywhere. True by default. */
  data?: boolean | undefined;
  /** As {@link WalkOptions}. */
  oneByOne?: boolean | undefined;
  vanished?: ((path: string) => void) | undefined;
}

/**
 * A tree of an ensemble in the form that it has in a file: depth-first, paths from its root. What the ACL hides is among
 * the znodes, and `/zookeeper` is left out, unless the root is there.
 *
 * @throws ServerError `NO_NODE` without a root, `NO_AUTH` where the root itself can't be read
 */
export async function* treeNodes(
  client: Client,
  root: string,
  options: TreeNodesOptions,
): AsyncGenerator<readonly (LiveNode | UnreadableNode)[], void> {
  const { signal, acl, data = true, oneByOne, vanished } = options;
  const { chroot } = client;
  const refusals = new Map<string, ServerError>();
  const batches = walkBatches(client, root, {
    order: 'depth-first',
    data,
    stat: true,
    acl,
    signal,
    oneByOne,
    vanished,
    skip: isSystemNode(root, chroot) ? undefined : (path) => isSystemNode(path, chroot),
    unreadable: (error) => refusals.set(error.path ?? '', error),
  });
  for await (const batch of batches) {
    yield batch.map(({ path, stat, data: bytes, acl: entries }): LiveNode | UnreadableNode => {
      const place = belowRoot(path, root);
      if (stat !== undefined) return { path: place, data: bytes ?? null, kind: kindOf(stat), acl: entries, stat };
      const refusal = refusals.get(path);
      refusals.delete(path);
      if (place === '/' && refusal !== undefined) throw refusal;
      return { path: place, unreadable: refusal?.code ?? 'NO_AUTH' };
    });
  }
}

/** The path as if `root` were `/`. */
export function belowRoot(path: string, root: string): string {
  return root === '/' ? path : path.slice(root.length) || '/';
}

/** The path that `path`, which counts from `root`, has. */
export function atRoot(root: string, path: string): string {
  if (path === '/') return root;
  return root === '/' ? path : root + path;
}
