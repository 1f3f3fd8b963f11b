import type { Client } from '../client/client.ts';
import { ConnectionLostError, ReplyTooLargeError } from '../client/errors.ts';
import type { ReadOp, ReadResult } from '../client/transaction.ts';
import type { Acl } from '../protocol/acl.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';

/** What one look at a znode has told; what was not asked for is undefined. */
export interface Look {
  readonly stat: Stat | undefined;
  /** A view into the server's reply. */
  readonly data: Buffer | null | undefined;
  readonly acl: readonly Acl[] | undefined;
  /** Where the look brought them already. Unsorted. */
  readonly children: readonly string[] | undefined;
}

export interface BatchReadOptions {
  stat: boolean;
  data: boolean;
  acl: boolean;
  /** Leave a child watch on each. */
  watch: boolean;
  /** Never use multiRead. */
  oneByOne: boolean;
  signal: AbortSignal | undefined;
}

const MOST = 100;
/** While little is known of how large the replies are. */
const FIRST = 10;
/** Bytes that a reply should bring. */
const REPLY_BYTES = 1024 * 1024;
/** Data larger than this on average costs more to send than batches save, where it is not wanted. */
const LARGE = 16 * 1024;
/** How fast old sizes are forgotten: siblings are alike, other branches need not be. */
const FADING = 0.9;

/** Servers that answered multiRead with UNIMPLEMENTED, which costs the connection: it is not tried on them again. */
const WITHOUT_MULTI_READ = new WeakSet<Client>();

/**
 * Reads many znodes with few requests: a request costs the server far more than what it asks for, so a batch is an order
 * of magnitude faster. multiRead can't give a Stat alone: it comes with the data. Servers before 3.6, large data that
 * nobody wants, and watches are read one by one, in one go.
 */
export class BatchReader {
  readonly #client: Client;
  readonly #options: BatchReadOptions;
  /** Halved when a batch is refused, or breaks the connection. */
  #most = MOST;
  /** Bytes and znodes of late, fading. */
  #bytes = 0;
  #count = 0;

  constructor(client: Client, options: BatchReadOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** How many znodes the next look should be at. */
  get size(): number {
    if (this.#count < FIRST) return Math.min(FIRST, this.#most);
    return Math.max(1, Math.min(this.#most, Math.floor(REPLY_BYTES / (this.#average + 1))));
  }

  /** One result for each path, in order. */
  async look(paths: readonly string[]): Promise<(Look | Error)[]> {
    const looks = this.#looks(paths);
    if (!this.#options.acl) return looks;
    const [seen, acls] = await Promise.all([looks, this.#acls(paths)]);
    return seen.map((look, i) => {
      const acl = acls[i];
      if (look instanceof Error) return look;
      return acl instanceof Error ? acl : { ...look, acl };
    });
  }

  /** The children of each path, unsorted. */
  async list(paths: readonly string[]): Promise<(readonly string[] | Error)[]> {
    if (this.#single) return this.#each(paths, (path) => this.#list(path));
    const reads = await this.#batch(paths, 'getChildren');
    if (reads === undefined) return this.#each(paths, (path) => this.#list(path));
    return reads.map((read) => (read.type === 'getChildren' ? read.children : failure(read)));
  }

  #looks(paths: readonly string[]): Promise<(Look | Error)[]> {
    const { stat, data } = this.#options;
    if (data) return this.#single ? this.#each(paths, (path) => this.#withData(path)) : this.#withStats(paths);
    const tooLarge = stat && this.#average > LARGE;
    if (this.#single || tooLarge) return this.#each(paths, (path) => this.#withChildren(path));
    return stat ? this.#withStats(paths) : this.#childrenOnly(paths);
  }

  async #withStats(paths: readonly string[]): Promise<(Look | Error)[]> {
    const reads = await this.#batch(paths, 'getData');
    if (reads === undefined) return this.#looks(paths);
    const { data: wanted } = this.#options;
    return reads.map((read) => {
      // What is not there takes no room either: else a look at many that are missing would stay with small batches.
      if (read.type !== 'getData') {
        this.#weigh(0);
        return failure(read);
      }
      const { stat, data } = read;
      this.#weigh(stat.dataLength);
      return { stat, data: wanted ? data : undefined, acl: undefined, children: undefined };
    });
  }

  async #childrenOnly(paths: readonly string[]): Promise<(Look | Error)[]> {
    const lists = await this.list(paths);
    return lists.map((children) => {
      if (children instanceof Error) return children;
      this.#weigh(children.reduce((bytes, name) => bytes + name.length + 4, 0));
      return { stat: undefined, data: undefined, acl: undefined, children };
    });
  }

  /** Undefined where batches don't work: the server has none. */
  async #batch(paths: readonly string[], type: ReadOp['type']): Promise<ReadResult[] | undefined> {
    try {
      return await this.#client.multiRead(
        paths.map((path) => ({ type, path })),
        { signal: this.#options.signal },
      );
    } catch (error) {
      if (isServerError(error, Errno.unimplemented)) {
        WITHOUT_MULTI_READ.add(this.#client);
        return undefined;
      }
      const refused = error instanceof ReplyTooLargeError || error instanceof ConnectionLostError;
      if (!refused || paths.length === 1) throw error;
      const half = Math.ceil(paths.length / 2);
      this.#most = Math.min(this.#most, half);
      const first = await this.#batch(paths.slice(0, half), type);
      const second = first && (await this.#batch(paths.slice(half), type));
      return second && [...(first ?? []), ...second];
    }
  }

  #each<T>(paths: readonly string[], read: (path: string) => Promise<T>): Promise<(T | Error)[]> {
    return Promise.all(paths.map((path) => read(path).catch((error: Error) => error)));
  }

  async #withChildren(path: string): Promise<Look> {
    const { watch, signal } = this.#options;
    const { children, stat } = await this.#client.getChildren(path, { watch, signal });
    this.#weigh(stat.dataLength);
    return { stat: this.#options.stat ? stat : undefined, data: undefined, acl: undefined, children };
  }

  async #withData(path: string): Promise<Look> {
    const { data, stat } = await this.#client.getData(path, { signal: this.#options.signal });
    this.#weigh(stat.dataLength);
    return { stat, data, acl: undefined, children: undefined };
  }

  async #list(path: string): Promise<readonly string[]> {
    const { watch, signal } = this.#options;
    return (await this.#client.getChildren(path, { watch, signal })).children;
  }

  #acls(paths: readonly string[]): Promise<(readonly Acl[] | Error)[]> {
    const { signal } = this.#options;
    return this.#each(paths, async (path) => (await this.#client.getAcl(path, { signal })).acl);
  }

  get #single(): boolean {
    return this.#options.oneByOne || this.#options.watch || WITHOUT_MULTI_READ.has(this.#client);
  }

  get #average(): number {
    return this.#bytes / Math.max(1, this.#count);
  }

  #weigh(bytes: number): void {
    if (this.#count > MOST * 4) {
      this.#bytes *= FADING;
      this.#count *= FADING;
    }
    this.#bytes += bytes;
    this.#count += 1;
  }
}

/** Every read of a batch fails by itself; one of a kind that was not asked can't be, see `multiFault`. */
function failure(read: ReadResult): Error {
  return read.type === 'error' ? read.error : new ServerError(Errno.marshallingError, read.type, read.path);
}
