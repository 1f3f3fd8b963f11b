import type { MemberObservation } from '../observe-member.ts';
import { hostOf } from '../observed-member.ts';
import type { SessionConnection } from './connections.ts';
import type { Reply } from './lists.ts';

/** A member as it is named in lists. */
export interface MemberName {
  readonly id: bigint | undefined;
  /** `host:port`. */
  readonly host: string;
}

/** A connection of a session, and the member it leads to. */
export interface Place extends SessionConnection {
  readonly member: MemberName;
}

/** Where each session is connected, the newest connection first: one that moves may be seen on two members. */
export type Places = ReadonlyMap<bigint, readonly Place[]>;

/** Something a member did not tell, and why. */
export interface MemberMissing {
  readonly member: MemberName;
  readonly source: string;
  readonly reason: string;
}

/** What a list came from. */
export interface MemberSource {
  readonly member: MemberName;
  readonly source: string;
}

/** What members replied to one question. */
export type Replies<T> = readonly { readonly member: MemberObservation; readonly reply: Reply<T> }[];

export function nameOf(seen: MemberObservation): MemberName {
  return { id: seen.member.id, host: hostOf(seen) };
}

export function placesOf(replies: Replies<readonly SessionConnection[]>): Places {
  const places = new Map<bigint, Place[]>();
  for (const { member, reply } of replies) {
    if (!('value' in reply)) continue;
    const name = nameOf(member);
    for (const connection of reply.value) {
      const known = places.get(connection.sessionId);
      const place = { ...connection, member: name };
      if (known === undefined) places.set(connection.sessionId, [place]);
      else known.push(place);
    }
  }
  for (const list of places.values()) list.sort((a, b) => (b.established ?? 0) - (a.established ?? 0));
  return places;
}

/** Who told. */
export function sourcesOf(replies: Replies<unknown>): MemberSource[] {
  return replies.flatMap(({ member, reply }) =>
    'value' in reply ? [{ member: nameOf(member), source: reply.source }] : [],
  );
}

/** Who did not. */
export function missingOf(replies: Replies<unknown>): MemberMissing[] {
  return replies.flatMap(({ member, reply }) =>
    'value' in reply ? [] : reply.missing.map((missing) => ({ member: nameOf(member), ...missing })),
  );
}
