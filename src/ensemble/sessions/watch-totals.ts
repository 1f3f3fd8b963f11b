import type { Asking, MemberObservation } from '../observe-member.ts';
import { askAll, WATCH_TOTALS } from './lists.ts';
import { type MemberMissing, type MemberName, missingOf, nameOf } from './places.ts';
import type { WatchTotals } from './watches.ts';

/** How many watches one member holds. */
export interface MemberWatches {
  readonly member: MemberName;
  /** Undefined where it did not tell. */
  readonly totals: WatchTotals | undefined;
  /** Those in its table of watches on children, persistent ones among them: no server lists them. */
  readonly childWatches: number | undefined;
  readonly source: string | undefined;
}

/** Asks for the sums alone, which cost a member nothing. */
export async function watchTotals(
  members: readonly MemberObservation[],
  asking: Asking,
): Promise<{ members: MemberWatches[]; missing: MemberMissing[] }> {
  const replies = await askAll(WATCH_TOTALS, members, asking);
  return {
    members: replies.map(({ member, reply }): MemberWatches => {
      const told = 'value' in reply ? reply : undefined;
      // zk_watch_count is of both tables (DataTree.getWatchCount); the two were not told in the same instant.
      const all = member.facts.watches?.value;
      return {
        member: nameOf(member),
        totals: told?.value,
        childWatches: told === undefined || all === undefined ? undefined : Math.max(0, all - told.value.watches),
        source: told?.source,
      };
    }),
    missing: missingOf(replies),
  };
}
