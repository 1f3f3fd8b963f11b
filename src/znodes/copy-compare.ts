import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { Errno, ServerError } from '../protocol/server-errors.ts';
import { isMasked } from './masked-acl.ts';
import type { UnreadableNode } from './ndjson-format.ts';
import { type NodeKind, sameAcl, sameData, sameKind } from './node-kind.ts';
import type { LiveNode } from './tree-nodes.ts';

/** What of a znode is carried over. */
export interface Carried {
  readonly acl: boolean;
  readonly ephemerals: 'skip' | 'persistent';
}

/** In what a znode is not what its copy should be. */
export type Difference = 'data' | 'ACL' | 'kind';

/** The kind that a copy has; undefined for an ephemeral that is to be left out. */
export function kindOfCopy(
  kind: NodeKind,
  { ephemerals }: Carried,
): Exclude<NodeKind, { mode: 'ephemeral' }> | undefined {
  if (kind.mode !== 'ephemeral') return kind;
  return ephemerals === 'persistent' ? { mode: 'persistent' } : undefined;
}

export function differences(source: LiveNode, copy: LiveNode, carried: Carried): Difference[] {
  const found: Difference[] = [];
  if (!sameData(source.data, copy.data)) found.push('data');
  if (carried.acl && !sameAcl(source.acl ?? [], copy.acl ?? [])) found.push('ACL');
  const kind = kindOfCopy(source.kind, carried);
  if (kind === undefined || !sameKind(kind, copy.kind)) found.push('kind');
  return found;
}

/** @throws ServerError `NO_AUTH` for a znode that can't be read whole, ZkshError `ACL_HIDDEN` for an ACL that is shown in part */
export function readWhole(node: LiveNode | UnreadableNode, path: string): LiveNode {
  if ('unreadable' in node) throw new ServerError(Errno.noAuth, 'read', path);
  if (isMasked(node.acl ?? [])) {
    throw new ZkshError(`the server hides the password hashes in the ACL of ${JSON.stringify(path)}`, {
      code: 'ACL_HIDDEN',
      exitCode: ExitCode.refused,
      hint: 'A copy of it would let nobody in. Authenticate as somebody with the admin permission, or give --no-acl.',
    });
  }
  return node;
}

/** A znode stands where a copy should, and is another. */
export function differs(path: string, found: readonly (Difference | 'content')[]): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} is there and differs: ${found.join(', ')}`, {
    code: 'DIFFERS',
    exitCode: ExitCode.conflict,
    hint: found.includes('kind')
      ? 'A znode can not change its kind: delete it first if it is in the way.'
      : 'Replace it with --overwrite, or choose another place.',
  });
}
