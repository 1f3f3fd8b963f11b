import type { Client } from '../client/client.ts';
import { ReplyTooLargeError } from '../client/errors.ts';
import type { ReadResult } from '../client/transaction.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';

/** What is known of a znode that was read; an Error where it could not be. */
export interface ReadZnode {
  readonly children: readonly string[];
  readonly stat: Stat | undefined;
}

export interface BatchReadOptions {
  /** The stats are asked for: costs the data being sent too, where it is small. */
  stat: boolean;
  /** Leave a child watch on each. */
  watch: boolean;
  signal: AbortSignal | undefined;
}

const MOST = 100;
/** While little is known of how large the data is. */
const FIRST = 10;
/** Bytes of data that a batch should bring. */
const BATCH_BYTES = 1024 * 1024;
/** Data larger than this on average costs more to send than batches save. */
const LARGE = 16 * 1024;

/**
 * Reads the children of many znodes with few requests: a request costs the server far more than what it asks for, so a
 * batch is an order of magnitude faster. multiRead can't give a Stat alone: it comes with the data. Servers before 3.6,
 * large data and watches are read one by one, in one go.
 */
export class BatchReader {
  readonly #client: Client;
  readonly #options: BatchReadOptions;
  #oneByOne: boolean;
  #bytes = 0;
  #count = 0;

  constructor(client: Client, options: BatchReadOptions) {
    this.#client = client;
    this.#options = options;
    this.#oneByOne = options.watch;
  }

  /** How many znodes the next batch should have. */
  get size(): number {
    if (!this.#options.stat || this.#oneByOne) return MOST;
    if (this.#count < FIRST) return FIRST;
    return Math.max(1, Math.min(MOST, Math.floor(BATCH_BYTES / this.#average)));
  }

  /** One result for each path, in order. */
  async read(paths: readonly string[]): Promise<(ReadZnode | Error)[]> {
    if (this.#oneByOne || paths.length === 1 || (this.#options.stat && this.#average > LARGE)) {
      return this.#each(paths);
    }
    try {
      return this.#options.stat ? await this.#withStats(paths) : (await this.#lists(paths)).map(listed);
    } catch (error) {
      if (isServerError(error, Errno.unimplemented)) this.#oneByOne = true;
      else if (!(error instanceof ReplyTooLargeError)) throw error;
      return this.#each(paths);
    }
  }

  get #average(): number {
    return this.#bytes / Math.max(1, this.#count);
  }

  #each(paths: readonly string[]): Promise<(ReadZnode | Error)[]> {
    const { stat: wanted, watch, signal } = this.#options;
    const read = (path: string) =>
      this.#client.getChildren(path, { watch, signal }).then(
        ({ children, stat }) => {
          this.#weigh(stat);
          return { children, stat: wanted ? stat : undefined };
        },
        (error: Error) => error,
      );
    return Promise.all(paths.map(read));
  }

  #lists(paths: readonly string[]): Promise<ReadResult[]> {
    return this.#client.multiRead(
      paths.map((path) => ({ type: 'getChildren', path })),
      { signal: this.#options.signal },
    );
  }

  async #withStats(paths: readonly string[]): Promise<(ReadZnode | Error)[]> {
    const reads = await this.#client.multiRead(
      paths.map((path) => ({ type: 'getData', path })),
      { signal: this.#options.signal },
    );
    const stats = reads.map((read) => ('stat' in read ? read.stat : undefined));
    for (const stat of stats) if (stat !== undefined) this.#weigh(stat);
    const inner = paths.filter((_, i) => (stats[i]?.numChildren ?? 0) > 0);
    const lists = inner.length === 0 ? [] : (await this.#lists(inner)).map(listed);
    const children = new Map(inner.map((path, i) => [path, lists[i]]));
    return reads.map((read, i) => {
      const list = children.get(paths[i] ?? '');
      if (read.type === 'error') return read.error;
      return list instanceof Error ? list : { children: list?.children ?? [], stat: stats[i] };
    });
  }

  #weigh(stat: Stat): void {
    this.#bytes += stat.dataLength;
    this.#count += 1;
  }
}

function listed(read: ReadResult): ReadZnode | Error {
  if (read.type === 'error') return read.error;
  return { children: 'children' in read ? read.children : [], stat: undefined };
}
