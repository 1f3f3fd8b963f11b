import { fieldsOf, linesOf, sessionIdOf, textsOf, whole } from '../fields.ts';

/** What a member told of all sessions, connected or not. */
export interface Dump {
  /**
   * The sessions it keeps track of, by id. Undefined where it told none at all: learners don't over their AdminServers,
   * nor those of 3.4.
   */
  readonly sessions: ReadonlyMap<bigint, TrackedSession> | undefined;
  /** Paths by the session that owns them. */
  readonly ephemerals: ReadonlyMap<bigint, readonly string[]>;
}

export interface TrackedSession {
  /** Undefined where the answer does not tell one from the other. */
  readonly kind: 'global' | 'local' | undefined;
  /** Milliseconds; told by learners alone. */
  readonly timeout: number | undefined;
}

/** Headings of `dump`, and what stands below them (SessionTrackerImpl, LearnerSessionTracker, DataTree). */
const HEADINGS: readonly [RegExp, 'global' | 'local' | 'ephemerals' | 'none'][] = [
  [/^Local Session Sets \(/, 'local'],
  [/^(?:Global )?Session Sets \(/, 'global'],
  [/^Global Sessions\(/, 'global'],
  [/^Sessions with Ephemerals \(/, 'ephemerals'],
  [/^Connections (?:dump:|Sets \()/, 'none'],
];

/** Reads the answer to `dump`. A path is all that stands behind the tab: it may hold blanks, but no line feed. */
export function parseDump(text: string): Dump {
  const sessions = new Map<bigint, TrackedSession>();
  const ephemerals = new Map<bigint, string[]>();
  let told = false;
  let section: (typeof HEADINGS)[number][1] = 'none';
  let paths: string[] = [];
  for (const line of linesOf(text)) {
    const heading = /^[A-Z]/.test(line) ? HEADINGS.find(([pattern]) => pattern.test(line)) : undefined;
    if (heading !== undefined) {
      section = heading[1];
      told ||= section === 'global';
    } else if (section === 'global' || section === 'local') {
      const [, id, ms] = /^\t?(0x[0-9a-f]{1,16})(?:\t(\d{1,10})ms)?$/.exec(line) ?? [];
      const known = sessionIdOf(id);
      if (known !== undefined)
        sessions.set(known, { kind: section, timeout: ms === undefined ? undefined : Number(ms) });
    } else if (section === 'ephemerals') {
      const owner = sessionIdOf(/^(0x[0-9a-f]{1,16}):$/.exec(line)?.[1]);
      if (owner !== undefined) {
        paths = [];
        ephemerals.set(owner, paths);
      } else if (line.startsWith('\t/')) paths.push(line.slice(1));
    }
  }
  return { sessions: told ? sessions : undefined, ephemerals: withoutEmpty(ephemerals) };
}

/**
 * Reads the fields of the AdminServer's `dump`. Its sessions are the leader's, global and local in one; a learner has
 * an empty list, which tells nothing.
 */
export function parseAdminDump(fields: Readonly<Record<string, unknown>>, tracksAll: boolean): Dump {
  const expiring = Object.values(fieldsOf(fields.expiry_time_to_session_ids));
  const ids = expiring.flatMap((list) => (Array.isArray(list) ? list.flatMap((id) => sessionIdOf(id) ?? []) : []));
  const owned = Object.entries(fieldsOf(fields.session_id_to_ephemeral_paths)).flatMap(
    ([id, paths]): [bigint, string[]][] => {
      const owner = sessionIdOf(whole(id));
      return owner === undefined ? [] : [[owner, textsOf(paths)]];
    },
  );
  const tracked = new Map(ids.map((id): [bigint, TrackedSession] => [id, { kind: undefined, timeout: undefined }]));
  return { sessions: tracksAll ? tracked : undefined, ephemerals: withoutEmpty(new Map(owned)) };
}

/** A session whose ephemerals are all deleted stays in the server's table with none. */
function withoutEmpty(owned: ReadonlyMap<bigint, readonly string[]>): Map<bigint, readonly string[]> {
  return new Map([...owned].filter(([, paths]) => paths.length > 0));
}
