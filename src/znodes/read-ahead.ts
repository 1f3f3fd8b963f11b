import type { Client } from '../client/client.ts';
import type { Acl } from '../protocol/acl.ts';
import { joinPath } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { BatchReader, type Look } from './batch-read.ts';

/** A znode met on a walk. What was not asked for, and what the ACL hides, is undefined. */
export interface Visited {
  readonly path: string;
  readonly stat: Stat | undefined;
  /** `null` where none was ever set. A view into the server's reply: copy what is to be kept. */
  readonly data?: Buffer | null | undefined;
  readonly acl?: readonly Acl[] | undefined;
}

/** Which children of a znode come when, and what is read of them. */
export interface ReadPlan {
  readonly order: 'listing' | 'depth-first';
  readonly stat: boolean;
  readonly data: boolean;
  readonly acl: boolean;
  readonly watch: boolean;
  readonly oneByOne: boolean;
  readonly maxDepth: number;
  readonly signal: AbortSignal | undefined;
  skip?: ((path: string) => boolean) | undefined;
}

/** Requests under way at once. */
const IN_FLIGHT = 4;
/** Znodes read before they are needed: bounds the memory when the reader of a walk is slow. */
const READ_AHEAD = 10_000;
/** Bytes of data read before they are needed. */
const READ_AHEAD_BYTES = 16 * 1024 * 1024;
/** Names held, above which no further znode's are kept before they are needed. */
const NAMES_HELD = 200_000;
/** Names that one request should list. */
const NAMES_LISTED = 20_000;
/** Characters of paths in one request, well under a server's usual limit of 1 MiB a request. */
const REQUEST_CHARACTERS = 64 * 1024;
const MOST_LISTED = 100;

/** Some children of a znode, one after the other, read in one go. */
export class Chunk {
  readonly paths: readonly string[];
  /** Never rejects; when it is settled, `seen` or `failure` is there. */
  ready: Promise<void> | undefined;
  /** For each path what was seen, or why nothing was. */
  seen: readonly (Visited | Error)[] | undefined;
  failure: Error | undefined;
  /** What is below those that have children, by their place in the chunk. */
  readonly below = new Map<number, Branch>();
  /** Of data. */
  bytes = 0;

  constructor(paths: readonly string[]) {
    this.paths = paths;
  }
}

/** The children of one znode. */
export class Branch {
  readonly path: string;
  readonly depth: number;
  /** As the znode's Stat said. */
  readonly expected: number;
  /** Sorts branches by when their children are needed. */
  readonly key: string;
  /** Sorted; undefined until listed. */
  names: readonly string[] | undefined;
  failure: Error | undefined;
  listing: Promise<void> | undefined;
  /** How many of the names have been asked for. */
  asked = 0;
  readonly #chunks: Chunk[] = [];

  constructor(path: string, depth: number, expected: number, order: ReadPlan['order']) {
    this.path = path;
    this.depth = depth;
    this.expected = expected;
    // No name holds \0 or \uffff, which sort before and after all that names can hold. Depth first, what is below a child
    // comes before the child's later siblings; in a listing, after all of them.
    this.key = sortKey(path) + (order === 'depth-first' ? '\0\uffff' : '');
  }

  add(chunk: Chunk): void {
    this.#chunks.push(chunk);
  }

  /** The next chunk in order, where one has been asked for. */
  take(): Chunk | undefined {
    // Never more of them than fit into what is read ahead: a hundred or two.
    return this.#chunks.shift();
  }
}

/** Paths by this key are in depth-first order: a znode, what is below it, then its siblings by code unit. */
export function sortKey(path: string): string {
  return path === '/' ? '' : path.replaceAll('/', '\0');
}

/** Reads znodes before the walk comes to them, in its order, as far as memory allows. */
export class ReadAhead {
  readonly #plan: ReadPlan;
  readonly #reader: BatchReader;
  /** Sorted; the last is needed soonest. */
  readonly #unlisted: Branch[] = [];
  readonly #unread: Branch[] = [];
  #inFlight = 0;
  #ahead = 0;
  #aheadBytes = 0;
  #names = 0;
  #stopped = false;

  constructor(client: Client, plan: ReadPlan) {
    this.#plan = plan;
    this.#reader = new BatchReader(client, plan);
  }

  /** Starts a walk; the chunk holds the root alone. */
  root(path: string): Chunk {
    return this.#look([{ branch: undefined, depth: 0, paths: [path] }])[0] as Chunk;
  }

  /** Returns when the branch has its names, or the reason why not. */
  async listed(branch: Branch): Promise<void> {
    if (branch.names === undefined && branch.listing === undefined) this.#list();
    await branch.listing;
  }

  /** The next children of a listed branch, perhaps still being read; undefined after the last. */
  next(branch: Branch): Chunk | undefined {
    const chunk = branch.take();
    if (chunk !== undefined || branch.asked === branch.names?.length) return chunk;
    this.#fill(true);
    return branch.take();
  }

  /** The walk has passed this chunk. */
  passed(chunk: Chunk): void {
    this.#ahead -= chunk.paths.length;
    this.#names -= chunk.paths.length;
    this.#aheadBytes -= chunk.bytes;
    this.#fill();
  }

  stop(): void {
    this.#stopped = true;
    this.#unlisted.length = 0;
    this.#unread.length = 0;
  }

