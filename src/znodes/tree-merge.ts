import { comparePaths } from './walk.ts';

/** One path, and what each of two trees has there. */
export type Pair<A, B> = readonly [a: A, b: B] | readonly [a: A, b: undefined] | readonly [a: undefined, b: B];

type Batches<T> = AsyncGenerator<readonly T[], unknown>;

/**
 * Goes through two trees side by side; both come in depth-first order, and both are read at the same time. Memory is
 * that of a batch of each.
 */
export async function* mergeTrees<A extends { readonly path: string }, B extends { readonly path: string }>(
  a: Batches<A>,
  b: Batches<B>,
): AsyncGenerator<readonly Pair<A, B>[], void> {
  const left = new Side(a);
  const right = new Side(b);
  try {
    for (;;) {
      // Both at once: a tree is not read ahead before it is first asked for.
      const waiting = [left.fill(), right.fill()].filter((filled) => filled !== undefined);
      if (waiting.length > 0) await Promise.all(waiting);
      if (left.ended && right.ended) return;
      yield merged(left, right);
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

/** As far as the batches at hand reach. */
function merged<A extends { path: string }, B extends { path: string }>(left: Side<A>, right: Side<B>): Pair<A, B>[] {
  const pairs: Pair<A, B>[] = [];
  while (left.ready && right.ready) {
    const { at: a } = left;
    const { at: b } = right;
    const order = a === undefined ? 1 : b === undefined ? -1 : a.path === b.path ? 0 : comparePaths(a.path, b.path);
    if (a === undefined && b === undefined) break;
    pairs.push([order <= 0 ? a : undefined, order >= 0 ? b : undefined] as Pair<A, B>);
    if (order <= 0) left.next();
    if (order >= 0) right.next();
  }
  return pairs;
}

class Side<T> {
  readonly #batches: Batches<T>;
  #batch: readonly T[] = [];
  #index = 0;
  ended = false;

  constructor(batches: Batches<T>) {
    this.#batches = batches;
  }

  /** Undefined after the last. */
  get at(): T | undefined {
    return this.#batch[this.#index];
  }

  /** Whether `at` is known. */
  get ready(): boolean {
    return this.ended || this.#index < this.#batch.length;
  }

  next(): void {
    this.#index += 1;
  }

  fill(): Promise<void> | undefined {
    return this.ready ? undefined : this.#fill();
  }

  async #fill(): Promise<void> {
    do {
      const { value, done } = await this.#batches.next();
      this.ended = done === true;
      this.#batch = done === true ? [] : value;
      this.#index = 0;
    } while (!this.ready);
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}
