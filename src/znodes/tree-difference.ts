import { sameAcl, sameData, sameKind, type TreeNode } from './node-kind.ts';

/** In what two znodes of the same path may differ. */
export type Difference = 'data' | 'mode' | 'acl';

/** In what they differ; ACLs only where both are known. */
export function differences(a: TreeNode, b: TreeNode): Difference[] {
  const found: Difference[] = [];
  if (!sameData(a.data, b.data)) found.push('data');
  if (!sameKind(a.kind, b.kind)) found.push('mode');
  if (a.acl !== undefined && b.acl !== undefined && !sameAcl(a.acl, b.acl)) found.push('acl');
  return found;
}

/** `12 -> 14 bytes`, with never set data as `null`. */
export function dataSizes(a: TreeNode['data'], b: TreeNode['data']): string {
  return `${a === null ? 'null' : a.length} -> ${b === null ? 'null' : b.length}${b === null ? '' : ' bytes'}`;
}
