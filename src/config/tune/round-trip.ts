import { formatHostPort } from '../../client/connect-string.ts';
import { reasonOf } from '../../ensemble/missing.ts';
import type { Asking, MemberObservation } from '../../ensemble/observe-member.ts';
import { targetOf } from '../../ensemble/observed-member.ts';
import { medianOf } from '../../ensemble/robust.ts';

/** How long one member takes to answer a read, in milliseconds. */
export interface RoundTrip {
  readonly median: number;
  readonly max: number;
  readonly count: number;
}

const SESSION_TIMEOUT = 4000;
const READS = 7;

/**
 * Reads `/` a few times on a session with one member and no other; a reason in words where that cannot be had. A session
 * is a transaction of the ensemble when it is opened, and another when it is closed.
 */
export async function measureRoundTrip(
  observation: MemberObservation,
  { connect, options, limit, signal }: Asking,
): Promise<RoundTrip | string> {
  const target = targetOf(observation);
  if (target === undefined) return 'it takes no clients at an address that is known';
  try {
    const client = await connect(formatHostPort(target), {
      ...options,
      ...(target.tls ? {} : { tls: undefined }),
      readOnly: true,
      sessionTimeout: SESSION_TIMEOUT,
      connectTimeout: limit,
      requestTimeout: limit,
      signal,
    });
    try {
      // The first pays for what the others find done.
      await client.exists('/', { signal });
      const times: number[] = [];
      for (let i = 0; i < READS; i += 1) {
        const since = performance.now();
        await client.exists('/', { signal });
        times.push(performance.now() - since);
      }
      return { median: medianOf(times) ?? 0, max: Math.max(...times), count: READS };
    } finally {
      await client.close({ timeout: 1000 }).catch(() => undefined);
    }
  } catch (error) {
    signal?.throwIfAborted();
    return reasonOf(error);
  }
}
