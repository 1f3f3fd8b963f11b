import type { Client } from '../client/client.ts';
import { depthOf } from '../protocol/paths.ts';
import { branches, type Drawable, ListedChildren, type TreeItem } from './tree-branches.ts';
import { sumTree } from './tree-totals.ts';
import { type WalkOptions, walkBatches } from './walk.ts';

export type { TreeItem, TreeRest, TreeZnode } from './tree-branches.ts';

export interface TreeOptions extends Pick<WalkOptions, 'signal' | 'data' | 'unreadable' | 'vanished' | 'oneByOne'> {
  /** How far below the root; Infinity for all. */
  maxDepth: number;
  /** Children of a znode that are shown; Infinity for all. */
  limit: number;
  /** Show znodes without children too. */
  leaves: boolean;
  /** With the totals of what is below each znode: the whole tree is walked before the first one is shown. */
  totals: boolean;
  /** Told how many znodes were looked at by now. */
  progress?: ((seen: number) => void) | undefined;
  /** Told of every znode that was looked at, shown or not. */
  visited?: ((znode: Drawable, depth: number) => void) | undefined;
}

/**
 * The tree at and below `root`, as it is to be drawn: depth first, siblings by code unit. What is over the limit, or too
 * deep, is not read, unless totals are asked for.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* tree(client: Client, root: string, options: TreeOptions): AsyncGenerator<TreeItem> {
  const { maxDepth, limit, leaves, totals, signal, data, unreadable, vanished, oneByOne } = options;
  const children = new ListedChildren(limit);
  const walked = walkBatches(client, root, {
    order: 'depth-first',
    stat: true,
    data,
    signal,
    unreadable,
    vanished,
    oneByOne,
    ...(totals ? {} : { maxDepth, skip: (path: string) => children.skip(path) }),
  });
  const watched = watch(walked, root, options);
  if (!totals) {
    yield* branches(watched, { leaves, maxDepth, listed: (path) => children.take(path) });
    return;
  }
  const { znodes, listed } = await sumTree(watched, { maxDepth, limit });
  yield* branches([znodes], { leaves, maxDepth, listed: (path) => listed.get(path) });
}

async function* watch(
  walked: AsyncIterable<readonly Drawable[]>,
  root: string,
  { progress, visited }: TreeOptions,
): AsyncGenerator<readonly Drawable[]> {
  const above = depthOf(root);
  let seen = 0;
  for await (const batch of walked) {
    seen += batch.length;
    progress?.(seen);
    if (visited !== undefined) for (const znode of batch) visited(znode, depthOf(znode.path) - above);
    yield batch;
  }
}
