import type { Client } from '../client/client.ts';
import { ranked } from './ranking.ts';
import { type Subtree, subtreeSums } from './subtree-sums.ts';
import { comparePaths, type WalkOptions, walkBatches } from './walk.ts';

export type { Subtree } from './subtree-sums.ts';

/** How subtrees can be ordered: the ones with most data or most znodes first, or by name. */
export const DU_ORDERS = ['size', 'count', 'name'] as const;

export type DuOrder = (typeof DU_ORDERS)[number];

export interface DuOptions extends Pick<WalkOptions, 'signal' | 'unreadable' | 'vanished' | 'oneByOne'> {
  /** Subtrees deeper than this count in those above them only. */
  maxDepth: number;
  /** Subtrees with less data than this are left out; the root never is. */
  threshold: number;
  order: DuOrder;
  /** How many subtrees besides the root; Infinity for all. */
  top: number;
  /** Told how many subtrees besides the root there are by now, within `top` or not. */
  found?: ((subtrees: number) => void) | undefined;
  progress?: ((seen: number) => void) | undefined;
}

/**
 * What the subtrees at and below `root` add up to, the root last. All by name come as they are known, children before
 * their parent, with no more memory than the depth of the tree takes; else after the walk, no more than `top` being held.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* du(client: Client, root: string, options: DuOptions): AsyncGenerator<Subtree> {
  const { signal, unreadable, vanished, oneByOne, order, top, progress } = options;
  const walk: WalkOptions = { order: 'depth-first', stat: true, signal, unreadable, vanished, oneByOne };
  const subtrees = shown(subtreeSums(walkBatches(client, root, walk), root, progress), options);
  if (order === 'name' && top === Number.POSITIVE_INFINITY) yield* subtrees;
  else yield* ranked(subtrees, { top, compare: COMPARE[order] }, ({ depth }) => depth === 0);
}

async function* shown(
  subtrees: AsyncIterable<Subtree>,
  { maxDepth, threshold, found }: DuOptions,
): AsyncGenerator<Subtree> {
  let count = 0;
  for await (const subtree of subtrees) {
    const { depth, bytes } = subtree;
    if (depth > 0 && (depth > maxDepth || bytes < threshold)) continue;
    if (depth > 0) found?.(++count);
    yield subtree;
  }
}

const COMPARE: Readonly<Record<DuOrder, (a: Subtree, b: Subtree) => number>> = {
  size: (a, b) => b.bytes - a.bytes || b.znodes - a.znodes || comparePaths(a.path, b.path),
  count: (a, b) => b.znodes - a.znodes || b.bytes - a.bytes || comparePaths(a.path, b.path),
  name: (a, b) => comparePaths(a.path, b.path),
};
