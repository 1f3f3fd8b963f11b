import type { Client } from '../client/client.ts';
import { ranked } from './ranking.ts';
import { subtreeSums } from './subtree-sums.ts';
import { comparePaths, type WalkOptions, walkBatches } from './walk.ts';

/** A znode with many children. */
export interface WideZnode {
  readonly path: string;
  readonly children: number;
  /** Of the names of its children, in UTF-8. */
  readonly nameBytes: number;
  /** Length of the server's answer to getChildren with Stat, as a client's `jute.maxbuffer` is compared with it. */
  readonly replyBytes: number;
}

export interface WideOptions extends Pick<WalkOptions, 'signal' | 'unreadable' | 'vanished' | 'oneByOne'> {
  /** How many; Infinity for all. */
  top: number;
  /** Znodes with fewer children are left out. */
  min: number;
  progress?: ((seen: number) => void) | undefined;
}

/** xid, zxid and error: 4 + 8 + 4 bytes. */
const REPLY_HEADER = 16;
/** Six longs and five ints. */
const STAT = 68;
/** Before a vector its count, before a string its length. */
const LENGTH = 4;

/** Length of the answer to getChildren2, as zkCli's ls and most clients ask; the older getChildren has 68 bytes less. */
export function childrenReplyBytes(children: number, nameBytes: number): number {
  return REPLY_HEADER + LENGTH + children * LENGTH + nameBytes + STAT;
}

/**
 * The znodes at and below `root` that have most children, the widest first. What is held in memory is `top` of them.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* wide(client: Client, root: string, options: WideOptions): AsyncGenerator<WideZnode> {
  const { signal, unreadable, vanished, oneByOne, top, min, progress } = options;
  const walk: WalkOptions = { order: 'depth-first', stat: true, signal, unreadable, vanished, oneByOne };
  const subtrees = subtreeSums(walkBatches(client, root, walk), root, progress);
  yield* ranked(parents(subtrees, min), { top, compare: widestFirst });
}

async function* parents(
  subtrees: AsyncIterable<{ path: string; children: number; nameBytes: number }>,
  min: number,
): AsyncGenerator<WideZnode> {
  for await (const { path, children, nameBytes } of subtrees) {
    if (children < min) continue;
    yield { path, children, nameBytes, replyBytes: childrenReplyBytes(children, nameBytes) };
  }
}

function widestFirst(a: WideZnode, b: WideZnode): number {
  return b.children - a.children || b.replyBytes - a.replyBytes || comparePaths(a.path, b.path);
}
