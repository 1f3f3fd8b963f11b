import { metricNumber } from '../metrics.ts';
import type { EnsembleObservation } from '../observe.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import type { SessionConnection } from './connections.ts';
import type { TrackedSession } from './dump.ts';
import { askAll, CONNECTIONS, WATCHES_BY_SESSION } from './lists.ts';
import {
  type MemberMissing,
  type MemberName,
  type MemberSource,
  missingOf,
  nameOf,
  type Place,
  type Places,
  placesOf,
  type Replies,
  sourcesOf,
} from './places.ts';
import { askTracked, kindOfTracked, type Tracked } from './tracked.ts';

/** A session as the members together know it. */
export interface SessionEntry {
  readonly id: bigint;
  /** `local`: known to its member alone. Undefined where nobody tells. */
  readonly kind: 'global' | 'local' | undefined;
  /** The newest first. */
  readonly places: readonly Place[];
  /** False where every member told its connections and none is this session's; undefined where not all told. */
  readonly connected: boolean | undefined;
  /** As negotiated, in milliseconds. */
  readonly timeout: number | undefined;
  /** Paths, by code unit; undefined where nobody told who owns what. */
  readonly ephemerals: readonly string[] | undefined;
  /** Paths watched for data or existence, once each; undefined where its member was not asked, or did not tell. */
  readonly watches: readonly string[] | undefined;
}

/** What was found out about sessions. */
export interface SessionsReport {
  readonly sessions: readonly SessionEntry[];
  readonly sources: {
    readonly connections: readonly MemberSource[];
    /** Who told of all sessions, connected or not; undefined where nobody did. */
    readonly sessions: MemberSource | undefined;
    /** `client`: the tree was walked. */
    readonly ephemerals: MemberSource | 'client' | undefined;
    readonly watches: readonly MemberSource[];
  };
  readonly missing: readonly MemberMissing[];
  /** Every member told all of its connections. */
  readonly complete: boolean;
  /** Members whose watches were not asked for: they hold too many, or nobody told how many. */
  readonly uncounted: readonly { readonly member: MemberName; readonly watches: number | undefined }[];
  /** Parts of the tree that a walk could not read. */
  readonly unreadable: number;
}

/** Ephemerals as a walk of the tree finds them. */
export interface FoundEphemerals {
  readonly ephemerals: ReadonlyMap<bigint, readonly string[]>;
  /** Znodes whose children the ACL hides. */
  readonly unreadable: number;
}

export interface SessionsWish {
  /** Whose connections are listed. */
  readonly members: readonly MemberObservation[];
  /** Ask for sessions without a connection, and ephemerals. */
  readonly tracked: boolean;
  /** Of members that hold few; of all of them; of none. */
  readonly watches: 'few' | 'all' | 'none';
  /** Finds ephemerals by the client protocol; absent = not at all. */
  readonly walk?: (() => Promise<FoundEphemerals>) | undefined;
  /** Walk where nobody told who owns what; else only where nobody told anything of sessions. */
  readonly walkForEphemerals?: boolean | undefined;
}

/** Up to so many a member's watches are listed without being asked for: some hundred kilobytes. */
const FEW_WATCHES = 10_000;

/** Asks members for sessions, by the lightest source that has the answer, and joins what they tell. */
export async function sessionsReport(
  observation: EnsembleObservation,
  asking: Asking,
  wish: SessionsWish,
): Promise<SessionsReport> {
  const { members } = observation;
  const watched = wish.members.filter((member) => wish.watches === 'all' || isFew(member, wish.watches));
  const [connections, watches, { tracked, missing }] = await Promise.all([
    askAll(CONNECTIONS, wish.members, asking),
    askAll(WATCHES_BY_SESSION, watched, asking),
    wish.tracked ? askTracked(members, asking) : { tracked: undefined, missing: [] },
  ]);
  const toldNothing = tracked === undefined && sourcesOf(connections).length === 0;
  const walking = toldNothing || (wish.walkForEphemerals === true && tracked === undefined);
  const walked = walking ? await wish.walk?.() : undefined;
  const places = placesOf(connections);
  const told = (member: MemberObservation) => connections.some((one) => one.member === member && toldAll(one));
  const complete = isWhole(observation) && members.every(told);
  const owned = tracked?.value.ephemerals ?? walked?.ephemerals;
  const known = new Map(tracked?.value.sessions);
  for (const id of [...places.keys(), ...(owned?.keys() ?? [])]) {
    if (!known.has(id)) known.set(id, { kind: undefined, timeout: undefined });
  }
  const joined = { places, tracked, complete, owned, watches, members };
  const teller = tracked && { member: nameOf(tracked.member), source: tracked.source };
  return {
    sessions: [...known].map(([id, session]) => entryOf(id, session, joined)).sort((a, b) => (a.id < b.id ? -1 : 1)),
    sources: {
      connections: sourcesOf(connections),
      sessions: tracked?.value.sessions === undefined ? undefined : teller,
      ephemerals: walked === undefined ? teller : 'client',
      watches: sourcesOf(watches),
    },
    missing: [...missingOf(connections), ...missing, ...missingOf(watches)],
    complete,
    uncounted: wish.watches === 'few' ? connections.flatMap((told) => uncounted(told)) : [],
    unreadable: walked?.unreadable ?? 0,
  };
}

