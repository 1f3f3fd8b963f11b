import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import type { ConnectOptions } from '../client/connect.ts';
import type { HostPort } from '../client/connect-string.ts';
import { askAdmin } from './ask-admin.ts';
import { askWords, type WordsAnswer } from './ask-words.ts';
import { type Connect, probeByClient } from './client-probe.ts';
import type { ClockReading } from './clock.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { type Answers, type Facts, factsOf } from './facts.ts';
import type { Further, Wishes } from './further.ts';
import type { Member } from './member.ts';
import type { Metrics } from './metrics.ts';
import { type Missing, reasonOf } from './missing.ts';

/** How members are asked. */
export interface Asking {
  /** Milliseconds one member may take in all, however many questions it is asked. */
  limit: number;
  signal?: AbortSignal | undefined;
  /** Opens the sessions of the last resort. */
  connect: Connect;
  options: ConnectOptions;
  /** TLS towards a host and port, for secure client ports and https. */
  secure?: ((server: HostPort) => ConnectionOptions) | undefined;
  /** What to ask besides the usual. */
  wishes?: Wishes | undefined;
}

/** A member as it was seen at one moment. */
export interface MemberObservation {
  member: Member;
  /** Undefined when nothing answered at all. */
  address: HostPort | undefined;
  facts: Facts;
  /** Where its AdminServer's commands are; undefined when it was not found, or may be another's. */
  adminUrl: string | undefined;
  /** Everything `monitor` or `mntr` told. */
  metrics: Metrics | undefined;
  /** Who told them. */
  metricsFrom: 'admin:monitor' | '4lw:mntr' | undefined;
  /** What `conf` told, by the names of zoo.cfg, and `configuration` of the AdminServer by its own. */
  settings: Pick<Answers, 'conf' | 'configuration'>;
  /** The membership it holds for committed, where it was told without being asked again. */
  config: DynamicConfig | undefined;
  missing: readonly Missing[];
  /** What was answered to the wishes. */
  further: Further;
  /** Milliseconds from the first question to the last answer. */
  took: number;
  /** Milliseconds of one exchange with the server that answered, a connection included. */
  roundTrip: number | undefined;
  /** Its clock, where an AdminServer told it. */
  clock?: ClockReading | undefined;
}

/** How long an AdminServer may take to take a connection once the four-letter words have told all, or most. Milliseconds. */
const GRACE_WHEN_COMPLETE = 250;
const GRACE_WHEN_REACHED = 1000;

/**
 * Asks one member by every way there is, at once, and never longer than the limit: a server that swallows everything costs
 * it once. A session is opened only where four-letter words bring nothing. Throws `INTERRUPTED` alone.
 */
export async function observeMember(member: Member, asking: Asking): Promise<MemberObservation> {
  const started = performance.now();
  const { limit, signal, secure, wishes = {} } = asking;
  const left = (): number => Math.max(1, limit - (performance.now() - started));
  const enough = new AbortController();
  // Every question listens: that is no leak to warn of.
  setMaxListeners(0, enough.signal);
  let timer: NodeJS.Timeout | undefined;
  try {
    const asked = askWords(member.targets, { limit, signal, secure, further: wishes.words });
    const ownId = asked.then(({ answers }) => factsOf(answers).serverId?.value);
    const admin = askAdmin(member, { ...asking, ownId, connecting: enough.signal, further: wishes.admin });
    const words = await asked;
    const session = needsSession(words) ? await askByClient(words, member, asking, left()) : {};
    signal?.throwIfAborted();
    if (words.address !== undefined) {
      const grace = words.answers.mntr === undefined ? GRACE_WHEN_REACHED : GRACE_WHEN_COMPLETE;
      timer = setTimeout(() => enough.abort(), grace);
    }
    const fromAdmin = await admin;
    signal?.throwIfAborted();
    return joined(member, words, session, fromAdmin, performance.now() - started);
  } finally {
    clearTimeout(timer);
  }
}

interface SessionAnswer {
  answers?: Answers;
  address?: HostPort;
  missing?: Missing;
  roundTrip?: number;
}

/** A server that refuses or swallows connections gives no session either; one that answers nothing useful may. */
function needsSession({ answers, open }: WordsAnswer): boolean {
  return answers.srvr === undefined && answers.notServing === undefined && open.length > 0;
}

async function askByClient(words: WordsAnswer, member: Member, asking: Asking, left: number): Promise<SessionAnswer> {
  const target = words.open[0] ?? member.targets[0];
  if (target === undefined) return {};
  const { connect, signal } = asking;
  const options = target.tls ? asking.options : { ...asking.options, tls: undefined };
  const since = performance.now();
  try {
    const client = await probeByClient(target, { connect, options, timeout: left, signal });
    return { answers: { client }, address: target, roundTrip: performance.now() - since };
  } catch (error) {
    signal?.throwIfAborted();
    const missing = { source: 'client', reason: reasonOf(error) };
    // Another port, or one for TLS, is closed unanswered too; a refused word is a ZooKeeper server's own voice.
    const silent = words.refused && isNotServing(error);
    return { missing, ...(silent ? { answers: { notServing: 'client' } } : {}) };
  }
}

function isNotServing(error: unknown): boolean {
  const attempts = error instanceof Error && 'attempts' in error ? (error.attempts as { code: string }[]) : [];
  return attempts.some(({ code }) => code === 'NOT_SERVING' || code === 'NO_SESSION');
}

function joined(
  member: Member,
  words: WordsAnswer,
  session: SessionAnswer,
  admin: Awaited<ReturnType<typeof askAdmin>>,
  took: number,
): MemberObservation {
  const notServing = words.answers.notServing ?? admin.answers.notServing ?? session.answers?.notServing;
  const answers = { ...admin.answers, ...words.answers, ...session.answers, notServing };
  const missing = [...words.missing, ...(session.missing === undefined ? [] : [session.missing]), ...admin.missing];
  return {
    member,
    address: words.address ?? session.address,
    facts: factsOf(answers),
    adminUrl: admin.url,
    metrics: answers.monitor ?? answers.mntr,
    metricsFrom: answers.monitor ? 'admin:monitor' : answers.mntr && '4lw:mntr',
    settings: { conf: answers.conf, configuration: answers.configuration },
    config: words.config ?? answers.client?.config,
    missing,
    further: {
      words: words.further.words,
      admin: admin.further.admin,
      missing: [...words.further.missing, ...admin.further.missing],
    },
    took,
    roundTrip: words.roundTrip ?? session.roundTrip,
    clock: admin.clock,
  };
}
