import type { Client } from '../client/client.ts';
import { depthOf } from '../protocol/paths.ts';
import type { ServerError } from '../protocol/server-errors.ts';
import type { Candidate, Test } from './find-tests.ts';
import { type Visited, walkBatches } from './walk.ts';

export interface FindOptions {
  signal?: AbortSignal | undefined;
  /** All have to hold. */
  tests: readonly Test[];
  /** Whether a test wants the ACL. */
  acl?: boolean | undefined;
  /** How far below the root a znode has to be at least; 0 = the root itself may be found. */
  minDepth?: number | undefined;
  maxDepth?: number | undefined;
  oneByOne?: boolean | undefined;
  skip?: ((path: string) => boolean) | undefined;
  unreadable: (error: ServerError) => void;
  vanished?: ((path: string) => void) | undefined;
  /** Told how many znodes have been looked at. */
  progress?: ((done: number) => void) | undefined;
}

/**
 * The znodes at and below a root for which all tests hold, parents before children. A test that asks for what the ACL
 * hides does not hold, nor does its opposite.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* find(client: Client, root: string, options: FindOptions): AsyncGenerator<Candidate> {
  const { tests, acl = false, minDepth = 0, maxDepth, oneByOne, signal, skip, unreadable, vanished } = options;
  const above = depthOf(root);
  let seen = 0;
  const batches = walkBatches(client, root, {
    order: 'depth-first',
    stat: true,
    acl,
    maxDepth,
    oneByOne,
    signal,
    skip,
    unreadable,
    vanished,
  });
  for await (const batch of batches) {
    for (const visited of batch) {
      if (minDepth > 0 && depthOf(visited.path) - above < minDepth) continue;
      const znode = visited.stat === undefined ? await withStat(client, visited, signal) : visited;
      if (znode === undefined) vanished?.(visited.path);
      else if (tests.every((test) => test(znode) === true)) yield znode;
    }
    seen += batch.length;
    options.progress?.(seen);
  }
}

/** No ACL hides a Stat from `exists`. */
async function withStat(client: Client, { path }: Visited, signal: AbortSignal | undefined) {
  const stat = await client.exists(path, { signal });
  return stat && { path, stat };
}