/**
 * One session of a report with its watches, for which only those members are asked that it is connected to.
 *
 * @param watches `few`: not of members that hold many
 */
export async function withWatches(
  report: SessionsReport,
  session: SessionEntry,
  { members }: EnsembleObservation,
  asking: Asking,
  watches: 'few' | 'all',
): Promise<{ session: SessionEntry; report: SessionsReport }> {
  const hosts = new Set(session.places.map(({ member }) => member.host));
  const there = members.filter((member) => hosts.has(nameOf(member).host));
  const asked = there.filter((member) => watches === 'all' || isFew(member, watches));
  const replies = await askAll(WATCHES_BY_SESSION, asked, asking);
  const sources = { ...report.sources, watches: sourcesOf(replies) };
  return {
    session: { ...session, watches: watchesOf(session.id, session.places, replies) },
    report: { ...report, sources, missing: [...report.missing, ...missingOf(replies)] },
  };
}

interface Joined {
  places: Places;
  tracked: Tracked | undefined;
  complete: boolean;
  owned: ReadonlyMap<bigint, readonly string[]> | undefined;
  watches: Replies<ReadonlyMap<bigint, readonly string[]>>;
  members: readonly MemberObservation[];
}

function entryOf(id: bigint, session: TrackedSession, joined: Joined): SessionEntry {
  const { tracked, owned, complete } = joined;
  const places = joined.places.get(id) ?? [];
  const kind = tracked && (tracked.value.sessions?.has(id) ? kindOfTracked(session, tracked) : undefined);
  return {
    id,
    kind: kind ?? (isLocal(id, places, joined) ? 'local' : undefined),
    places,
    connected: places.length > 0 ? true : complete ? false : undefined,
    timeout: places[0]?.timeout ?? session.timeout,
    ephemerals: owned && [...(owned.get(id) ?? [])].sort(),
    watches: watchesOf(id, places, joined.watches),
  };
}

/** Unknown to the ensemble, and connected to a member that counts local sessions. */
function isLocal(id: bigint, places: readonly Place[], { tracked, members }: Joined): boolean {
  if (tracked?.value.sessions === undefined || tracked.value.sessions.has(id)) return false;
  const hosts = new Set(places.map(({ member }) => member.host));
  return members.some((one) => hosts.has(nameOf(one).host) && (metricNumber(one.metrics, 'local_sessions') ?? 0) > 0);
}

/** A session's watches are held by the member it is connected to, and go with the connection. */
function watchesOf(id: bigint, places: readonly Place[], watches: Joined['watches']): string[] | undefined {
  const there = watches.flatMap(({ member, reply }) => {
    const { host } = nameOf(member);
    return 'value' in reply && places.some((place) => place.member.host === host) ? [reply.value.get(id) ?? []] : [];
  });
  return there.length === 0 ? undefined : [...new Set(there.flat())].sort();
}

function isFew({ facts }: MemberObservation, watches: SessionsWish['watches']): boolean {
  return watches === 'few' && facts.watches !== undefined && facts.watches.value <= FEW_WATCHES;
}

function uncounted({ member, reply }: Replies<unknown>[number]): SessionsReport['uncounted'] {
  const watches = member.facts.watches?.value;
  return 'value' in reply && !isFew(member, 'few') ? [{ member: nameOf(member), watches }] : [];
}

/**
 * The members looked at are all that there are. Without a configuration, as on 3.4, the leader tells how many servers
 * follow it: in zk_followers, observers included.
 */
function isWhole({ members, config }: EnsembleObservation): boolean {
  if (config !== undefined) return config.servers.every(({ id }) => members.some(({ member }) => member.id === id));
  const [first, ...others] = members;
  if (others.length === 0 && first?.facts.role?.value === 'standalone') return true;
  const leader = members.find(({ facts }) => facts.role?.value === 'leader');
  const following = metricNumber(leader?.metrics, 'followers');
  return following !== undefined && members.length === following + 1;
}

/** An AdminServer tells of both client ports, `cons` of the one it was asked through. */
function toldAll({ member, reply }: Replies<SessionConnection[]>[number]): boolean {
  if (!('value' in reply)) return false;
  if (reply.source.startsWith('admin:')) return true;
  const conf = member.further.words.get('conf');
  // 3.4 has one client port, and no line for another.
  const old = /^3\.4\./.test(member.facts.version?.value ?? '');
  const ports = conf?.match(/^(?:clientPort|secureClientPort)=[1-9]\d*\r?$/gm) ?? [];
  return old || ports.length === 1;
}
