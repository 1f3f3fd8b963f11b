import type { Client } from '../client/client.ts';
import { ConnectionLostError } from '../client/errors.ts';
import { TransactionError, type TransactionOp } from '../client/transaction.ts';
import { Errno, ServerError } from '../protocol/server-errors.ts';

/** One thing to write: its operations are done together or not at all. */
export interface BulkItem {
  readonly path: string;
  readonly ops: readonly TransactionOp[];
}

/** What could not be written, and why. */
interface BulkFailure<I extends BulkItem> {
  readonly item: I;
  readonly error: ServerError | ConnectionLostError;
}

export interface BulkOptions<I extends BulkItem> {
  signal?: AbortSignal | undefined;
  /** Operations in one transaction, 1000 by default. */
  batchSize?: number | undefined;
  /** Bytes in one transaction, 512 KiB by default. */
  batchBytes?: number | undefined;
  /** Told how many items are done by now, failed ones included. */
  progress?: ((done: number) => void) | undefined;
  /**
   * Asked about an item that was refused alone: true where what it wants is so already. `uncertain`: an earlier try got
   * no answer, so that it may have been done by us.
   */
  settled?: ((item: I, error: ServerError, uncertain: boolean) => boolean | Promise<boolean>) | undefined;
}

/** How a bulk write went. */
export interface BulkReport<I extends BulkItem> {
  readonly written: number;
  /** Items that `settled` found to be so already. */
  readonly already: number;
  readonly failed: number;
  /** Of those that failed the first thousand, in order. */
  readonly failures: readonly BulkFailure<I>[];
}

/** zkCli's for `deleteall`. */
export const BATCH_SIZE = 1000;
/** A request must stay under the server's `jute.maxbuffer`, 1 MiB by default. */
const BATCH_BYTES = 512 * 1024;
/** Transactions under way at once. */
const IN_FLIGHT = 4;
/** Requests under way at once where items go one by one. */
const SINGLES = 128;
/** Refused items taken out of one transaction before the rest of it goes one by one. */
const PEELED = 8;
/** The connection may go this often under one item before that counts as its fault. */
const LOSSES = 3;
const FAILURES_KEPT = 1000;

/**
 * Writes any number of items, in order, in transactions of many. From a transaction that is refused the item that is to
 * blame is taken out, so that it fails alone; one whose answer was lost is done again item by item, after the connection
 * is back. Items are taken from `items` as they are needed.
 *
 * @throws when the session is gone, and when aborted: what was written stays written
 */
export async function bulkWrite<I extends BulkItem>(
  client: Client,
  items: Iterable<I> | AsyncIterable<I>,
  options: BulkOptions<I> = {},
): Promise<BulkReport<I>> {
  return new BulkWriter(client, options).run(items);
}

/** Items that share a transaction, and why it was not done. */
interface Sent<I> {
  readonly items: readonly I[];
  /** Never rejects. */
  done: Promise<void>;
  error: Error | undefined;
}

class BulkWriter<I extends BulkItem> {
  readonly #client: Client;
  readonly #options: BulkOptions<I>;
  readonly #size: number;
  /** Halved when a transaction breaks the connection: it may have been over the server's limit. */
  #bytes: number;
  #written = 0;
  #already = 0;
  #failed = 0;
  readonly #failures: BulkFailure<I>[] = [];
  /** In the order they were sent; the server does a session's requests in order too. */
  #underWay: Sent<I>[] = [];

  constructor(client: Client, options: BulkOptions<I>) {
    this.#client = client;
    this.#options = options;
    this.#size = Math.max(1, options.batchSize ?? BATCH_SIZE);
    this.#bytes = options.batchBytes ?? BATCH_BYTES;
  }

  async run(items: Iterable<I> | AsyncIterable<I>): Promise<BulkReport<I>> {
    let batch: I[] = [];
    let ops = 0;
    let bytes = 0;
    for await (const item of items) {
      const cost = bytesOf(item);
      if (batch.length > 0 && (ops + item.ops.length > this.#size || bytes + cost > this.#bytes)) {
        await this.#send(batch);
        batch = [];
        ops = bytes = 0;
      }
      batch.push(item);
      ops += item.ops.length;
      bytes += cost;
    }
    if (batch.length > 0) await this.#send(batch);
    await this.#settle();
    return { written: this.#written, already: this.#already, failed: this.#failed, failures: this.#failures };
  }

  /** Returns when there is room for one more. */
  async #send(items: readonly I[]): Promise<void> {
    const sent: Sent<I> = { items, done: Promise.resolve(), error: undefined };
    sent.done = this.#multi(items).catch((error: Error) => {
      sent.error = error;
    });
    this.#underWay.push(sent);
    while (this.#underWay.length >= IN_FLIGHT) {
      await this.#underWay[0]?.done;
      if (this.#underWay[0]?.error !== undefined) return this.#settle();
      this.#underWay.shift();
    }
  }

