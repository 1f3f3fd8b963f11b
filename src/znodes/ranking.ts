/** How many of many are wanted, and which. */
export interface Ranking<T> {
  /** Below zero where `a` comes before `b`; never zero for two that are not the same. */
  compare(a: T, b: T): number;
  /** Infinity for all. */
  top: number;
}

/**
 * The first of any number of items in an order: holds no more than `top` of them. What is `apart` is not ranked, and comes
 * at the end.
 */
export async function* ranked<T>(
  items: AsyncIterable<T>,
  ranking: Ranking<T>,
  apart: (item: T) => boolean = () => false,
): AsyncGenerator<T> {
  const best = new Best(ranking);
  const others: T[] = [];
  for await (const item of items) {
    if (apart(item)) others.push(item);
    else best.add(item);
  }
  yield* best.sorted();
  yield* others;
}

/** A heap whose root is the last of the best so far, the one that a better one replaces. */
class Best<T> {
  readonly #ranking: Ranking<T>;
  readonly #heap: T[] = [];

  constructor(ranking: Ranking<T>) {
    this.#ranking = ranking;
  }

  add(item: T): void {
    const { top, compare } = this.#ranking;
    const heap = this.#heap;
    if (heap.length < top) {
      heap.push(item);
      if (top < Number.POSITIVE_INFINITY) this.#rise(heap.length - 1);
      return;
    }
    const [last] = heap;
    if (last === undefined || compare(item, last) >= 0) return;
    heap[0] = item;
    this.#sink();
  }

  sorted(): T[] {
    return this.#heap.toSorted((a, b) => this.#ranking.compare(a, b));
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (!this.#after(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let last = at;
      if (left < this.#heap.length && this.#after(left, last)) last = left;
      if (right < this.#heap.length && this.#after(right, last)) last = right;
      if (last === at) return;
      this.#swap(at, last);
      at = last;
    }
  }

  #after(a: number, b: number): boolean {
    return this.#ranking.compare(this.#heap[a] as T, this.#heap[b] as T) > 0;
  }

  #swap(a: number, b: number): void {
    const item = this.#heap[a] as T;
    this.#heap[a] = this.#heap[b] as T;
    this.#heap[b] = item;
  }
}
