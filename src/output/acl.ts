import { type Acl, formatPerms } from '../protocol/acl.ts';

/** One entry of an ACL in JSON and YAML. A contract. */
export interface AclEntryJson {
  scheme: string;
  id: string;
  /** Letters of `cdrwa`, in that order. */
  perms: string;
}

/** An ACL as the JSON contract has it. */
export function aclJson(acl: readonly Acl[]): AclEntryJson[] {
  return acl.map(({ scheme, id, perms }) => ({ scheme, id, perms: formatPerms(perms) }));
}
