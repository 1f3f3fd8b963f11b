import { fieldsOf, linesOf, sessionIdOf, textsOf, whole } from '../fields.ts';

/** How many watches a member holds, of those that servers list: on data and existence, and persistent ones. */
export interface WatchTotals {
  /** Connections that hold any. */
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

/** Reads the answer to `wchs`; undefined when it is none. */
export function parseWatchTotals(text: string): WatchTotals | undefined {
  const [, connections, paths, watches] =
    /^(\d{1,15}) connections watching (\d{1,15}) paths\s+Total watches:(\d{1,15})/.exec(text) ?? [];
  return watches === undefined
    ? undefined
    : { connections: Number(connections), paths: Number(paths), watches: Number(watches) };
}

/** The same from the fields of the AdminServer's `watch_summary`. */
export function totalsOfAdmin(fields: Readonly<Record<string, unknown>>): WatchTotals | undefined {
  const [connections, paths, watches] = ['num_connections', 'num_paths', 'num_total_watches'].map((name) =>
    Number(whole(fields[name]) ?? Number.NaN),
  );
  if (connections === undefined || paths === undefined || watches === undefined) return undefined;
  return Number.isNaN(connections + paths + watches) ? undefined : { connections, paths, watches };
}

/**
 * Reads the answer to `wchc`: a session, then its paths, each behind a tab. Servers take a watch on the absence of any
 * text, be there line feeds in it: a line that is nothing else goes on with the path before.
 */
export function parseWatchesBySession(text: string): Map<bigint, string[]> {
  const found = new Map<bigint, string[]>();
  let paths: string[] | undefined;
  for (const line of linesOf(text)) {
    const id = sessionIdOf(/^0x[0-9a-f]{1,16}$/.exec(line)?.[0]);
    if (id !== undefined) paths = listOf(found, id);
    else if (line.startsWith('\t')) paths?.push(line.slice(1));
    else if (line !== '') goOn(paths, line);
  }
  return found;
}

/** Reads the answer to `wchp`: a path, then its sessions, each behind a tab. Line feeds in paths as with `wchc`. */
export function parseWatchesByPath(text: string): Map<string, bigint[]> {
  const found = new Map<string, bigint[]>();
  let path: string | undefined;
  let sessions: bigint[] = [];
  for (const line of linesOf(text)) {
    const id = sessionIdOf(/^\t(0x[0-9a-f]{1,16})$/.exec(line)?.[1]);
    if (id !== undefined && path !== undefined) {
      if (sessions.length === 0) {
        sessions = found.get(path) ?? [];
        found.set(path, sessions);
      }
      sessions.push(id);
    } else if (line.startsWith('/') || path === undefined) {
      path = line.startsWith('/') ? line : undefined;
      sessions = [];
    } else if (line !== '') {
      path = `${sessions.length === 0 ? `${path}\n` : ''}${line}`;
      sessions = [];
    }
  }
  return found;
}

/** Reads the fields of the AdminServer's `watches`. */
export function sessionsOfAdmin(fields: Readonly<Record<string, unknown>>): Map<bigint, string[]> {
  const entries = Object.entries(fieldsOf(fields.session_id_to_watched_paths));
  return new Map(
    entries.flatMap(([id, paths]): [bigint, string[]][] => {
      const session = sessionIdOf(id);
      return session === undefined ? [] : [[session, textsOf(paths)]];
    }),
  );
}

/** Reads the fields of the AdminServer's `watches_by_path`. */
export function pathsOfAdmin(fields: Readonly<Record<string, unknown>>): Map<string, bigint[]> {
  const entries = Object.entries(fieldsOf(fields.path_to_session_ids));
  return new Map(
    entries.map(([path, ids]): [string, bigint[]] => [
      path,
      Array.isArray(ids) ? ids.flatMap((id) => sessionIdOf(id) ?? []) : [],
    ]),
  );
}

function listOf(found: Map<bigint, string[]>, id: bigint): string[] {
  const list = found.get(id) ?? [];
  found.set(id, list);
  return list;
}

function goOn(paths: string[] | undefined, line: string): void {
  const last = paths?.pop();
  if (last !== undefined) paths?.push(`${last}\n${line}`);
}
