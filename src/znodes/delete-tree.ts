import type { Client } from '../client/client.ts';
import { ConnectionLostError } from '../client/errors.ts';
import { TransactionError } from '../client/transaction.ts';
import { ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { isSystemNode, refuseSystemNode } from './system-nodes.ts';
import { type Visited, type WalkOptions, walk } from './walk.ts';

/** What is to be deleted, as it was when it was looked at. */
export interface DeletionPlan {
  readonly root: string;
  /** Every znode to delete, parents before children. */
  readonly paths: readonly string[];
  /** Of data, without names and ACLs. */
  readonly bytes: number;
  readonly ephemerals: readonly { path: string; owner: bigint }[];
}

export interface DeletionOptions {
  signal?: AbortSignal | undefined;
  /** Deletes in one transaction; 0 = none, one delete after the other. Default 1000. */
  batchSize?: number | undefined;
  /** Told how many are deleted by now. */
  progress?(done: number): void;
}

/** zkCli's. */
export const BATCH_SIZE = 1000;
/** Transactions under way at once. */
const IN_FLIGHT = 4;
/** A request must stay under the server's `jute.maxbuffer`, 1 MiB by default. */
const BATCH_BYTES = 512 * 1024;
/** Bytes of one delete in a multi besides its path: the header and three numbers. */
const OVERHEAD = 17;
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
  options: Pick<DeletionOptions, 'signal' | 'progress'> = {},
): Promise<DeletionPlan> {
  refuseSystemNode(root, client.chroot, 'a recursive delete');
  const paths: string[] = [];
  const ephemerals: { path: string; owner: bigint }[] = [];
  let bytes = 0;
  for await (const { path, stat } of visits(client, root, { ...options, stat: true })) {
    if (path !== '/') paths.push(path);
    bytes += stat?.dataLength ?? 0;
    const owner = stat?.ephemeralOwner ?? 0n;
    if (owner !== 0n) ephemerals.push({ path, owner });
    options.progress?.(paths.length);
  }
  return { root, paths, bytes, ephemerals };
}

/**
 * Deletes what was planned, and what has come into being below it meanwhile; a znode that is gone already is no failure.
 *
 * @returns how many znodes it deleted
 * @throws ZkshError with the code of the first failure when znodes are left
 */
export async function deleteTree(client: Client, plan: DeletionPlan, options: DeletionOptions = {}): Promise<number> {
  const sweep = new Sweep(client, options);
  let paths = plan.paths;
  let batchSize = options.batchSize ?? BATCH_SIZE;
  for (let pass = 1; ; pass++) {
    await sweep.run(paths, batchSize);
    if (sweep.failures.length === 0) return sweep.deleted;
    if (pass === PASSES || sweep.failures.every(({ error }) => isServerError(error, Errno.noAuth))) break;
    // Only looking tells what a lost transaction has done, and which children are new.
    paths = await remaining(client, plan.root, options.signal);
    if (paths.length === 0) return sweep.deleted;
    batchSize = Math.floor(batchSize / 4);
  }
  throw leftBehind(plan, sweep);
}

interface Failure {
  path: string;
  error: ZkshError;
}

/** One pass after the other over what is to be deleted. */
class Sweep {
  deleted = 0;
  /** Of the last pass. */
  failures: Failure[] = [];
  readonly #client: Client;
  readonly #options: DeletionOptions;

  constructor(client: Client, options: DeletionOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The server takes a session's requests in order, so children go first even with many transactions under way. */
  async run(parentsFirst: readonly string[], batchSize: number): Promise<void> {
    this.failures = [];
    const underWay = new Set<Promise<void>>();
    for (const batch of batches(parentsFirst.toReversed(), Math.max(1, batchSize))) {
      while (underWay.size >= (batchSize === 0 ? 1 : IN_FLIGHT)) await Promise.race(underWay);
      const work = this.#batch(batch).finally(() => underWay.delete(work));
      underWay.add(work);
    }
    await Promise.all(underWay);
  }

  async #batch(paths: readonly string[]): Promise<void> {
    const { signal } = this.#options;
    if (paths.length === 1) return this.#single(paths[0] as string);
    try {
      await this.#client.multi(
        paths.map((path) => ({ type: 'delete', path })),
        { signal },
      );
      this.#count(paths.length);
    } catch (error) {
      if (error instanceof TransactionError) await Promise.all(paths.map((path) => this.#single(path)));
      else this.#failed(paths[0] as string, error);
    }
  }

  async #single(path: string): Promise<void> {
    try {
      await this.#client.delete(path, { signal: this.#options.signal });
      this.#count(1);
    } catch (error) {
      if (!isServerError(error, Errno.noNode)) this.#failed(path, error);
    }
  }

  #count(deleted: number): void {
    this.deleted += deleted;
    this.#options.progress?.(this.deleted);
  }

  #failed(path: string, error: unknown): void {
    if (!(error instanceof ServerError || error instanceof ConnectionLostError)) throw error;
    this.failures.push({ path, error });
  }
}

function visits(client: Client, root: string, { signal, stat }: WalkOptions): AsyncGenerator<Visited> {
  const { chroot } = client;
  // What can't be read may still be deletable: that is the parent's permission.
  return walk(client, root, { signal, stat, skip: (path) => isSystemNode(path, chroot), unreadable: () => {} });
}

async function remaining(client: Client, root: string, signal: AbortSignal | undefined): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const { path } of visits(client, root, { signal })) if (path !== '/') paths.push(path);
  } catch (error) {
    if (!isServerError(error, Errno.noNode)) throw error;
  }
  return paths;
}

/** At most `size` paths and about `BATCH_BYTES` bytes each. */
function* batches(paths: readonly string[], size: number): Generator<readonly string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    const cost = Buffer.byteLength(path) + OVERHEAD;
    if (batch.length === size || (batch.length > 0 && bytes + cost > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(path);
    bytes += cost;
  }
  if (batch.length > 0) yield batch;
}

function leftBehind(plan: DeletionPlan, { deleted, failures }: Sweep): ZkshError {
  const [first] = failures;
  const { code, exitCode, hint, message } = (first as Failure).error;
  return new ZkshError(
    `${deleted} znodes at and below ${JSON.stringify(plan.root)} were deleted, others are left: ${message}`,
    {
      code,
      exitCode,
      hint,
      cause: first?.error,
    },
  );
}
