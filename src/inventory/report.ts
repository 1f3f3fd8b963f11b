import type { DynamicConfig } from '../ensemble/dynamic-config.ts';
import type { HostDriver } from '../hosts/host.ts';
import type { MemberCheck } from './check.ts';
import { type Drift, driftOf, hasDrift } from './drift.ts';
import type { Inventory, InventoryMember } from './inventory.ts';

/** A member as `member inventory` shows it. */
export interface MemberReport extends Omit<InventoryMember, 'openHost'> {
  host: Pick<HostDriver, 'kind' | 'name'>;
  service: string;
  /** Undefined when nobody looked. */
  check: MemberCheck | undefined;
}

/** An inventory, and what speaks against it. */
export interface InventoryReport extends Omit<Inventory, 'members'> {
  members: readonly MemberReport[];
  /** Undefined when the committed configuration is not known. */
  drift: Drift | undefined;
  configVersion: bigint | undefined;
  /** No drift, and no check has found anything. */
  fit: boolean;
}

/** Puts together what is known. */
export function inventoryReport(
  { members, ...inventory }: Inventory,
  config: DynamicConfig | undefined,
  checks: readonly MemberCheck[] | undefined,
): InventoryReport {
  const drift = config && driftOf({ members }, config);
  const problems = (checks ?? []).some((check) => check.problems.length > 0);
  return {
    ...inventory,
    members: members.map(({ openHost, ...member }, i) => {
      const host = openHost();
      const service = host.service.what;
      return { ...member, host: { kind: host.kind, name: host.name }, service, check: checks?.[i] };
    }),
    drift,
    configVersion: config?.version,
    fit: !problems && !(drift !== undefined && hasDrift(drift)),
  };
}
