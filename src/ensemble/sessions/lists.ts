import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { askAdminCommand, askWord } from '../ask-member.ts';
import { type Missing, reasonOf } from '../missing.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import { parseConnections, parseCons, type SessionConnection } from './connections.ts';
import { type Dump, parseAdminDump, parseDump } from './dump.ts';
import {
  parseWatchesByPath,
  parseWatchesBySession,
  parseWatchTotals,
  pathsOfAdmin,
  sessionsOfAdmin,
  totalsOfAdmin,
  type WatchTotals,
} from './watches.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A list that servers give: by a command of the AdminServer, or else by a four-letter word. */
export interface Listing<T> {
  readonly command: string;
  readonly word: string;
  /** Undefined where the answer is none. */
  ofFields(fields: Fields, member: MemberObservation): T | undefined;
  ofText(text: string, member: MemberObservation): T | undefined;
}

export const CONNECTIONS: Listing<SessionConnection[]> = {
  command: 'connections',
  word: 'cons',
  ofFields: parseConnections,
  ofText: parseCons,
};

export const DUMP: Listing<Dump> = {
  command: 'dump',
  word: 'dump',
  ofFields: (fields, { facts }) => parseAdminDump(fields, /^(leader|standalone)$/.test(facts.role?.value ?? '')),
  ofText: (text) => (text.includes('ephemeral nodes dump:') ? parseDump(text) : undefined),
};

export const WATCH_TOTALS: Listing<WatchTotals> = {
  command: 'watch_summary',
  word: 'wchs',
  ofFields: totalsOfAdmin,
  ofText: parseWatchTotals,
};

export const WATCHES_BY_SESSION: Listing<Map<bigint, string[]>> = {
  command: 'watches',
  word: 'wchc',
  ofFields: sessionsOfAdmin,
  ofText: parseWatchesBySession,
};

export const WATCHES_BY_PATH: Listing<Map<string, bigint[]>> = {
  command: 'watches_by_path',
  word: 'wchp',
  ofFields: pathsOfAdmin,
  ofText: parseWatchesByPath,
};

/** Who told a list: `admin:COMMAND` or `4lw:WORD`. */
export interface Told<T> {
  readonly value: T;
  readonly source: string;
}

/** What a member told, or why it did not. */
export type Reply<T> = Told<T> | { readonly missing: readonly Missing[] };

/**
 * Asks a member that was observed for a list: its AdminServer first, which gathers the list and then sends it. A server that
 * answers wchc or wchp writes to the asker with the lock of its watches held (SendBufferWriter), however slowly that reads.
 * Never both at once: they cost the server the same.
 */
export async function askFor<T>(listing: Listing<T>, member: MemberObservation, asking: Asking): Promise<Reply<T>> {
  if (member.address === undefined && member.adminUrl === undefined) {
    const [first] = member.missing;
    return {
      missing: [{ source: 'all', reason: `it is unreachable: ${first?.reason ?? 'it has no client address'}` }],
    };
  }
  const missing: Missing[] = [];
  // Where nobody said that there is one, its absence is nothing to tell of.
  for (const ask of member.member.admin.length > 0 ? [byAdmin, byWord] : [byWord]) {
    const reply = await ask(listing, member, asking);
    if ('value' in reply) return reply;
    missing.unshift(...reply.missing);
  }
  return { missing };
}

/** Puts the question to all of them at once. */
export function askAll<T>(
  listing: Listing<T>,
  members: readonly MemberObservation[],
  asking: Asking,
): Promise<{ member: MemberObservation; reply: Reply<T> }[]> {
  return Promise.all(members.map(async (member) => ({ member, reply: await askFor(listing, member, asking) })));
}

function byAdmin<T>(listing: Listing<T>, member: MemberObservation, asking: Asking): Promise<Reply<T>> {
  const { command } = listing;
  return attempt(`admin:${command}`, asking, async () => {
    const { fields } = await askAdminCommand(member, command, asking);
    return listing.ofFields(fields, member);
  });
}

function byWord<T>(listing: Listing<T>, member: MemberObservation, asking: Asking): Promise<Reply<T>> {
  const { word } = listing;
  return attempt(`4lw:${word}`, asking, async () => {
    const text = await askWord(member, word, asking);
    return NOT_SERVING.test(text) ? undefined : listing.ofText(text, member);
  });
}

const NOT_SERVING = /^This ZooKeeper instance is not currently serving requests/;

async function attempt<T>(source: string, { signal }: Asking, ask: () => Promise<T | undefined>): Promise<Reply<T>> {
  try {
    const value = await ask();
    return value === undefined ? { missing: [{ source, reason: 'it does not tell now' }] } : { value, source };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ZkshError)) throw error;
    return { missing: [{ source, reason: reasonOf(error) }] };
  }
}

/** The error where an empty list would look like an answer, and is none. */
export function nobodyTold(what: string, missing: readonly Missing[]): ZkshError {
  const reasons = [
    ...new Set(missing.map(({ source, reason }) => (source === 'all' ? reason : `${source}: ${reason}`))),
  ];
  return new ZkshError(`no member tells ${what} (${reasons.slice(0, REASONS).join('; ')})`, {
    code: 'NOT_TOLD',
    exitCode: ExitCode.refused,
    hint: 'Name their AdminServers with --admin, or add the words to 4lw.commands.whitelist in every zoo.cfg.',
  });
}

/** Reasons told in one error. */
const REASONS = 4;
