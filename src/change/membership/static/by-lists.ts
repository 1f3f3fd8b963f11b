import type { HostDriver, Limits } from '../../../hosts/host.ts';
import type { Inventory } from '../../../inventory/inventory.ts';
import type { ChangeContext } from '../../context.ts';
import { SERVING } from '../../serving.ts';
import type { MembershipChange } from '../membership.ts';
import { readMemberLists } from './member-lists.ts';
import { type StaticChange, staticChange } from './static-change.ts';
import { membershipWay } from './way.ts';

/** Whose lists are read, and how. */
export interface ByLists {
  inventory: Inventory;
  /** The machine of a member. @throws ZkshError `NO_MEMBER` */
  host(id: bigint): HostDriver;
  limits: Limits;
  /** A member that leaves: its list is not changed, and its machine may be gone. */
  leaving?: bigint | undefined;
}

/**
 * The change as it is made where there is no reconfiguration, with the lists of all members; undefined where there is one.
 *
 * @throws ZkshError as `membershipWay` and `readMemberLists` do
 */
export async function changeByLists(
  change: MembershipChange,
  context: Pick<ChangeContext, 'client' | 'signal'>,
  { inventory, host, limits, leaving }: ByLists,
): Promise<StaticChange | undefined> {
  const way = await membershipWay(change.status, context);
  if (way.way === 'reconfig') return undefined;
  const serving = change.status.members.flatMap(({ id, role }) =>
    id !== undefined && SERVING.includes(role) ? [{ id, leads: role === 'leader' }] : [],
  );
  serving.sort((a, b) => Number(b.leads) - Number(a.leads));
  const ids = serving.map(({ id }) => id);
  // One that serves gets the list in between, too, when another takes its place.
  const without = leaving !== undefined && !ids.includes(leaving) ? leaving : undefined;
  const lists = await readMemberLists({ inventory, host, serving: ids, without, limits });
  return staticChange(change, { ...way, lists });
}
