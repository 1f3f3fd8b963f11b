import { baseName, isAtOrBelow, parentOf } from '../protocol/paths.ts';
import type { Totals } from './tree-totals.ts';
import type { Visited } from './walk.ts';

/** A znode to be drawn; its totals where they were asked for. */
export type Drawable = Visited & { readonly totals?: Totals | undefined };

/** A znode in its place in the tree. */
export interface TreeZnode extends Drawable {
  readonly type: 'znode';
  /** The root has its whole path. */
  readonly name: string;
  /** The root's is 0. */
  readonly depth: number;
  /** For each level above, `|` where more znodes follow on it, else a space. */
  readonly rails: string;
  readonly last: boolean;
  /** It has children, which are not part of this tree: it is as deep as was asked for. */
  readonly cut: boolean;
}

/** What comes after the last child that is drawn. */
export interface TreeRest {
  readonly type: 'rest';
  /** The parent. */
  readonly path: string;
  readonly depth: number;
  readonly rails: string;
  /** Children over the limit, not looked at. */
  readonly more: number;
  /** Znodes without children, which were not to be shown. */
  readonly leaves: number;
  /** Children that went away meanwhile. */
  readonly gone: number;
}

export type TreeItem = TreeZnode | TreeRest;

/** How many children a znode had when it was listed. */
export interface Listed {
  /** To be walked. */
  readonly kept: number;
  readonly more: number;
}

export interface BranchOptions {
  /** Draw znodes without children too. */
  leaves: boolean;
  maxDepth: number;
  /** What is known of the children of a znode that was walked into; asked once. */
  listed(path: string): Listed | undefined;
}

/** A znode whose children are being drawn. */
interface Open {
  readonly path: string;
  readonly depth: number;
  /** Of its children. */
  readonly rails: string;
  listed: Listed | undefined;
  seen: number;
  leaves: number;
}

/**
 * Puts the znodes of a depth-first walk in their places, one after the other, with no more memory than the depth of the
 * tree. Whether a child is the last is known from how many were listed; where later ones went away or are not shown, a
 * rest is drawn, so that no branch leads to nothing.
 */
export async function* branches(
  walked: AsyncIterable<readonly Drawable[]> | Iterable<readonly Drawable[]>,
  options: BranchOptions,
): AsyncGenerator<TreeItem> {
  const open: Open[] = [];
  for await (const batch of walked) {
    for (const visited of batch) {
      yield* closed(open, visited.path, options);
      const parent = open.at(-1);
      const drawn = place(visited, parent, options);
      if (drawn === undefined) continue;
      yield drawn;
      if (drawn.cut || visited.stat?.numChildren === 0) continue;
      const rails = parent === undefined ? '' : drawn.rails + (drawn.last ? ' ' : '|');
      open.push({ path: visited.path, depth: drawn.depth, rails, listed: undefined, seen: 0, leaves: 0 });
    }
  }
  yield* closed(open, undefined, options);
}

/** The children of a walk's znodes, counted as they are listed; for `skip`. With a limit, the first ones alone are kept. */
export class ListedChildren {
  readonly #limit: number;
  readonly #counts = new Map<string, { kept: number; more: number }>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  skip(path: string): boolean {
    const parent = parentOf(path);
    let count = this.#counts.get(parent);
    if (count === undefined) {
      count = { kept: 0, more: 0 };
      this.#counts.set(parent, count);
    }
    if (count.kept < this.#limit) {
      count.kept += 1;
      return false;
    }
    count.more += 1;
    return true;
  }

  /** Forgets what it tells. */
  take(path: string): Listed | undefined {
    const count = this.#counts.get(path);
    this.#counts.delete(path);
    return count;
  }
}

function place(visited: Drawable, parent: Open | undefined, options: BranchOptions): TreeZnode | undefined {
  const { path, stat } = visited;
  if (parent !== undefined) {
    parent.listed ??= options.listed(parent.path);
    parent.seen += 1;
    if (!options.leaves && stat?.numChildren === 0) {
      parent.leaves += 1;
      return undefined;
    }
  }
  const depth = parent === undefined ? 0 : parent.depth + 1;
  const { kept = 0, more = 0 } = parent?.listed ?? {};
  return {
    type: 'znode',
    path,
    stat,
    data: visited.data,
    totals: visited.totals,
    name: parent === undefined ? path : baseName(path),
    depth,
    rails: parent?.rails ?? '',
    last: parent !== undefined && more === 0 && parent.leaves === 0 && parent.seen === kept,
    cut: depth >= options.maxDepth && (stat?.numChildren ?? 0) > 0,
  };
}

/** Ends the branches that `next`, the end of the walk when undefined, is not on. */
function* closed(open: Open[], next: string | undefined, options: BranchOptions): Generator<TreeRest> {
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (next !== undefined && isAtOrBelow(next, top.path)) return;
    open.pop();
    top.listed ??= options.listed(top.path);
    const { kept = 0, more = 0 } = top.listed ?? {};
    const rest = { more, leaves: top.leaves, gone: Math.max(0, kept - top.seen) };
    if (rest.more + rest.leaves + rest.gone === 0) continue;
    yield { type: 'rest', path: top.path, depth: top.depth + 1, rails: top.rails, ...rest };
  }
}
