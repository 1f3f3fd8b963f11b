import type { Client } from '../client/client.ts';
import { Errno, isServerError, type ServerError } from '../protocol/server-errors.ts';
import { type Branch, type Chunk, ReadAhead, sortKey, type Visited } from './read-ahead.ts';

export type { Visited } from './read-ahead.ts';

export interface WalkOptions {
  signal?: AbortSignal | undefined;
  /** Read each znode's Stat too. */
  stat?: boolean | undefined;
  /** Read each znode's data, and its Stat. */
  data?: boolean | undefined;
  /** Read each znode's ACL: one request each, which takes ten times as long as all else. */
  acl?: boolean | undefined;
  /** Leave a child watch on every znode. */
  watch?: boolean | undefined;
  /**
   * `listing`, the default: as zkCli's `ls -R`, the children of a znode one after the other, then what is below each of
   * them. `depth-first`: a znode, all that is below it, then its next sibling. Siblings by code unit in both.
   */
  order?: 'listing' | 'depth-first' | undefined;
  /** How far below the root the walk goes; 0 = the root alone. */
  maxDepth?: number | undefined;
  /** Ask for one znode a request even where the server could do better. */
  oneByOne?: boolean | undefined;
  /** Znodes to leave out, with all below them; asked for all children of a znode at once, in order. */
  skip?: ((path: string) => boolean) | undefined;
  /** Told of what the ACL hides; the walk goes on. Absent = the walk ends with that error. */
  unreadable?: ((error: ServerError) => void) | undefined;
  /** Told of a znode that its parent listed and that was gone when it was its turn, or before its children were listed. */
  vanished?: ((path: string) => void) | undefined;
}

/** Znodes that are handed on at once. */
const BATCH = 1000;

/** As {@link walkBatches}, one by one. */
export async function* walk(client: Client, root: string, options: WalkOptions = {}): AsyncGenerator<Visited> {
  for await (const batch of walkBatches(client, root, options)) yield* batch;
}

/**
 * Every znode at and below `root`, parents before children, as many at a time as are there. The same order each time; not
 * a snapshot: a znode that goes meanwhile is left out. Memory is bounded however large the tree and however slow the
 * reader, but for the names of znodes with very many children.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* walkBatches(
  client: Client,
  root: string,
  options: WalkOptions = {},
): AsyncGenerator<readonly Visited[]> {
  const { order = 'listing', maxDepth = Number.POSITIVE_INFINITY, data = false, stat = data } = options;
  const { acl = false, watch = false, oneByOne = false, signal, skip } = options;
  const reader = new ReadAhead(client, { order, maxDepth, data, stat, acl, watch, oneByOne, signal, skip });
  const open: Place[] = [{ branch: undefined, chunk: reader.root(root), at: 0, inner: [] }];
  let batch: Visited[] = [];
  try {
    for (let place = open.at(-1); place !== undefined; place = open.at(-1)) {
      const waiting = arrive(place, reader);
      if (waiting !== undefined || batch.length >= BATCH) {
        if (batch.length > 0) yield batch;
        batch = [];
      }
      if (waiting !== undefined) {
        await waiting;
      } else if (place.chunk === undefined) {
        open.pop();
        if (place.branch?.failure !== undefined) pass(place.branch.failure, place.branch.path, options);
        for (const branch of place.inner.reverse()) open.push(startOf(branch));
      } else {
        const below = advance(place, place.chunk, batch, options);
        if (below === undefined) reader.passed(finish(place, place.chunk));
        else if (order === 'listing') place.inner.push(below);
        else open.push(startOf(below));
      }
    }
    if (batch.length > 0) yield batch;
  } finally {
    reader.stop();
  }
}

/** Below zero where `a` comes before `b` in depth-first order. */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** How far the walk has come in the children of one znode. */
interface Place {
  /** Undefined for the root of the walk, which is nobody's child here. */
  readonly branch: Branch | undefined;
  chunk: Chunk | undefined;
  /** In the chunk. */
  at: number;
  /** What is to be walked after the last of them. */
  readonly inner: Branch[];
}

function startOf(branch: Branch): Place {
  return { branch, chunk: undefined, at: 0, inner: [] };
}

/** What has to be waited for before the walk can go on here; without that, `chunk` is there or there is no more. */
function arrive(place: Place, reader: ReadAhead): Promise<void> | undefined {
  const { branch } = place;
  if (branch !== undefined && branch.names === undefined) return reader.listed(branch);
  place.chunk ??= branch && reader.next(branch);
  const { chunk } = place;
  return chunk === undefined || chunk.seen !== undefined || chunk.failure !== undefined ? undefined : chunk.ready;
}

/** Visits up to the next znode with something below it, and returns that; undefined at the end of the chunk. */
function advance(place: Place, chunk: Chunk, batch: Visited[], options: WalkOptions): Branch | undefined {
  if (chunk.seen === undefined) throw chunk.failure;
  while (place.at < chunk.seen.length) {
    const index = place.at++;
    const seen = chunk.seen[index] as Visited | Error;
    const path = chunk.paths[index] as string;
    if (seen instanceof Error) {
      const isRoot = place.branch === undefined;
      pass(seen, path, options, isRoot);
      if (!isServerError(seen, Errno.noNode)) batch.push({ path, stat: undefined });
      continue;
    }
    batch.push(seen);
    const below = chunk.below.get(index);
    if (below !== undefined) return below;
  }
  return undefined;
}

function finish(place: Place, chunk: Chunk): Chunk {
  place.chunk = undefined;
  place.at = 0;
  return chunk;
}

/** @throws the error, unless the walk may go on without what it could not see */
function pass(error: Error, path: string, options: WalkOptions, isRoot = false): void {
  if (isServerError(error, Errno.noNode) && !isRoot) options.vanished?.(path);
  else if (isServerError(error, Errno.noAuth) && options.unreadable !== undefined) options.unreadable(error);
  else throw error;
}
