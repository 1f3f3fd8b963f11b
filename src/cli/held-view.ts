import { shortName } from '../ensemble/member.ts';
import type { Held, HeldReport } from '../ensemble/sessions/held.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Role } from '../output/theme.ts';
import type { Column, View } from '../output/view.ts';
import { clientText, counted, sessionIdJson } from './session-columns.ts';

/** What a session holds, together. */
export interface Holder {
  readonly sessionId: bigint;
  readonly place: Held['place'];
  readonly paths: readonly string[];
}

type Of = Pick<Held, 'sessionId' | 'place'>;

const SESSION: Column<Of> = { header: 'session', value: ({ sessionId }) => sessionId, kind: 'hex', role: () => 'name' };
const CLIENT: Column<Of> = { header: 'client', value: ({ place }) => clientText(place) };
const MEMBER: Column<Of> = { header: 'member', value: ({ place }) => place && shortName(place.member) };

/** A row for each path a session holds something on. */
function heldColumns(role: Role): readonly Column<Held>[] {
  return [{ header: 'path', value: ({ path }) => path, role: () => role }, SESSION, CLIENT, MEMBER];
}

/** A row a session, with how many paths it holds. */
function holderColumns(what: string): readonly Column<Holder>[] {
  return [SESSION, CLIENT, MEMBER, { header: what, value: ({ paths }) => paths.length, kind: 'number' }];
}

/** Those that hold the most first. */
function byHolder(items: readonly Held[]): Holder[] {
  const holders = new Map<bigint, { sessionId: bigint; place: Held['place']; paths: string[] }>();
  for (const { path, sessionId, place } of items) {
    const known = holders.get(sessionId);
    if (known === undefined) holders.set(sessionId, { sessionId, place, paths: [path] });
    else known.paths.push(path);
  }
  return [...holders.values()].sort((a, b) => b.paths.length - a.paths.length);
}

/** On a terminal, each session with its paths below; rows elsewhere. */
function holdersText(holders: readonly Holder[], what: string, role: Role, style: Style): string | undefined {
  if (!style.tty) return plainText(holders, { columns: holderColumns(what), rows: () => holders }, style);
  if (holders.length === 0) return undefined;
  return holders
    .flatMap((holder) => [
      headOf(holder, what, style),
      ...holder.paths.map((path) => `  ${style.paint(role, style.name(path))}`),
    ])
    .join('\n');
}

const SINGULAR: Readonly<Record<string, string>> = { ephemerals: 'ephemeral', watches: 'watch' };

function headOf({ sessionId, place, paths }: Holder, what: string, style: Style): string {
  const where = place && ` on ${style.name(shortName(place.member))}`;
  const client = clientText(place);
  const from = client === undefined ? style.paint('dim', 'client not known') : `${style.name(client)}${where ?? ''}`;
  return `${style.paint('name', style.hex(sessionId))}  ${from}  ${counted(paths.length, SINGULAR[what] ?? what, what)}`;
}

/** A session in JSON, as the owner of something or a watcher. A contract. */
export function holderJson({ sessionId, place }: Of): object {
  return {
    ...sessionIdJson(sessionId),
    client: clientText(place),
    member: place?.member,
    timeout: place?.timeout,
  };
}

/** A list of paths with the session of each: a view for whatever is held. */
export function heldView(what: string, role: Role, empty: string): View<HeldReport, Held> {
  const columns = heldColumns(role);
  return {
    text: (report, style) => {
      if (!style.tty) return plainText(report, { columns, rows: ({ items }: HeldReport) => items }, style);
      if (report.items.length === 0) return undefined;
      return layTable(columns as Column<never>[], report.items, style).join('\n');
    },
    columns,
    rows: ({ items }) => items,
    json: (report) => ({
      [what]: report.items.map((held) => ({ path: held.path, session: holderJson(held) })),
      sources: report.sources,
      missing: report.missing,
    }),
    empty,
  };
}

/** The same by session. */
export function holdersView(what: string, role: Role, empty: string): View<HeldReport, Holder> {
  return {
    text: (report, style) => holdersText(byHolder(report.items), what, role, style),
    columns: holderColumns(what),
    rows: ({ items }) => byHolder(items),
    json: (report) => ({
      sessions: byHolder(report.items).map((holder) => ({
        ...holderJson(holder),
        count: holder.paths.length,
        paths: holder.paths,
      })),
      sources: report.sources,
      missing: report.missing,
    }),
    empty,
  };
}
