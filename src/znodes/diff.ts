import { isAtOrBelow } from '../protocol/paths.ts';
import type { UnreadableNode } from './ndjson-format.ts';
import type { TreeNode } from './node-kind.ts';
import { paired } from './paired.ts';
import { type Difference, differences } from './tree-difference.ts';

/** One of two trees that are compared: on an ensemble, or in a file. */
export interface DiffSide {
  readonly root: string;
  /** It has ACLs. */
  readonly acl: boolean;
  readonly batches: AsyncGenerator<readonly (TreeNode | UnreadableNode)[]>;
}

/** One path at which two trees differ; it counts from their roots. Where a side has nothing there, it is undefined. */
export type TreeChange =
  | { readonly type: 'added'; readonly path: string; readonly from: undefined; readonly to: TreeNode }
  | { readonly type: 'removed'; readonly path: string; readonly from: TreeNode; readonly to: undefined }
  | {
      readonly type: 'changed';
      readonly path: string;
      readonly from: TreeNode;
      readonly to: TreeNode;
      readonly differs: readonly Difference[];
    }
  /** Nobody can tell whether they differ, nor what is below. */
  | { readonly type: 'unreadable'; readonly path: string; readonly code: string };

export interface DiffOptions {
  /** False: as if there were no ephemerals. */
  readonly ephemerals: boolean;
}

/** What differs, in depth-first order. ACLs are compared where both sides have them. Both sides are read at once. */
export async function* diffTrees(from: DiffSide, to: DiffSide, options: DiffOptions): AsyncGenerator<TreeChange> {
  const acl = from.acl && to.acl;
  let hidden: string | undefined;
  for await (const { left, right } of paired(begun(from.batches), begun(to.batches))) {
    const path = (left ?? right)?.path ?? '/';
    // What a side can't show is neither there nor not there.
    if (hidden !== undefined && isAtOrBelow(path, hidden)) continue;
    const refusal = unreadable(left) ?? unreadable(right);
    if (refusal !== undefined) {
      hidden = path;
      yield { type: 'unreadable', path, code: refusal };
      continue;
    }
    const [a, b] = [shown(left, options), shown(right, options)];
    if (a === undefined && b !== undefined) yield { type: 'added', path, from: undefined, to: b };
    if (a !== undefined && b === undefined) yield { type: 'removed', path, from: a, to: undefined };
    if (a === undefined || b === undefined) continue;
    const differs = differences(acl ? a : { ...a, acl: undefined }, b);
    if (differs.length > 0) yield { type: 'changed', path, from: a, to: b, differs };
    if (acl && (a.acl === undefined || b.acl === undefined)) yield { type: 'unreadable', path, code: 'ACL_HIDDEN' };
  }
}

function unreadable(node: TreeNode | UnreadableNode | undefined): string | undefined {
  return node !== undefined && 'unreadable' in node ? node.unreadable : undefined;
}

function shown(node: TreeNode | UnreadableNode | undefined, { ephemerals }: DiffOptions): TreeNode | undefined {
  if (node === undefined || 'unreadable' in node) return undefined;
  return !ephemerals && node.kind.mode === 'ephemeral' ? undefined : node;
}

/** Asks for the first batch at once: the other side is not to wait for this one. */
function begun<T>(batches: AsyncGenerator<T, unknown>): AsyncGenerator<T, void> {
  const first = batches.next();
  // Heard of when it is its turn.
  first.catch(() => {});
  return rest(first, batches);
}

async function* rest<T>(
  first: Promise<IteratorResult<T, unknown>>,
  batches: AsyncGenerator<T, unknown>,
): AsyncGenerator<T, void> {
  try {
    const { value, done } = await first;
    if (done === true) return;
    yield value as T;
    yield* batches;
  } finally {
    await batches.return(undefined);
  }
}
