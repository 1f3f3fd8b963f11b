import type { Acl } from '../protocol/acl.ts';
import { isMasked, masked } from './masked-acl.ts';
import { type NodeKind, sameAcl, sameData, sameKind, type TreeNode } from './node-kind.ts';

/** In what two znodes of the same path may differ. */
export type Difference = 'data' | 'mode' | 'acl';

/** In what they differ; ACLs only where both are known. */
export function differences(a: TreeNode, b: TreeNode): Difference[] {
  const found: Difference[] = [];
  if (!sameData(a.data, b.data)) found.push('data');
  if (!mayBeSameKind(a.kind, b.kind)) found.push('mode');
  if (a.acl !== undefined && b.acl !== undefined && !mayBeSameAcl(a.acl, b.acl)) found.push('acl');
  return found;
}

/** Servers show containers, and znodes with a time to live, as persistent ones (DataNode.getClientEphemeralOwner). */
function mayBeSameKind(a: NodeKind, b: NodeKind): boolean {
  if (a.mode === 'ephemeral' || b.mode === 'ephemeral') return a.mode === b.mode;
  return a.mode === 'persistent' || b.mode === 'persistent' || sameKind(a, b);
}

/** Where hashes are hidden in one, they can't be compared. */
function mayBeSameAcl(a: readonly Acl[], b: readonly Acl[]): boolean {
  return isMasked(a) || isMasked(b) ? sameAcl(masked(a), masked(b)) : sameAcl(a, b);
}
