import { baseName, depthOf } from '../protocol/paths.ts';
import { childrenFirst } from './children-first.ts';
import { addTotals, type Totals, totalsOf } from './tree-totals.ts';
import type { Visited } from './walk.ts';

/** A znode, what it and all below it add up to, and its children. */
export interface Subtree extends Totals {
  readonly path: string;
  /** The root's is 0. */
  readonly depth: number;
  /** Bytes of its data alone; undefined where the ACL hides it. */
  readonly own: number | undefined;
  /** Children that were walked to. */
  readonly children: number;
  /** Of their names, in UTF-8. */
  readonly nameBytes: number;
}

/** What the znodes of one parent add up to so far. */
interface Siblings extends Totals {
  count: number;
  nameBytes: number;
}

/**
 * Every znode of a depth-first walk with the sums of its subtree, children first. Holds one branch and its sums, no more.
 */
export async function* subtreeSums(
  walked: AsyncIterable<readonly Visited[]>,
  root: string,
  progress?: ((seen: number) => void) | undefined,
): AsyncGenerator<Subtree> {
  const above = depthOf(root);
  /** By depth: the children of the next parent that comes. */
  const siblings: Siblings[] = [];
  let seen = 0;
  for await (const { path, stat } of childrenFirst(walked)) {
    const depth = depthOf(path) - above;
    const below = siblings[depth + 1] ?? none();
    const totals = totalsOf({ stat });
    addTotals(totals, below);
    if (below.count > 0) siblings[depth + 1] = none();
    const among = siblings[depth] ?? none();
    siblings[depth] = among;
    addTotals(among, totals);
    among.count += 1;
    among.nameBytes += Buffer.byteLength(baseName(path));
    seen += 1;
    progress?.(seen);
    yield { path, depth, own: stat?.dataLength, children: below.count, nameBytes: below.nameBytes, ...totals };
  }
}

function none(): Siblings {
  return { znodes: 0, bytes: 0, ephemerals: 0, count: 0, nameBytes: 0 };
}
