import type { Acl } from '../protocol/acl.ts';
import type { CreateMode } from '../protocol/create-mode.ts';
import type { Stat } from '../protocol/records.ts';

/** How a znode ends, in the words of {@link CreateMode}. */
export type NodeKind =
  | { readonly mode: 'persistent' | 'container' }
  /** Milliseconds. */
  | { readonly mode: 'persistent_with_ttl'; readonly ttl: bigint }
  /** The session's id. */
  | { readonly mode: 'ephemeral'; readonly owner: bigint };

/** A znode of a tree that may be anywhere: on an ensemble, or in a file. */
export interface TreeNode {
  /** As if the root of the tree were `/`. */
  readonly path: string;
  /** `null` where none was ever set. */
  readonly data: Uint8Array | null;
  readonly kind: NodeKind;
  /** Undefined where nobody asked for it. */
  readonly acl: readonly Acl[] | undefined;
}

const PERSISTENT: NodeKind = { mode: 'persistent' };
const CONTAINER: NodeKind = { mode: 'container' };
const CONTAINER_OWNER = -(2n ** 63n);
/** The top byte 0xff and two bytes of zeros mark a time to live, which is in the five bytes below. */
const TTL_MARK = 0xff_0000n;
const TTL_BITS = 40n;

/** Tells from the owner in the Stat (EphemeralType.java); servers before 3.5.4 marked a time to live in another way. */
export function kindOf({ ephemeralOwner }: Pick<Stat, 'ephemeralOwner'>): NodeKind {
  if (ephemeralOwner === 0n) return PERSISTENT;
  if (ephemeralOwner === CONTAINER_OWNER) return CONTAINER;
  const bits = BigInt.asUintN(64, ephemeralOwner);
  if (bits >> TTL_BITS === TTL_MARK) return { mode: 'persistent_with_ttl', ttl: BigInt.asUintN(40, bits) };
  return { mode: 'ephemeral', owner: ephemeralOwner };
}

/** The same to whoever created it: the owner of an ephemeral, a session, does not count. */
export function sameKind(a: NodeKind, b: NodeKind): boolean {
  return a.mode === b.mode && (a.mode !== 'persistent_with_ttl' || (b as typeof a).ttl === a.ttl);
}

/** Two ACLs grant the same; the order of entries has no meaning (the server looks at all of them). */
export function sameAcl(a: readonly Acl[], b: readonly Acl[]): boolean {
  const [onlyA, onlyB] = aclDifference(a, b);
  return onlyA.length === 0 && onlyB.length === 0;
}

/** The entries that only one of two ACLs has. */
export function aclDifference(a: readonly Acl[], b: readonly Acl[]): [onlyA: Acl[], onlyB: Acl[]] {
  return [a.filter((entry) => !includes(b, entry)), b.filter((entry) => !includes(a, entry))];
}

function includes(acl: readonly Acl[], { perms, scheme, id }: Acl): boolean {
  return acl.some((entry) => entry.perms === perms && entry.scheme === scheme && entry.id === id);
}

/** Data is the same; never set is not the same as empty. */
export function sameData(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}
