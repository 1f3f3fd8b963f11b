import { asConnectionFailure, type Failure, reasonOf } from './attempt.ts';
import { attemptTimeout, pauseAfter } from './backoff.ts';
import { formatHostPort, type HostPort } from './connect-string.ts';
import type { Connection } from './connection.ts';
import type { Environment } from './environment.ts';
import { describeTarget, oneRound, type Target } from './host-list.ts';

/** The session whose connection is to be kept up. */
export interface Reconnecting {
  hosts: readonly HostPort[];
  first: HostPort | undefined;
  environment: Environment;
  over(): boolean;
  /** A server to try before the others, asked once a round. */
  preferred(): Target | undefined;
  sessionTimeout(): number;
  establish(target: Target, timeout: number): Promise<Connection>;
  /** Resolves when the connection has ended. */
  serve(connection: Connection): Promise<void>;
  /** Every server failed this round. */
  inVain(failures: readonly Failure[]): void;
  sleep(milliseconds: number): Promise<void>;
}

/** A connection that ends within so many milliseconds did not help: the next is not made at once. */
const BRIEF = 1000;

/** Goes round the servers, stays with the first that gives a session, and starts anew when it is lost, until over. */
export async function keepConnected(session: Reconnecting): Promise<void> {
  const { environment } = session;
  let rounds = 0;
  let brief = 0;
  let last: Target | undefined;
  while (!session.over()) {
    const outcome = await tryRound(session, rounds, last);
    if (session.over()) return;
    if ('target' in outcome) {
      rounds = 0;
      last = outcome.target;
      brief = outcome.servedFor < BRIEF ? brief + 1 : 0;
      // The first retry comes at once; a server that grants sessions only to drop them must not be hammered.
      if (brief > 1) await session.sleep(pauseAfter(brief - 1, environment.random()));
      continue;
    }
    rounds++;
    session.inVain(outcome.failures);
    if (!session.over()) await session.sleep(pauseAfter(rounds, environment.random()));
  }
}

type RoundOutcome = { target: Target; servedFor: number } | { failures: Failure[] };

async function tryRound(session: Reconnecting, rounds: number, last: Target | undefined): Promise<RoundOutcome> {
  const { environment, hosts } = session;
  const failures: Failure[] = [];
  for await (const found of candidates(session, last)) {
    if (session.over()) break;
    let connection: Connection;
    try {
      if ('error' in found) throw found.error;
      connection = await session.establish(found, attemptTimeout(rounds, hosts.length, session.sessionTimeout()));
    } catch (error) {
      const failure = asConnectionFailure(error);
      const server = 'error' in found ? formatHostPort(found.host) : describeTarget(found);
      failures.push({
        attempt: { server, reason: reasonOf(failure), code: failure.code, hint: failure.hint },
        error: failure,
      });
      continue;
    }
    const since = environment.now();
    await session.serve(connection);
    return { target: connection.target, servedFor: environment.now() - since };
  }
  return { failures };
}

async function* candidates(session: Reconnecting, last: Target | undefined): ReturnType<typeof oneRound> {
  const preferred = session.preferred();
  if (preferred !== undefined) yield preferred;
  yield* oneRound(session.hosts, session.environment, { first: session.first, last });
}
