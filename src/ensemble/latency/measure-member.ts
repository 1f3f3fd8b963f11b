import { setMaxListeners } from 'node:events';
import type { Client } from '../../client/client.ts';
import type { ConnectOptions } from '../../client/connect.ts';
import { formatHostPort } from '../../client/connect-string.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ClientTarget } from '../member.ts';
import type { Asking } from '../observe-member.ts';
import type { LatencyPlan, OperationLatency } from './operations.ts';
import { createPace } from './pace.ts';
import { nextStep, type Place, stepsOf } from './steps.ts';

/** What a client of one member sees. */
export interface MemberMeasurement {
  /** Milliseconds of the quickest `exists /`: the way there and back, and what a server takes at least. */
  roundTrip: number | undefined;
  /** The member serves reads alone. */
  readOnly: boolean | undefined;
  /** In the order of the plan; what was measured until the end, if there was an error. */
  operations: readonly OperationLatency[];
  /** Why it could not be measured, or not to the end. */
  error: ZkshError | undefined;
}

/** Requests before anything counts: the first ones pay for what both ends have never run before. */
const WARM_UP = 5;
const FAREWELL = 500;

/**
 * Measures the operations of a plan at one member, on one session, one request at a time. Requests that the member does
 * not answer within the limit end it. Throws `INTERRUPTED` alone.
 *
 * @param offset milliseconds to let pass first, so that members are not asked all in the same instant
 * @param onRequest called after each request
 */
export async function measureMember(
  target: ClientTarget,
  plan: LatencyPlan,
  asking: Asking,
  { offset = 0, onRequest }: { offset?: number; onRequest?: (() => void) | undefined } = {},
): Promise<MemberMeasurement> {
  const steps = stepsOf(plan);
  const endless = plan.duration !== undefined && plan.count === undefined;
  let roundTrip: number | undefined;
  let readOnly: boolean | undefined;
  const error = await onSession(target, plan.chroot, asking, async (place) => {
    readOnly = place.client.state === 'READ_ONLY';
    roundTrip = await quickest(place, WARM_UP);
    const pace = createPace({ rate: plan.rate, duration: plan.duration, offset });
    for (;;) {
      const step = nextStep(steps, endless);
      if (step === undefined || !(await pace.turn(place.signal))) return;
      step.done += 1;
      await step.run(place);
      onRequest?.();
    }
  });
  const operations = steps.flatMap(({ records }) => records.map((record) => record.taken()));
  const exists = operations.find(({ operation }) => operation === 'exists')?.distribution?.min;
  return { roundTrip: least(roundTrip, exists), readOnly, operations, error };
}

/** Runs work on a session that is pinned to one member, and ends with the connection. @returns why it ended early */
async function onSession(
  target: ClientTarget,
  chroot: string,
  { limit, connect, options, signal }: Asking,
  work: (place: Place) => Promise<void>,
): Promise<ZkshError | undefined> {
  const ended = new AbortController();
  const either = AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]);
  setMaxListeners(0, either);
  const servers = `${formatHostPort(target)}${chroot}`;
  const how: ConnectOptions = {
    ...options,
    ...(target.tls ? {} : { tls: undefined }),
    readOnly: true,
    // A request's own limit is to pass first, so that a stall shorter than that is measured, and not the end.
    sessionTimeout: Math.max(4000, 2 * limit),
    connectTimeout: limit,
    requestTimeout: limit,
  };
  let client: Client | undefined;
  try {
    client = await connect(servers, {
      ...how,
      signal: either,
      onState: ({ type, state, cause }) => {
        // Before, it is for connect to say why there is none.
        if (client !== undefined && type === 'state' && (state === 'SUSPENDED' || state === 'LOST'))
          ended.abort(lost(servers, cause));
      },
    });
    await work({ client, servers, connect, options: how, signal: either });
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    const reason: unknown = ended.signal.aborted ? ended.signal.reason : error;
    if (reason instanceof ZkshError) return reason;
    throw reason;
  } finally {
    await client?.close({ timeout: FAREWELL }).catch(() => undefined);
  }
}

async function quickest({ client, signal }: Place, count: number): Promise<number> {
  let found = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    await client.exists('/', { signal });
    found = Math.min(found, performance.now() - before);
  }
  return found;
}

function lost(server: string, cause: ZkshError | undefined): ZkshError {
  const why = cause === undefined ? '' : `: ${cause.message}`;
  return new ZkshError(`the connection to ${server} was lost${why}`, {
    code: 'CONNECTION_LOST',
    exitCode: ExitCode.connection,
    hint: 'See its state with status.',
    cause,
  });
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a !== undefined && b !== undefined ? Math.min(a, b) : (a ?? b);
}
