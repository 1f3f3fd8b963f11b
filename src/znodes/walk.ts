import type { Client } from '../client/client.ts';
import { joinPath } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { BatchReader, type ReadZnode } from './batch-read.ts';

/** A znode met on a walk. */
export interface Visited {
  readonly path: string;
  /** Undefined where it was not asked for, and where the ACL hides it. */
  readonly stat: Stat | undefined;
}

export interface WalkOptions {
  signal?: AbortSignal | undefined;
  /** Read each znode's Stat too. */
  stat?: boolean | undefined;
  /** Leave a child watch on every znode. */
  watch?: boolean | undefined;
  /** Znodes to leave out, with all below them. */
  skip?(path: string): boolean;
  /** Told of a znode whose children the ACL hides; the walk goes on. Absent = the walk ends with that error. */
  unreadable?(error: ServerError): void;
}

/** Batches under way at once. */
const IN_FLIGHT = 4;
/** Znodes read before they are needed: bounds the memory when the reader of a walk is slow. */
const READ_AHEAD = 10_000;

/**
 * Every znode at and below `root`, parents before children, in the order of zkCli's `ls -R`: the children of a znode
 * one after the other, then what is below each of them. Not a snapshot: a znode that goes meanwhile is left out.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* walk(client: Client, root: string, options: WalkOptions = {}): AsyncGenerator<Visited> {
  const reader = new ReadAhead(client, options);
  try {
    const top = new Node(root);
    const first = await reader.read(top);
    if (first === undefined) throw new ServerError(Errno.noNode, 'getChildren', root);
    yield first;
    const open = [top];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const inner: Node[] = [];
      for (const child of node.below) {
        const seen = await reader.read(child);
        if (seen === undefined) continue;
        yield seen;
        if (child.below.length > 0) inner.push(child);
      }
      node.below = [];
      for (const child of inner.reverse()) open.push(child);
    }
  } finally {
    reader.stop();
  }
}

class Node {
  readonly path: string;
  below: readonly Node[] = [];
  reading: Promise<Visited | Error> | undefined;

  constructor(path: string) {
    this.path = path;
  }
}

/** The children of one znode, not all asked for yet. */
interface Group {
  /** Sorts groups as the walk comes to them: a parent's path before a child's, siblings by name. */
  readonly key: string;
  readonly nodes: readonly Node[];
  next: number;
}

/** Reads znodes before the walk comes to them, in its order. */
class ReadAhead {
  readonly #options: WalkOptions;
  readonly #reader: BatchReader;
  /** Sorted; the last is needed soonest. */
  #groups: Group[] = [];
  #inFlight = 0;
  #ahead = 0;
  #stopped = false;

  constructor(client: Client, options: WalkOptions) {
    const { stat = false, watch = false, signal } = options;
    this.#options = options;
    this.#reader = new BatchReader(client, { stat, watch, signal });
  }

  /** Undefined for a znode that is not there any more. */
  async read(node: Node): Promise<Visited | undefined> {
    if (node.reading === undefined) this.#start([node]);
    const seen = await (node.reading as Promise<Visited | Error>);
    this.#ahead -= 1;
    this.#fill();
    if (!(seen instanceof Error)) return seen;
    if (isServerError(seen, Errno.noNode)) return undefined;
    if (isServerError(seen, Errno.noAuth) && this.#options.unreadable !== undefined) {
      this.#options.unreadable(seen);
      return { path: node.path, stat: undefined };
    }
    throw seen;
  }

  stop(): void {
    this.#stopped = true;
    this.#groups = [];
  }

  #start(nodes: readonly Node[]): void {
    this.#inFlight += 1;
    this.#ahead += nodes.length;
    const batch = this.#reader
      .read(nodes.map(({ path }) => path))
      .then((results) => results.map((result, i) => this.#found(nodes[i] as Node, result)))
      // Settles always: nobody may be waiting yet for what is read ahead.
      .catch((error: Error) => nodes.map(() => error))
      .finally(() => {
        this.#inFlight -= 1;
        this.#fill();
      });
    nodes.forEach((node, i) => {
      node.reading = batch.then((results) => results[i] as Visited | Error);
    });
  }

  #found(node: Node, result: ReadZnode | Error): Visited | Error {
    if (result instanceof Error) return result;
    const { skip } = this.#options;
    const paths = result.children.toSorted().map((name) => joinPath(node.path, name));
    const kept = skip === undefined ? paths : paths.filter((path) => !skip(path));
    node.below = kept.map((path) => new Node(path));
    if (node.below.length > 0 && !this.#stopped) this.#insert(node);
    return { path: node.path, stat: result.stat };
  }

  #insert(node: Node): void {
    // No name holds \0, which sorts before everything that one can hold.
    const group = { key: node.path.replaceAll('/', '\0'), nodes: node.below, next: 0 };
    let low = 0;
    let high = this.#groups.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#groups[middle] as Group).key > group.key) low = middle + 1;
      else high = middle;
    }
    this.#groups.splice(low, 0, group);
  }

  #fill(): void {
    while (this.#inFlight < IN_FLIGHT && this.#ahead < READ_AHEAD && this.#groups.length > 0) {
      const batch = this.#take(this.#reader.size);
      if (batch.length > 0) this.#start(batch);
    }
  }

  #take(size: number): Node[] {
    const batch: Node[] = [];
    for (let group = this.#groups.at(-1); group !== undefined && batch.length < size; group = this.#groups.at(-1)) {
      const node = group.nodes[group.next++];
      if (node === undefined) this.#groups.pop();
      else if (node.reading === undefined) batch.push(node);
    }
    return batch;
  }
}
