import { setMaxListeners } from 'node:events';
import type { Client } from '../client/client.ts';
import { AbortedError, type Outcome } from '../client/errors.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { validatePath } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { type ClockReading, clockReading, together } from './clock.ts';
import type { Asking, MemberObservation } from './observe-member.ts';
import { type Bounds, ProofSession } from './proof-session.ts';
import { outcomeOf, type ProofMember, type Unproven, unprovenWrite } from './unproven.ts';

/** A written znode as a member has it. */
interface ReadBack {
  reader: ProofMember;
  ok: boolean;
  /** Milliseconds of `sync` and the read. */
  took: number;
  error?: ZkshError | undefined;
  /** It was brought up to the leader and does not have the znode. */
  stale?: boolean | undefined;
}

/** One write through one member. */
export interface WriteProof {
  writer: ProofMember;
  ok: boolean;
  /** Milliseconds from the request to its answer. */
  took: number;
  error?: ZkshError | undefined;
  /** With an error: `unknown` where the answer never came, so that the write may have happened. */
  outcome?: Outcome | undefined;
  /** The other members that have a session; the writer itself where there is none. Empty where nothing was written. */
  readers: readonly ReadBack[];
  /** The leader's clock, by which the znode was created. */
  clock?: ClockReading | undefined;
}

/** What a write through every member brought. */
export interface CommitProof {
  /** A write through every member was acknowledged, and every member has every one of them. */
  proven: boolean;
  /** Where the znodes were. */
  parent: string;
  writers: readonly WriteProof[];
  /** Members through which nothing could be written, without that being a failed write. */
  unproven: readonly Unproven[];
  /** Znodes whose removal nobody confirmed: they go with their session, some seconds later. */
  left: readonly string[];
  /** The clock of the leader: every transaction has its time from there (PrepRequestProcessor). */
  leaderClock: ClockReading | undefined;
  /** Milliseconds. */
  took: number;
}

/** The share of the limit kept for removing what was written, and the most of it in milliseconds. */
const CLEANUP_SHARE = 0.25;
const CLEANUP_LIMIT = 1500;

/**
 * Proves that each member commits: an ephemeral znode is created through it and read back through every other one after
 * `sync`. Then all of them are removed and the sessions closed, also when it is interrupted. Ends within the limit. Each
 * member costs four transactions, and watches on the children of the parent fire.
 *
 * @param how `parent` is where to create, `/` by default; `random` gives numbers in [0, 1)
 * @throws ZkshError `INTERRUPTED`; UsageError for a bad `parent`
 */
export async function proveCommits(
  members: readonly MemberObservation[],
  asking: Asking,
  how: { parent?: string | undefined; random: () => number },
): Promise<CommitProof> {
  const parent = validatePath(how.parent ?? '/');
  const started = performance.now();
  const reserve = Math.min(CLEANUP_LIMIT, asking.limit * CLEANUP_SHARE);
  const signal = asking.signal && AbortSignal.any([asking.signal]);
  // Every step of every member listens: that is no leak to warn of.
  if (signal !== undefined) setMaxListeners(0, signal);
  const bounds = (): Bounds => ({
    timeout: Math.max(1, asking.limit - reserve - (performance.now() - started)),
    signal,
  });
  const mark = Math.floor(how.random() * 2 ** 48).toString(36);
  const sessions = members.map((seen, i) => {
    const { id = `m${i + 1}` } = seen.member;
    const path = `${parent === '/' ? '' : parent}/zksh-proof-${mark}-${id}`;
    return new ProofSession(seen, asking, { ...bounds(), path, text: `zksh proves that ${id} commits: ${mark}` });
  });
  let results: readonly (WriteProof | Unproven)[] = [];
  let left: readonly string[] = [];
  try {
    results = await Promise.all(sessions.map((session) => proveOne(session, sessions, parent, bounds)));
  } finally {
    left = await endAll(sessions, reserve);
  }
  if (signal?.aborted === true) throw new AbortedError('the proof by writes', 'none');
  const writers = results.filter((result): result is WriteProof => 'writer' in result);
  const unproven = results.filter((result): result is Unproven => 'why' in result);
  const proven = unproven.length === 0 && writers.length > 0 && writers.every(isWhole);
  const leaderClock = together(writers.flatMap(({ clock }) => clock ?? []));
  return { proven, parent, writers, unproven, left, leaderClock, took: performance.now() - started };
}

