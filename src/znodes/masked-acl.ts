import type { Acl } from '../protocol/acl.ts';

/** Stands for the hash of a digest id where the server does not show it (FinalRequestProcessor.java). */
const MASK = 'x';

/**
 * True for an ACL that the server shows in part: those without the admin permission do not see password hashes. Kept or
 * set like this, it would let nobody in.
 */
export function isMasked(acl: readonly Acl[]): boolean {
  return acl.some(({ scheme, id }) => scheme === 'digest' && /^[^:]*:x$/.test(id));
}

/** The ACL as the server would show it to somebody without the admin permission. */
export function masked(acl: readonly Acl[]): Acl[] {
  return acl.map((entry) => {
    if (entry.scheme !== 'digest') return entry;
    return { ...entry, id: `${entry.id.slice(0, entry.id.lastIndexOf(':'))}:${MASK}` };
  });
}
