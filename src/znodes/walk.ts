import type { Client } from '../client/client.ts';
import { joinPath } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';

/** A znode met on a walk. */
export interface Visited {
  readonly path: string;
  /** Undefined where the ACL does not let its children be read. */
  readonly stat: Stat | undefined;
}

export interface WalkOptions {
  signal?: AbortSignal | undefined;
  /** Leave a child watch on every znode. */
  watch?: boolean | undefined;
  /** Znodes to leave out, with all below them. */
  skip?(path: string): boolean;
  /** Told of a znode whose children the ACL hides; the walk goes on. Absent = the walk ends with that error. */
  unreadable?(error: ServerError): void;
}

/** Requests at once; the client's own window. */
const IN_FLIGHT = 128;
/** Znodes read before they are needed: bounds the memory when the reader of a walk is slow. */
const READ_AHEAD = 10_000;

/**
 * Every znode at and below `root`, parents before children, in the order of zkCli's `ls -R`: the children of a znode
 * one after the other, then what is below each of them. Not a snapshot: a znode that goes meanwhile is left out.
 *
 * @throws ServerError `NO_NODE` when there is no `root`
 */
export async function* walk(client: Client, root: string, options: WalkOptions = {}): AsyncGenerator<Visited> {
  const reader = new Reader(client, options);
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

/** Reads znodes before the walk comes to them, those it needs soonest first. */
class Reader {
  readonly #client: Client;
  readonly #options: WalkOptions;
  /** Known and perhaps not asked for yet; the end is needed soonest. */
  #waiting: Node[] = [];
  #inFlight = 0;
  #ahead = 0;
  #stopped = false;

  constructor(client: Client, options: WalkOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Undefined for a znode that is not there any more. */
  async read(node: Node): Promise<Visited | undefined> {
    const seen = await (node.reading ?? this.#start(node));
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
    this.#waiting = [];
  }

  /** The promise settles always: a read ahead may fail while nobody waits for it. */
  #start(node: Node): Promise<Visited | Error> {
    this.#inFlight += 1;
    this.#ahead += 1;
    const { signal, watch } = this.#options;
    node.reading = this.#client
      .getChildren(node.path, { signal, watch })
      .then(({ children, stat }) => this.#found(node, children.sort(), stat))
      .catch((error: Error) => error)
      .finally(() => {
        this.#inFlight -= 1;
        this.#fill();
      });
    return node.reading;
  }

  #found(node: Node, names: readonly string[], stat: Stat): Visited {
    const { skip } = this.#options;
    const paths = names.map((name) => joinPath(node.path, name));
    const kept = skip === undefined ? paths : paths.filter((path) => !skip(path));
    node.below = kept.map((path) => new Node(path));
    if (!this.#stopped) for (const child of node.below.toReversed()) this.#waiting.push(child);
    return { path: node.path, stat };
  }

  #fill(): void {
    while (this.#inFlight < IN_FLIGHT && this.#ahead < READ_AHEAD) {
      const node = this.#waiting.pop();
      if (node === undefined) return;
      if (node.reading === undefined) void this.#start(node);
    }
  }
}
