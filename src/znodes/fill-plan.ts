import { UsageError } from '../protocol/errors.ts';
import { joinPath, validatePath } from '../protocol/paths.ts';
import type { BulkItem } from './bulk-write.ts';
import { DRAWN_FOR, type Draw, drawing } from './fill-draw.ts';
import { type FullSize, fullShape, randomShape, type Shape } from './fill-shape.ts';

/** What kind of tree is to be made. Shares are parts of 1. */
export interface FillSpec extends FullSize {
  root: string;
  random: boolean;
  /** Bytes of data, from 0 = none at all. */
  size: { min: number; max: number };
  /** Of the znodes without children: only those can be ephemeral. */
  ephemerals: number;
  /** Of the znodes that are not ephemeral. */
  containers: number;
  /** Znodes that have a name as the server gives to sequential ones. */
  sequential: number;
  /** Any text; the same tree for the same seed. */
  seed: string;
  /** What every name begins with. */
  prefix: string;
}

/** What a tree will hold once it is made. */
export interface FillTotals {
  znodes: number;
  bytes: number;
  depth: number;
  /** Children of the znode that has the most. */
  widest: number;
  ephemerals: number;
  containers: number;
}

/** Digits of the counter that a server appends (PrepRequestProcessor.java). */
const COUNTER_DIGITS = 10;
/** Data is cut from a text of this length, so that making it costs nothing. */
const TEXT_BYTES = 32 * 1024;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n';

/** A tree to be made: every znode of it can be worked out from its number, so that it takes no memory. */
export class FillPlan {
  readonly root: string;
  readonly shape: Shape;
  readonly #spec: FillSpec;
  readonly #draw: Draw;
  readonly #text: Buffer;
  readonly #digits: number;
  /** The last path worked out and its parent's: in order, one of them is nearly always the next one's parent. */
  #last = { index: 0, path: '' };
  #above = { index: 0, path: '' };

  /** @throws UsageError codes `BAD_USAGE`, `BAD_PATH` */
  constructor(spec: FillSpec) {
    const { root, size, seed, prefix, random, count, depth, fanout } = spec;
    if (prefix.includes('/')) throw new UsageError(`"${prefix}" can't begin a name: it holds a /`);
    validatePath(`/${prefix}0`);
    if (random && fanout !== undefined) {
      throw new UsageError('a random tree has no fan-out', { hint: 'Give its count, and its depth if you like.' });
    }
    this.root = root;
    this.#spec = spec;
    this.#draw = drawing(seed);
    this.shape = random
      ? randomShape(count, depth, (index) => this.#draw(index, DRAWN_FOR.parent))
      : fullShape({ count, depth, fanout });
    this.#text = textOf(this.#draw, size.max);
    this.#digits = String(this.shape.widest - 1).length;
  }

  /** Every znode below the root, parents first. */
  *items(): Generator<BulkItem> {
    for (let index = 1; index <= this.shape.count; index++) yield this.item(index);
  }

  /** The znode of that number, from 1. */
  item(index: number): BulkItem {
    const path = this.#pathOf(index);
    const mode = this.#isEphemeral(index) ? 'ephemeral' : this.#isContainer(index) ? 'container' : 'persistent';
    return { path, ops: [{ type: 'create', path, data: this.#dataOf(index), mode }] };
  }

  totals(): FillTotals {
    const { count, depth, widest } = this.shape;
    const totals = { znodes: count, bytes: 0, depth, widest, ephemerals: 0, containers: 0 };
    for (let index = 1; index <= count; index++) {
      totals.bytes += this.#sizeOf(index);
      if (this.#isEphemeral(index)) totals.ephemerals += 1;
      else if (this.#isContainer(index)) totals.containers += 1;
    }
    return totals;
  }

  #pathOf(index: number): string {
    const parent = this.shape.parentOf(index);
    const names = [this.#nameOf(index)];
    let at = parent;
    let known = this.#known(at);
    for (; known === undefined; known = this.#known(at)) {
      names.push(this.#nameOf(at));
      at = this.shape.parentOf(at);
    }
    const above = names.slice(1).reduceRight(joinPath, known);
    const path = joinPath(above, names[0] as string);
    this.#above = { index: parent, path: above };
    this.#last = { index, path };
    return path;
  }

  #known(index: number): string | undefined {
    if (index === 0) return this.root;
    if (index === this.#last.index) return this.#last.path;
    return index === this.#above.index ? this.#above.path : undefined;
  }

  #nameOf(index: number): string {
    const { prefix, sequential } = this.#spec;
    // A server would give that very name to a sequential create in an empty parent; asking it to would make others at
    // every run, and children could not be made in the same transaction.
    const counted = sequential > 0 && this.#draw(index, DRAWN_FOR.counter) < sequential;
    return prefix + String(this.shape.placeOf(index)).padStart(counted ? COUNTER_DIGITS : this.#digits, '0');
  }

  #isEphemeral(index: number): boolean {
    const { ephemerals } = this.#spec;
    return ephemerals > 0 && this.shape.isLeaf(index) && this.#draw(index, DRAWN_FOR.ephemeral) < ephemerals;
  }

  #isContainer(index: number): boolean {
    const { containers } = this.#spec;
    return containers > 0 && this.#draw(index, DRAWN_FOR.container) < containers;
  }

  #sizeOf(index: number): number {
    const { min, max } = this.#spec.size;
    return min === max ? min : min + Math.floor(this.#draw(index, DRAWN_FOR.size) * (max - min + 1));
  }

  #dataOf(index: number): Buffer | null {
    const size = this.#sizeOf(index);
    if (size === 0) return null;
    const from = Math.floor(this.#draw(index, DRAWN_FOR.data) * TEXT_BYTES);
    return this.#text.subarray(from, from + size);
  }
}

function textOf(draw: Draw, longest: number): Buffer {
  const text = Buffer.allocUnsafe(TEXT_BYTES + longest);
  const own = Math.min(TEXT_BYTES, text.length);
  for (let i = 0; i < own; i++) {
    text[i] = ALPHABET.charCodeAt(Math.floor(draw(i, DRAWN_FOR.text) * ALPHABET.length));
  }
  for (let at = own; at < text.length; at += own) text.copy(text, at, 0, Math.min(own, text.length - at));
  return text;
}
