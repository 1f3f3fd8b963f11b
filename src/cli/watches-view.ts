import type { MemberMissing } from '../ensemble/sessions/places.ts';
import type { MemberWatches } from '../ensemble/sessions/watch-totals.ts';
import { plainText } from '../output/plain-text.ts';
import { layTable } from '../output/table.ts';
import type { Column, View } from '../output/view.ts';

/** The sums of `watches`. */
export interface WatchSums {
  readonly members: readonly MemberWatches[];
  readonly missing: readonly MemberMissing[];
}

const COLUMNS: readonly Column<MemberWatches>[] = [
  { header: 'id', value: ({ member }) => member.id, kind: 'number' },
  { header: 'host', value: ({ member }) => member.host, role: () => 'name' },
  { header: 'connections', value: ({ totals }) => totals?.connections, kind: 'number' },
  { header: 'paths', value: ({ totals }) => totals?.paths, kind: 'number' },
  { header: 'watches', value: ({ totals }) => totals?.watches, kind: 'number' },
  { header: 'child_watches', value: ({ childWatches }) => childWatches, kind: 'number' },
  { header: 'source', value: ({ source }) => source, role: () => 'dim' },
];

/** How `watches` looks without a list: a row a member. */
export const watchSumsView: View<WatchSums, MemberWatches> = {
  text: (result, style) =>
    style.tty
      ? layTable(COLUMNS as Column<never>[], result.members, style).join('\n')
      : plainText(result, { columns: COLUMNS, rows: () => result.members }, style),
  columns: COLUMNS,
  rows: ({ members }) => members,
  json: ({ members, missing }) => ({
    members: members.map(({ member, totals, childWatches, source }) => ({
      ...member,
      ...totals,
      childWatches,
      source,
    })),
    missing,
  }),
};
