import { comparePaths } from './walk.ts';

/** What two trees have at one path; at least one side is there. */
export interface Pair<L, R> {
  readonly left: L | undefined;
  readonly right: R | undefined;
}

/** Brings two trees together path by path. Both come depth-first, which makes one pass and little memory enough. */
export async function* paired<L extends { readonly path: string }, R extends { readonly path: string }>(
  left: AsyncIterable<readonly L[]>,
  right: AsyncIterable<readonly R[]>,
): AsyncGenerator<Pair<L, R>> {
  const [lefts, rights] = [new Cursor(left), new Cursor(right)];
  try {
    for (;;) {
      if (lefts.empty) await lefts.refill();
      if (rights.empty) await rights.refill();
      const [l, r] = [lefts.head, rights.head];
      if (l === undefined && r === undefined) return;
      const order = l === undefined ? 1 : r === undefined ? -1 : l.path === r.path ? 0 : comparePaths(l.path, r.path);
      if (order <= 0) lefts.at += 1;
      if (order >= 0) rights.at += 1;
      yield { left: order <= 0 ? l : undefined, right: order >= 0 ? r : undefined };
    }
  } finally {
    await Promise.all([lefts.end(), rights.end()]);
  }
}

class Cursor<T> {
  at = 0;
  readonly #batches: AsyncIterator<readonly T[]>;
  #batch: readonly T[] = [];
  #ended = false;

  constructor(batches: AsyncIterable<readonly T[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  get head(): T | undefined {
    return this.#batch[this.at];
  }

  get empty(): boolean {
    return this.at >= this.#batch.length && !this.#ended;
  }

  async refill(): Promise<void> {
    while (this.empty) {
      const { done, value } = await this.#batches.next();
      this.#ended = done === true;
      this.#batch = done ? [] : value;
      this.at = 0;
    }
  }

  async end(): Promise<void> {
    await this.#batches.return?.();
  }
}
