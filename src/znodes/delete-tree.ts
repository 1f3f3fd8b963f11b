import type { Client } from '../client/client.ts';
import { ConnectionLostError } from '../client/errors.ts';
import type { ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow } from '../protocol/paths.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { type BulkDeleted, bulkDelete } from './bulk-delete.ts';
import { BATCH_SIZE } from './bulk-write.ts';
import { childrenFirst } from './children-first.ts';
import { kindOf } from './node-kind.ts';
import { brokenOff, Failures, PartialError } from './partial-error.ts';
import { isSystemNode, refuseSystemNode } from './system-nodes.ts';
import { type Visited, walkBatches } from './walk.ts';

/** What is to be deleted, as it was when it was looked at. */
export interface DeletionPlan {
  readonly root: string;
  /** How many there are to delete, the root included where that is not `/`. */
  readonly znodes: number;
  /** Of data, without names and ACLs. */
  readonly bytes: number;
  readonly ephemerals: readonly { path: string; owner: bigint }[];
  /** Every znode, parents first; absent where there are too many to remember: then the tree is read again. */
  readonly paths?: readonly string[] | undefined;
}

/** Some 30 MiB of paths. Reading a larger tree twice costs a third of the time that deleting it takes. */
const REMEMBERED = 250_000;

export interface DeletionOptions {
  signal?: AbortSignal | undefined;
  /** Deletes in one transaction; 0 = none, one delete after the other. Default 1000. */
  batchSize?: number | undefined;
  /** Told how many are deleted by now. */
  progress?: ((done: number) => void) | undefined;
}

/** Each pass deletes what has come into being during the one before; a tree that outgrows this is still in use. */
const PASSES = 4;

/**
 * Looks at all that deleting `root` would delete. Below `/` that is everything but `/zookeeper`, and `/` itself stays.
 *
 * @throws ServerError `NO_NODE`; ZkshError `SYSTEM_NODE` for `/zookeeper` and what is below it
 */
export async function planDeletion(
  client: Client,
  root: string,
  options: Omit<DeletionOptions, 'batchSize'> = {},
): Promise<DeletionPlan> {
  refuseSystemNode(root, client.chroot, 'a recursive delete');
  const ephemerals: { path: string; owner: bigint }[] = [];
  let paths: string[] | undefined = [];
  let znodes = 0;
  let bytes = 0;
  for await (const batch of visits(client, root, { ...options, stat: true })) {
    for (const { path, stat } of batch) {
      if (path !== '/') {
        znodes += 1;
        paths?.push(path);
      }
      if (stat === undefined) continue;
      bytes += stat.dataLength;
      if (kindOf(stat).mode === 'ephemeral') ephemerals.push({ path, owner: stat.ephemeralOwner });
    }
    if (znodes > REMEMBERED) paths = undefined;
    options.progress?.(znodes);
  }
  return { root, znodes, bytes, ephemerals, paths };
}

/**
 * Deletes what was planned, and what has come into being below it meanwhile; a znode that is gone already is no failure.
 *
 * @returns how many znodes it deleted
 * @throws PartialError with the code of the first failure when znodes are left
 */
export async function deleteTree(
  client: Client,
  { root, paths }: Pick<DeletionPlan, 'root' | 'paths'>,
  options: DeletionOptions = {},
): Promise<number> {
  let batchSize = options.batchSize ?? BATCH_SIZE;
  let deleted = 0;
  let done = 0;
  const progress = (now: number): void => {
    done = deleted + now;
    options.progress?.(done);
  };
  for (let pass = 1; ; pass++) {
    const deletions = pass === 1 && paths !== undefined ? planned(paths) : found(client, root, options.signal);
    const swept = await sweep(client, deletions, { ...options, batchSize, progress }).catch((error) => {
      throw brokenOff(error, `${done} znodes at and below ${JSON.stringify(root)} were deleted`);
    });
    deleted += swept.deleted;
    const causes = withoutConsequences(swept.failures);
    causes.count += swept.more;
    if (causes.count === 0) return deleted;
    // What the ACL forbids stays forbidden; all else may be a child that is new, or an answer that was lost.
    if (pass === PASSES || causes.kept.every(({ error }) => isServerError(error, Errno.noAuth))) {
      const summary = `${deleted} znodes at and below ${JSON.stringify(root)} were deleted, others are left`;
      throw new PartialError(summary, causes, { done: deleted });
    }
    batchSize = Math.ceil(batchSize / 4);
  }
}

type Swept = Omit<BulkDeleted, 'gone'>;

type Deletions = Iterable<Deletion> | AsyncIterable<Deletion>;

async function sweep(
  client: Client,
  deletions: Deletions,
  options: DeletionOptions & { batchSize: number },
): Promise<Swept> {
  const { signal, progress, batchSize } = options;
  if (batchSize === 0) return oneByOne(client, deletions, options);
  return bulkDelete(client, deletions, { signal, batchSize, progress });
}

/** For a server that has no transactions. */
async function oneByOne(client: Client, deletions: Deletions, { signal, progress }: DeletionOptions): Promise<Swept> {
  const failures: { path: string; error: ZkshError }[] = [];
  let deleted = 0;
  for await (const { path } of deletions) {
    try {
      await client.delete(path, { signal });
      deleted += 1;
      progress?.(deleted);
    } catch (error) {
      if (isServerError(error, Errno.noNode)) continue;
      if (!(error instanceof ServerError || error instanceof ConnectionLostError)) throw error;
      failures.push({ path, error });
    }
  }
  return { deleted, failures, more: 0 };
}

interface Deletion {
  readonly path: string;
  readonly ops: readonly [{ type: 'delete'; path: string }];
}

function* planned(parentsFirst: readonly string[]): Generator<Deletion> {
  for (let i = parentsFirst.length - 1; i >= 0; i--) yield deletion(parentsFirst[i] as string);
}

/** What is there now, read as it is deleted: a tree of any size takes little memory. */
async function* found(client: Client, root: string, signal: AbortSignal | undefined): AsyncGenerator<Deletion> {
  try {
    for await (const { path } of childrenFirst(visits(client, root, { signal }))) {
      if (path !== '/') yield deletion(path);
    }
  } catch (error) {
    // Somebody else has deleted the root, and so all.
    if (!(isServerError(error, Errno.noNode) && error.path === root)) throw error;
  }
}

function deletion(path: string): Deletion {
  return { path, ops: [{ type: 'delete', path }] };
}

function visits(
  client: Client,
  root: string,
  { signal, stat }: { signal?: AbortSignal | undefined; stat?: boolean },
): AsyncGenerator<readonly Visited[]> {
  const { chroot } = client;
  // What can't be read may still be deletable: that is the parent's permission.
  const unreadable = (): void => {};
  const skip = (path: string) => isSystemNode(path, chroot);
  return walkBatches(client, root, { signal, stat, skip, unreadable, order: 'depth-first' });
}

/** A znode that could not be deleted keeps all above it: those are no failures of their own. */
export function withoutConsequences(failures: Swept['failures']): Failures {
  const causes = new Failures();
  let last: string | undefined;
  for (const { path, error } of failures) {
    const consequence = last !== undefined && isAtOrBelow(last, path) && isServerError(error, Errno.notEmpty);
    if (!consequence) causes.add(path, error);
    last = path;
  }
  return causes;
}
