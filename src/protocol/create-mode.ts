/** What becomes of a new znode; flags and abilities as in CreateMode.java. */
export const createModes = {
  persistent: { flags: 0, ephemeral: false, sequential: false, ttl: false },
  ephemeral: { flags: 1, ephemeral: true, sequential: false, ttl: false },
  persistent_sequential: { flags: 2, ephemeral: false, sequential: true, ttl: false },
  ephemeral_sequential: { flags: 3, ephemeral: true, sequential: true, ttl: false },
  container: { flags: 4, ephemeral: false, sequential: false, ttl: false },
  persistent_with_ttl: { flags: 5, ephemeral: false, sequential: false, ttl: true },
  persistent_sequential_with_ttl: { flags: 6, ephemeral: false, sequential: true, ttl: true },
} as const satisfies Record<string, { flags: number; ephemeral: boolean; sequential: boolean; ttl: boolean }>;

/** How a znode ends, and whether the server numbers it; `_with_ttl` and `container` need servers from 3.5. */
export type CreateMode = keyof typeof createModes;

/** The longest time to live a server takes, in milliseconds (EphemeralType.TTL.maxValue: 40 bits). */
export const MAX_TTL = 0xff_ffff_ffffn;