  /** Does again, in order, what was not done: what was sent after a refused transaction may have needed it. */
  async #settle(): Promise<void> {
    await Promise.all(this.#underWay.map(({ done }) => done));
    const refused = this.#underWay.filter(({ error }) => error !== undefined);
    this.#underWay = [];
    if (refused[0]?.error instanceof ConnectionLostError) this.#bytes = Math.max(1, this.#bytes >>> 1);
    for (const { items, error } of refused) {
      if (error instanceof TransactionError) await this.#peel(items, error);
      else if (isRefusal(error)) await this.#oneByOne(items, error instanceof ConnectionLostError);
      else throw error;
    }
  }

  async #multi(items: readonly I[]): Promise<void> {
    const ops = items.length === 1 ? (items[0] as I).ops : items.flatMap((item) => item.ops);
    await this.#client.multi(ops, { signal: this.#options.signal });
    this.#written += items.length;
    this.#tell();
  }

  /** What comes before the item to blame, that item alone, then the rest: still in order. */
  async #peel(items: readonly I[], refusal: TransactionError): Promise<void> {
    let rest = items;
    let error: unknown = refusal;
    for (let peeled = 0; peeled < PEELED && error instanceof TransactionError && rest.length > 1; peeled++) {
      const blamed = itemOfOperation(rest, error.index);
      await this.#again(rest.slice(0, blamed));
      await this.#oneByOne(rest.slice(blamed, blamed + 1), false);
      rest = rest.slice(blamed + 1);
      error = await this.#tried(rest);
    }
    if (error === undefined) return;
    if (!isRefusal(error)) throw error;
    await this.#oneByOne(rest, error instanceof ConnectionLostError);
  }

  async #again(items: readonly I[]): Promise<void> {
    const error = await this.#tried(items);
    if (error === undefined) return;
    if (!isRefusal(error)) throw error;
    await this.#oneByOne(items, error instanceof ConnectionLostError);
  }

  async #tried(items: readonly I[]): Promise<unknown> {
    if (items.length === 0) return undefined;
    return this.#multi(items).catch((error: unknown) => error);
  }

  /**
   * A transaction for each item, many under way at once. What is lost with the connection goes again with nothing beside
   * it, so that only what breaks the connection itself is blamed for it; what was refused after that may have needed it.
   */
  async #oneByOne(items: readonly I[], uncertain: boolean): Promise<void> {
    for (let at = 0; at < items.length; at += SINGLES) {
      const some = items.slice(at, at + SINGLES);
      const errors = await Promise.all(some.map((item) => this.#tried([item])));
      let lost = false;
      for (const [i, item] of some.entries()) {
        let error = errors[i];
        const wasLost = error instanceof ConnectionLostError;
        if (lost && error !== undefined && !wasLost) error = await this.#tried([item]);
        lost ||= wasLost;
        for (let tries = 1; tries < LOSSES && error instanceof ConnectionLostError; tries++) {
          error = await this.#tried([item]);
        }
        if (error !== undefined) await this.#conclude(item, error, uncertain || wasLost);
      }
    }
  }

  async #conclude(item: I, error: unknown, uncertain: boolean): Promise<void> {
    if (!isRefusal(error)) throw error;
    const cause = error instanceof TransactionError ? (error.cause as ServerError) : error;
    if (cause instanceof ServerError && (await this.#options.settled?.(item, cause, uncertain))) {
      this.#already += 1;
      this.#tell();
    } else this.#fail(item, cause);
  }

  #fail(item: I, error: BulkFailure<I>['error']): void {
    this.#failed += 1;
    if (this.#failures.length < FAILURES_KEPT) this.#failures.push({ item, error });
    this.#tell();
  }

  #tell(): void {
    this.#options.progress?.(this.#written + this.#already + this.#failed);
  }
}

/** Errors that say nothing of one item but end the session, or all writing on it. */
const FATAL: readonly number[] = [
  Errno.sessionExpired,
  Errno.sessionMoved,
  Errno.authFailed,
  Errno.notReadOnly,
  Errno.sessionClosedRequireSaslAuth,
];

function isRefusal(error: unknown): error is TransactionError | ServerError | ConnectionLostError {
  if (error instanceof ConnectionLostError) return true;
  const cause = error instanceof TransactionError ? error.cause : error;
  return cause instanceof ServerError && !FATAL.includes(cause.errno);
}

/** Which item an operation of their transaction belongs to. */
function itemOfOperation(items: readonly BulkItem[], operation: number): number {
  let before = 0;
  return items.findIndex(({ ops }) => {
    before += ops.length;
    return operation < before;
  });
}

/** About what an item takes on the wire: paths and data count, ACLs and numbers are rounded up. */
function bytesOf({ ops }: BulkItem): number {
  let bytes = 0;
  for (const op of ops) {
    bytes += Buffer.byteLength(op.path) + FIXED_BYTES;
    if ('data' in op && op.data) bytes += typeof op.data === 'string' ? Buffer.byteLength(op.data) : op.data.length;
    if ('acl' in op && op.acl) for (const { scheme, id } of op.acl) bytes += scheme.length + id.length * 3 + ACL_BYTES;
  }
  return bytes;
}

/** Headers, lengths, versions and flags of one operation in a multi. */
const FIXED_BYTES = 64;
/** Two lengths and the permissions. */
const ACL_BYTES = 12;