async function proveOne(
  session: ProofSession,
  sessions: readonly ProofSession[],
  parent: string,
  bounds: () => Bounds,
): Promise<WriteProof | Unproven> {
  const { member: writer } = session;
  const client = await session.opened;
  if ('why' in client) return client;
  const [since, from] = [performance.now(), Date.now()];
  let took: number | undefined;
  let to = from;
  let written: Stat;
  try {
    await session.write(client, bounds());
    took = performance.now() - since;
    // Date.now() is cut to the millisecond.
    to = Date.now() + 1;
    written = (await session.read(client, session.path, bounds())).stat;
  } catch (error) {
    if (!(error instanceof ZkshError)) throw error;
    if (took !== undefined) return { writer, ok: false, took, error, readers: [] };
    const failed = {
      writer,
      ok: false,
      took: performance.now() - since,
      error,
      outcome: outcomeOf(error),
      readers: [],
    };
    return unprovenWrite(error, writer, parent) ?? failed;
  }
  const others = sessions.filter((one) => one !== session);
  const readers = await Promise.all(
    (others.length === 0 ? [session] : others).map((reader) => readBack(reader, session, written, bounds)),
  );
  const made = Number(written.ctime);
  const clock = clockReading('transaction', { from: made, to: made + 1 }, { from, to });
  return { writer, ok: true, took, clock, readers: readers.filter((reader) => reader !== undefined) };
}

/** Undefined where there is no session to read by. */
async function readBack(
  session: ProofSession,
  { path, text }: ProofSession,
  { czxid }: Stat,
  bounds: () => Bounds,
): Promise<ReadBack | undefined> {
  const { member: reader } = session;
  const client: Client | Unproven = await session.opened;
  if ('why' in client) return undefined;
  const since = performance.now();
  try {
    const found = await session.read(client, path, bounds());
    const took = performance.now() - since;
    if (found.text === text && found.stat.czxid === czxid) return { reader, ok: true, took };
    return { reader, ok: false, took, error: differs(path, reader) };
  } catch (error) {
    if (!(error instanceof ZkshError)) throw error;
    const took = performance.now() - since;
    return { reader, ok: false, took, error, ...(error.code === 'NO_NODE' ? { stale: true } : {}) };
  }
}

/** Takes away what was written, through another member where its own does not do it. @returns what may still be there */
async function endAll(sessions: readonly ProofSession[], reserve: number): Promise<string[]> {
  const step = reserve / 3;
  const removed = await Promise.all(
    sessions.map(async (session) => {
      if (await session.remove(step)) return true;
      const others = sessions.filter((one) => one !== session);
      const tries = others.map(async (other) => {
        if (!(await other.removeOf(session, step / 2))) throw new Error('not this one');
      });
      return Promise.any(tries).then(
        () => true,
        () => false,
      );
    }),
  );
  await Promise.all(sessions.map((session) => session.close(step)));
  return sessions.filter((_, i) => removed[i] !== true).map(({ path }) => path);
}

function isWhole({ ok, readers }: WriteProof): boolean {
  return ok && readers.length > 0 && readers.every((reader) => reader.ok);
}

function differs(path: string, { id, host }: ProofMember): ZkshError {
  return new ZkshError(`${path} is another znode on member ${id ?? host} than the one written`, {
    code: 'DIVERGED',
    exitCode: ExitCode.unhealthy,
    hint: 'Its data has diverged: compare the members, and let it sync from the leader anew.',
  });
}