  /** What is needed soonest goes first; `now` asks for it whatever is under way. */
  #fill(now = false): void {
    let must = now;
    while (must || this.#inFlight < IN_FLIGHT) {
      const unlisted = this.#unlisted.at(-1);
      const unread = this.#unread.at(-1);
      const listFirst = unlisted !== undefined && (unread === undefined || unlisted.key < unread.key);
      if (listFirst && !must && this.#names < NAMES_HELD) this.#list();
      else if (unread !== undefined && (must || this.#roomAhead)) this.#look(this.#takeUnread());
      else return;
      must = false;
    }
  }

  get #roomAhead(): boolean {
    return this.#ahead < READ_AHEAD && this.#aheadBytes < READ_AHEAD_BYTES;
  }

  #list(): void {
    const branches: Branch[] = [];
    let names = 0;
    let characters = 0;
    for (let branch = this.#unlisted.at(-1); branch !== undefined; branch = this.#unlisted.at(-1)) {
      names += branch.expected;
      characters += branch.path.length;
      const full = branches.length === MOST_LISTED || names > NAMES_LISTED || characters > REQUEST_CHARACTERS;
      if (branches.length > 0 && full) break;
      branches.push(branch);
      this.#unlisted.pop();
    }
    const listing = this.#work(async () => {
      const lists = await this.#reader.list(branches.map(({ path }) => path));
      branches.forEach((branch, i) => {
        this.#learn(branch, lists[i] as readonly string[] | Error);
      });
    }).catch((error: Error) => {
      for (const branch of branches) this.#learn(branch, error);
    });
    for (const branch of branches) branch.listing = listing;
  }

  #learn(branch: Branch, names: readonly string[] | Error): void {
    if (names instanceof Error) {
      branch.failure = names;
      branch.names = [];
      return;
    }
    const { skip } = this.#plan;
    const sorted = names.toSorted();
    const kept = skip === undefined ? sorted : sorted.filter((name) => !skip(joinPath(branch.path, name)));
    branch.names = kept;
    this.#names += kept.length;
    if (kept.length > 0 && !this.#stopped) insert(this.#unread, branch);
  }

  /** The names for one request, of as many branches as it takes. */
  #takeUnread(): Ask[] {
    const asks: Ask[] = [];
    let room = this.#reader.size;
    let characters = REQUEST_CHARACTERS;
    for (let branch = this.#unread.at(-1); branch !== undefined && room > 0; branch = this.#unread.at(-1)) {
      const names = branch.names as readonly string[];
      const paths: string[] = [];
      while (room > 0 && branch.asked < names.length) {
        const path = joinPath(branch.path, names[branch.asked] as string);
        characters -= path.length;
        if (characters < 0 && paths.length + asks.length > 0) break;
        paths.push(path);
        branch.asked += 1;
        room -= 1;
      }
      if (branch.asked === names.length) this.#unread.pop();
      if (paths.length > 0) asks.push({ branch, depth: branch.depth + 1, paths });
      if (characters < 0) break;
    }
    return asks;
  }

  #look(asks: readonly Ask[]): Chunk[] {
    const paths = asks.flatMap((ask) => ask.paths);
    this.#ahead += paths.length;
    const chunks = asks.map((ask) => new Chunk(ask.paths));
    asks.forEach(({ branch }, i) => {
      branch?.add(chunks[i] as Chunk);
    });
    const ready = this.#work(async () => {
      const looks = await this.#reader.look(paths);
      let at = 0;
      chunks.forEach((chunk, i) => {
        this.#see(chunk, looks.slice(at, at + chunk.paths.length), (asks[i] as Ask).depth);
        at += chunk.paths.length;
      });
    }).catch((error: Error) => {
      for (const chunk of chunks) chunk.failure = error;
    });
    for (const chunk of chunks) chunk.ready = ready;
    return chunks;
  }

  #see(chunk: Chunk, looks: readonly (Look | Error)[], depth: number): void {
    chunk.seen = looks.map((look, i) => {
      if (look instanceof Error) return look;
      const path = chunk.paths[i] as string;
      this.#grow(chunk, i, path, look, depth);
      chunk.bytes += look.data?.length ?? 0;
      return { path, stat: look.stat, data: look.data, acl: look.acl };
    });
    this.#aheadBytes += chunk.bytes;
  }

  #grow(chunk: Chunk, place: number, path: string, { children, stat }: Look, depth: number): void {
    const count = children?.length ?? stat?.numChildren ?? 0;
    if (count === 0 || depth >= this.#plan.maxDepth || this.#stopped) return;
    const branch = new Branch(path, depth, count, this.#plan.order);
    chunk.below.set(place, branch);
    // A listing visits all children before what is below them: rather list again than hold the names of a whole tree.
    if (children === undefined || this.#names >= NAMES_HELD) insert(this.#unlisted, branch);
    else this.#learn(branch, children);
  }

  async #work(work: () => Promise<void>): Promise<void> {
    this.#inFlight += 1;
    try {
      await work();
    } finally {
      this.#inFlight -= 1;
      // After the failure of this work, if it has one, is known to who waits for it.
      queueMicrotask(() => this.#fill());
    }
  }
}

interface Ask {
  /** Undefined for the root of the walk. */
  readonly branch: Branch | undefined;
  readonly depth: number;
  readonly paths: readonly string[];
}

function insert(sorted: Branch[], branch: Branch): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as Branch).key > branch.key) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, branch);
}
