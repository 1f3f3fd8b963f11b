import { isAtOrBelow } from '../protocol/paths.ts';
import type { Drawable, Listed } from './tree-branches.ts';
import type { Visited } from './walk.ts';

/** What a znode and all below it add up to. */
export interface Totals {
  /** The znode itself included. */
  znodes: number;
  /** Of data. */
  bytes: number;
  ephemerals: number;
}

export const NOTHING: Readonly<Totals> = { znodes: 0, bytes: 0, ephemerals: 0 };

/** Of the znode alone. */
export function totalsOf({ stat }: Pick<Visited, 'stat'>): Totals {
  const ephemeral = stat !== undefined && stat.ephemeralOwner !== 0n;
  return { znodes: 1, bytes: stat?.dataLength ?? 0, ephemerals: ephemeral ? 1 : 0 };
}

/** Adds `more` to `totals`. */
export function addTotals(totals: Totals, more: Readonly<Totals>): void {
  totals.znodes += more.znodes;
  totals.bytes += more.bytes;
  totals.ephemerals += more.ephemerals;
}

/** The part of a tree that is to be shown, each znode with the totals of all that is below it, shown or not. */
export interface SummedTree {
  readonly znodes: readonly Drawable[];
  readonly listed: ReadonlyMap<string, Listed>;
}

interface Open {
  readonly path: string;
  readonly depth: number;
  readonly totals: Totals;
  readonly listed: { kept: number; more: number };
}

/**
 * Walks a whole tree for the totals of its upper part: they are known at the end only, so what is to be shown is held in
 * memory, and nothing of what is deeper than `maxDepth` or over the `limit` of children.
 */
export async function sumTree(
  walked: AsyncIterable<readonly Visited[]>,
  { maxDepth, limit }: { maxDepth: number; limit: number },
): Promise<SummedTree> {
  const znodes: Drawable[] = [];
  const listed = new Map<string, Listed>();
  /** The shown znodes above the one that is visited. */
  const open: Open[] = [];
  /** Not shown: what is below it isn't either. */
  let hidden: string | undefined;
  for await (const batch of walked) {
    for (const visited of batch) {
      const parent = climb(open, visited.path);
      if (hidden !== undefined && isAtOrBelow(visited.path, hidden)) {
        if (parent !== undefined) addTotals(parent.totals, totalsOf(visited));
        continue;
      }
      hidden = undefined;
      const depth = parent === undefined ? 0 : parent.depth + 1;
      if (parent !== undefined && (depth > maxDepth || parent.listed.kept >= limit)) {
        if (depth <= maxDepth) parent.listed.more += 1;
        addTotals(parent.totals, totalsOf(visited));
        hidden = visited.path;
        continue;
      }
      if (parent !== undefined) parent.listed.kept += 1;
      const node = { path: visited.path, depth, totals: totalsOf(visited), listed: { kept: 0, more: 0 } };
      open.push(node);
      znodes.push({ ...visited, data: copy(visited.data), totals: node.totals });
      listed.set(visited.path, node.listed);
    }
  }
  climb(open, undefined);
  return { znodes, listed };
}

/** Leaves what `path` is not below, handing the totals up; undefined leaves all. */
function climb(open: Open[], path: string | undefined): Open | undefined {
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (path !== undefined && isAtOrBelow(path, top.path)) return top;
    open.pop();
    const above = open.at(-1);
    if (above !== undefined) addTotals(above.totals, top.totals);
  }
  return undefined;
}

/** What is kept must not hold on to a whole reply. */
function copy(data: Buffer | null | undefined): Buffer | null | undefined {
  return data instanceof Buffer ? Buffer.from(data) : data;
}
