import { setTimeout as sleep } from 'node:timers/promises';
import { type EndingOptions, endSession, type SessionEnd } from '../../client/end-session.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { Errno, isServerError } from '../../protocol/server-errors.ts';
import { hex64 } from '../../protocol/zxid.ts';
import { type Missing, reasonOf } from '../missing.ts';
import type { EnsembleObservation } from '../observe.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import { targetOf } from '../observed-member.ts';
import { isServing } from './member-client.ts';
import { sessionPassword } from './password.ts';
import { type MemberName, nameOf } from './places.ts';
import type { SessionEntry } from './report.ts';
import { askTracked } from './tracked.ts';

/** A session that was ended, and the member that did it and then knew it no more. */
export interface Ended {
  readonly member: MemberName;
  /** Another did it meanwhile: it was known when we were to end it, and gone when we asked again. */
  readonly byUs: boolean;
}

/**
 * A client whose connection is taken comes back at once, and takes the session from us: the server closes our connection
 * then, maybe before we are heard.
 */
const ATTEMPTS = 8;
const PAUSE = 50;
/** Asked for where nobody told the session's own, in milliseconds. */
const SESSION_TIMEOUT = 30_000;

/**
 * Ends a session for good: goes on with it as its client would, and closes it. Its client is left alone until then, where
 * another member can do it; a local session is known to its own alone. It is ended only when a member that knew it knows
 * it no more.
 *
 * @throws ZkshError `NO_SUCH_SESSION` where no member knows it; `KILL_FAILED`, with what is known, otherwise
 */
export async function killSession(
  session: SessionEntry,
  { members }: EnsembleObservation,
  asking: Asking,
): Promise<Ended> {
  const identity = { sessionId: session.id, password: sessionPassword(session.id) };
  const failures: Missing[] = [];
  for (const member of candidates(session, members)) {
    const end = () => endOn(member, identity, session, asking);
    const outcome = await endOnMember(end, asking.limit);
    if (typeof outcome === 'object') {
      // It says itself whether the session may have been ended.
      if (asking.signal?.aborted === true) throw outcome.error;
      if (outcome.known || isRefusal(outcome.error)) throw failed(session.id, member, outcome.error);
      failures.push({ source: nameOf(member).host, reason: reasonOf(outcome.error) });
    } else if (outcome !== 'unknown') return { member: nameOf(member), byUs: outcome === 'ended' };
    // The leader answers for all of a quorum.
    else if (session.kind === 'global') break;
  }
  if (failures.length > 0) throw notReached(session.id, failures);
  const { tracked } = await askTracked(members, asking);
  if (tracked?.value.sessions?.has(session.id) === true) throw passwordRefused(session.id, nameOf(tracked.member));
  throw noSession(session.id);
}

type Outcome = 'ended' | 'gone' | 'unknown' | { error: unknown; known: boolean };

/** Until the member knows it no more, for so many milliseconds at most. */
async function endOnMember(end: () => Promise<SessionEnd>, limit: number): Promise<Outcome> {
  const started = performance.now();
  let known = false;
  let ended = false;
  let failure: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (failure !== undefined) await sleep(attempt * PAUSE);
    try {
      const found = await end();
      if (found === 'unknown') return ended ? 'ended' : known ? 'gone' : 'unknown';
      ended = true;
      failure = undefined;
    } catch (error) {
      failure = error;
      known ||= error instanceof ZkshError && 'outcome' in error && error.outcome === 'unknown';
      if (!isTakenBack(error) || performance.now() - started > limit) break;
    }
  }
  // The server said that it closed it; what came after was to make sure.
  if (ended) return 'ended';
  return { error: failure, known };
}

/** The server closed our connection: before it answered, or before it told that the session is closed. */
function isTakenBack(error: unknown): boolean {
  return error instanceof ZkshError && (error.code === 'NOT_SERVING' || error.code === 'CONNECTION_LOST');
}

function endOn(
  member: MemberObservation,
  identity: { sessionId: bigint; password: Uint8Array },
  session: SessionEntry,
  { options, limit, signal }: Asking,
): Promise<SessionEnd> {
  const target = targetOf(member);
  if (target === undefined) return Promise.resolve('unknown');
  const how: EndingOptions = {
    ...options,
    tls: target.tls ? options.tls : undefined,
    signal,
    timeout: limit,
    sessionTimeout: session.timeout ?? SESSION_TIMEOUT,
  };
  return endSession(target, identity, how);
}

/**
 * The leader, others it is not connected to, its own: a client whose connection stands fights for its session. A local
 * session: where it is connected, or where it was made, as the highest byte of its id says.
 */
function candidates({ id, kind, places }: SessionEntry, members: readonly MemberObservation[]): MemberObservation[] {
  const here = new Set(places.map(({ member }) => member.host));
  const origin = BigInt.asUintN(64, id) >> 56n;
  const isOwn = (member: MemberObservation): boolean => {
    if (places.length > 0) return here.has(nameOf(member).host);
    return member.member.id !== undefined && BigInt.asUintN(8, member.member.id) === origin;
  };
  const rank = (member: MemberObservation): number => {
    if (isOwn(member)) return kind === 'local' ? 0 : 3;
    return member.facts.role?.value === 'leader' ? 1 : 2;
  };
  return members.filter(isServing).sort((a, b) => rank(a) - rank(b));
}

function isRefusal(error: unknown): boolean {
  return isServerError(error, Errno.sessionClosedRequireSaslAuth) || isServerError(error, Errno.authFailed);
}

function failed(id: bigint, member: MemberObservation, error: unknown): ZkshError {
  const refused = isRefusal(error);
  const message = `session ${hex64(id)} could not be ended on ${nameOf(member).host}: ${reasonOf(error)}`;
  if (refused) {
    return new ZkshError(`${message}; it lives on`, {
      code: 'KILL_FAILED',
      exitCode: ExitCode.refused,
      hint: 'The server takes requests of authenticated sessions only: give --sasl or --auth.',
      cause: error,
    });
  }
  const unsure = new ZkshError(`${message}; it is not known whether it lives on`, {
    code: 'KILL_FAILED',
    exitCode: ExitCode.failure,
    hint: `Look with sessions show ${hex64(id)}, and end it again: that does no harm.`,
    cause: error,
  });
  return Object.assign(unsure, { outcome: 'unknown' });
}

function notReached(id: bigint, failures: readonly Missing[]): ZkshError {
  const reasons = failures.map(({ source, reason }) => `${source}: ${reason}`).join('; ');
  return new ZkshError(`session ${hex64(id)} was not ended: ${reasons}`, {
    code: 'KILL_FAILED',
    exitCode: ExitCode.connection,
    hint: 'It lives on, as far as is known; its client may have had to reconnect. See the members with status.',
  });
}

function passwordRefused(id: bigint, { host }: MemberName): ZkshError {
  return new ZkshError(`no member goes on with session ${hex64(id)}, though ${host} lists it`, {
    code: 'KILL_FAILED',
    exitCode: ExitCode.refused,
    hint: 'It lives on, or is being closed at this moment; its client may have had to reconnect. Try again.',
  });
}

/** No session of that id is known to anybody. */
export function noSession(id: bigint, hint?: string): ZkshError {
  return new ZkshError(`there is no session ${hex64(id)}: no member knows it`, {
    code: 'NO_SUCH_SESSION',
    exitCode: ExitCode.notFound,
    hint: hint ?? 'It has ended, or never was. See those there are with sessions.',
  });
}
