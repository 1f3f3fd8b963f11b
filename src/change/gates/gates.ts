import { AFTER } from './after.ts';
import { BEFORE } from './before.ts';
import type { Gate } from './gate.ts';
import { JOINING } from './joining.ts';
import { LEADING } from './leading.ts';
import { LISTS } from './lists.ts';
import { MEMBERSHIP } from './membership.ts';
import { RELEASE } from './release.ts';
import { SERVICE } from './service.ts';

/** Every gate by its name. */
export const GATES = {
  ...BEFORE,
  ...AFTER,
  ...MEMBERSHIP,
  ...JOINING,
  ...LEADING,
  ...LISTS,
  ...RELEASE,
  ...SERVICE,
} as const satisfies Record<string, Gate>;

export type GateName = keyof typeof GATES;

/** Before a member that serves is taken away. */
export const BEFORE_TAKING_AWAY: readonly GateName[] = [
  'one-leader',
  'others-serve',
  'all-synced',
  'config-settled',
  'quorum-without-target',
  'service-as-seen',
];

/** After a member came back. */
export const AFTER_COMING_BACK: readonly GateName[] = [
  'one-leader',
  'member-serves',
  'broadcasting',
  'counted-synced',
  'lag-stable',
  'config-settled',
  'commits-through-member',
];

/** Before a reconfiguration. */
export const BEFORE_RECONFIG: readonly GateName[] = [
  'one-leader',
  'others-serve',
  'all-synced',
  'config-settled',
  'reconfig-permitted',
  'reconfig-enabled',
];

/** After a reconfiguration. */
export const AFTER_RECONFIG: readonly GateName[] = [
  'one-leader',
  'others-serve',
  'all-synced',
  'config-settled',
  'activated',
];

/** Before a member is given another list of members, and restarted with it. */
export const BEFORE_LIST: readonly GateName[] = [
  'one-leader',
  'others-serve',
  'all-synced',
  'lists-as-planned',
  'lists-overlap',
  'quorum-without-target',
];

/** After it came back with that list. */
export const AFTER_LIST: readonly GateName[] = [
  'one-leader',
  'member-serves',
  'broadcasting',
  'counted-synced',
  'lag-stable',
  'lists-as-planned',
  'role-as-listed',
  'commits-through-member',
];
