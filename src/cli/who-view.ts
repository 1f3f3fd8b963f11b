import { shortName } from '../ensemble/member.ts';
import type { Held } from '../ensemble/sessions/held.ts';
import type { MemberMissing, MemberSource, Place } from '../ensemble/sessions/places.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import { shortDuration } from '../output/times.ts';
import type { Column, View } from '../output/view.ts';
import type { NodeKind } from '../znodes/node-kind.ts';
import { holderJson } from './held-view.ts';
import { clientText, counted } from './session-columns.ts';

/** Who has to do with a path. */
export interface Who {
  /** From the root of the tree. */
  readonly path: string;
  /** Undefined where there is no such znode. */
  readonly kind: NodeKind | undefined;
  /** Of an ephemeral. */
  readonly owner: Pick<Held, 'sessionId' | 'place'> | undefined;
  /** Undefined where nobody was asked. */
  readonly watchers: readonly Held[] | undefined;
  /** Members that told of their watches. */
  readonly sources: readonly MemberSource[];
  readonly missing: readonly MemberMissing[];
}

/** A line of the table. */
export interface WhoRow {
  readonly as: 'owner' | 'watcher';
  readonly sessionId: bigint;
  readonly place: Place | undefined;
}

const COLUMNS: readonly Column<WhoRow>[] = [
  { header: 'as', value: (row) => row.as, role: (row) => (row.as === 'owner' ? 'ephemeral' : undefined) },
  { header: 'session', value: ({ sessionId }) => sessionId, kind: 'hex', role: () => 'name' },
  { header: 'client', value: ({ place }) => clientText(place) },
  { header: 'member', value: ({ place }) => place && shortName(place.member) },
  { header: 'timeout', value: ({ place }) => place?.timeout, kind: 'duration' },
];

/** How `who` looks: what the path is in a line, then a row for its owner and one for each watcher. */
export const whoView: View<Who, WhoRow> = {
  text: (who, style) => {
    const rows = rowsOf(who);
    if (!style.tty) return plainText(rows, { columns: COLUMNS, rows: () => rows }, style);
    return [
      headline(who, style),
      ...(rows.length === 0 ? [] : ['', ...layTable(COLUMNS as Column<never>[], rows, style)]),
    ].join('\n');
  },
  columns: COLUMNS,
  rows: rowsOf,
  json: ({ path, kind, owner, watchers, sources, missing }) => ({
    path,
    exists: kind !== undefined,
    kind: kind?.mode,
    owner: owner && holderJson(owner),
    watchers: watchers?.map((watcher) => holderJson(watcher)),
    sources,
    missing,
  }),
};

function rowsOf({ owner, watchers = [] }: Who): WhoRow[] {
  return [
    ...(owner === undefined ? [] : [{ as: 'owner' as const, ...owner }]),
    ...watchers.map(({ sessionId, place }): WhoRow => ({ as: 'watcher', sessionId, place })),
  ];
}

function headline({ path, kind, watchers, missing, sources }: Who, style: Style): string {
  const told = sources.length === 0 ? 'watchers are not told' : counted(watchers?.length ?? 0, 'watcher');
  const some = sources.length > 0 && missing.length > 0 ? ' that members tell of' : '';
  const watched = watchers === undefined ? '' : `, ${told}${some}`;
  return `${style.paint('path', style.name(path))} ${kindText(kind, style)}${watched}`;
}

function kindText(kind: NodeKind | undefined, style: Style): string {
  if (kind === undefined) return style.paint('warn', 'does not exist');
  if (kind.mode === 'ephemeral') return `is ${style.paint('ephemeral', 'ephemeral')}`;
  if (kind.mode === 'container') return 'is a container, it has no owner';
  const ttl = 'ttl' in kind ? ` with a time to live of ${shortDuration(Number(kind.ttl))}` : '';
  return `is persistent${ttl}, it has no owner`;
}
