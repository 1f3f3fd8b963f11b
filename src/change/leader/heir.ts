/**
 * Whom a leader hands over to when a reconfiguration takes its vote. Leader.getDesignatedLeader (3.5.3 to 3.9) takes the
 * first of those voters of the new membership that had acknowledged the reconfiguration when it was committed, in the
 * order of a Java HashSet; of these, where writes were on their way behind it, the one that acknowledged most of them.
 * Nobody can ask for a certain one.
 */
export function likelyHeir(voters: readonly bigint[], leader: bigint): bigint | undefined {
  return inHashOrder(voters.filter((id) => id !== leader))[0];
}

/**
 * Who has to lead one after the other until `to` does, as far as the servers choose as they commonly do; undefined where no
 * way leads there: the leader goes to the first of the others, and from the first to the second.
 */
export function routeTo(voters: readonly bigint[], leader: bigint, to: bigint): readonly bigint[] | undefined {
  const route: bigint[] = [];
  for (let at = leader; at !== to; ) {
    const next = likelyHeir(voters, at);
    if (next === undefined || next === leader || route.includes(next)) return undefined;
    route.push(next);
    at = next;
  }
  return route;
}

/** HashSet<Long>: by the bucket of 16 that HashMap.hash and Long.hashCode give, which is 16 before 1. */
function inHashOrder(ids: readonly bigint[]): bigint[] {
  const bucket = (id: bigint): bigint => {
    const hash = BigInt.asUintN(32, id ^ (id >> 32n));
    return (hash ^ (hash >> 16n)) & 15n;
  };
  const ascending = [...ids].sort((a, b) => (a < b ? -1 : 1));
  return ascending.sort((a, b) => Number(bucket(a) - bucket(b)));
}
