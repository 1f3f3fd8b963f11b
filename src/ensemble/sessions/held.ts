import type { EnsembleObservation } from '../observe.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import { askAll, CONNECTIONS, type Listing, WATCHES_BY_PATH, WATCHES_BY_SESSION } from './lists.ts';
import {
  type MemberMissing,
  type MemberSource,
  missingOf,
  nameOf,
  type Place,
  type Places,
  placesOf,
  type Replies,
  sourcesOf,
} from './places.ts';
import type { FoundEphemerals } from './report.ts';
import { askTracked } from './tracked.ts';

/** Something a session holds on a path: an ephemeral, or a watch. */
export interface Held {
  readonly path: string;
  readonly sessionId: bigint;
  /** Its connection; undefined where none is known. */
  readonly place: Place | undefined;
}

/** All that was found, by path and then by session. */
export interface HeldReport {
  readonly items: readonly Held[];
  /** Who told of what is held; `client`: the tree was walked. */
  readonly sources: readonly MemberSource[] | 'client';
  readonly missing: readonly MemberMissing[];
  /** Where all sessions are connected, those that hold nothing among them. */
  readonly places: Places;
  /** Parts of the tree that a walk could not read. */
  readonly unreadable: number;
}

/** Every ephemeral: as whoever tells of all sessions has them, or else as a walk of the tree finds them. */
export async function ephemeralsHeld(
  { members }: EnsembleObservation,
  asking: Asking,
  walk: () => Promise<FoundEphemerals>,
): Promise<HeldReport> {
  const [connections, { tracked, missing }] = await Promise.all([
    askAll(CONNECTIONS, members, asking),
    askTracked(members, asking),
  ]);
  const walked = tracked === undefined ? await walk() : undefined;
  const places = placesOf(connections);
  const owned = tracked?.value.ephemerals ?? walked?.ephemerals ?? new Map<bigint, string[]>();
  const items = [...owned].flatMap(([sessionId, paths]) =>
    paths.map((path): Held => ({ path, sessionId, place: places.get(sessionId)?.[0] })),
  );
  return {
    items: items.sort(byPath),
    sources: tracked === undefined ? 'client' : [{ member: nameOf(tracked.member), source: tracked.source }],
    missing: [...missingOf(connections), ...missing],
    places,
    unreadable: walked?.unreadable ?? 0,
  };
}

/**
 * The watches that members list: those on data and existence, and persistent ones. Watches on children alone no server
 * lists.
 *
 * @param path those on it alone; all when undefined
 */
export async function watchesHeld(
  members: readonly MemberObservation[],
  asking: Asking,
  wish: { by: 'path' | 'session'; path?: string | undefined },
): Promise<HeldReport> {
  // A heavy question to a member that holds none is left out.
  const holding = members.filter(({ facts }) => facts.watches?.value !== 0);
  const [connections, { items, replies }] = await Promise.all([
    askAll(CONNECTIONS, members, asking),
    wish.by === 'path' ? listed(WATCHES_BY_PATH, pairsByPath, holding) : listed(WATCHES_BY_SESSION, pairs, holding),
  ]);
  const places = placesOf(connections);
  const wanted = items.filter(({ path }) => wish.path === undefined || wish.path === path);
  const held = wanted.map(
    ({ path, sessionId, member }): Held => ({ path, sessionId, place: at(places, sessionId, member) }),
  );
  const lightly = members.filter((member) => !holding.includes(member)).map((member) => NONE(member));
  return {
    items: held.sort(byPath),
    sources: [...sourcesOf(replies), ...lightly],
    missing: [...missingOf(replies), ...(held.length > 0 ? missingOf(connections) : [])],
    places,
    unreadable: 0,
  };

  async function listed<T>(listing: Listing<T>, pairsOf: (list: T) => Pair[], asked: readonly MemberObservation[]) {
    const all: Replies<T> = await askAll(listing, asked, asking);
    const found = all.flatMap(({ member, reply }) =>
      'value' in reply ? pairsOf(reply.value).map((pair) => ({ ...pair, member })) : [],
    );
    return { items: found, replies: all };
  }
}

interface Pair {
  readonly path: string;
  readonly sessionId: bigint;
}

function pairs(bySession: ReadonlyMap<bigint, readonly string[]>): Pair[] {
  return [...bySession].flatMap(([sessionId, paths]) => paths.map((path) => ({ path, sessionId })));
}

function pairsByPath(byPaths: ReadonlyMap<string, readonly bigint[]>): Pair[] {
  return [...byPaths].flatMap(([path, sessions]) => sessions.map((sessionId) => ({ path, sessionId })));
}

function NONE(member: MemberObservation): MemberSource {
  return { member: nameOf(member), source: member.facts.watches?.source ?? '' };
}

/** A watch is where it was told of; the session may be connected elsewhere too. */
function at(places: Places, sessionId: bigint, member: MemberObservation): Place | undefined {
  const all = places.get(sessionId) ?? [];
  const { host } = nameOf(member);
  return all.find((place) => place.member.host === host) ?? all[0];
}

function byPath(a: Held, b: Held): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.sessionId < b.sessionId ? -1 : Number(a.sessionId > b.sessionId);
}
