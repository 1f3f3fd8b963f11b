import { formatHostPort } from '../client/connect-string.ts';
import { hex64 } from '../protocol/zxid.ts';
import { askWord } from './ask-member.ts';
import { type ClockReading, clockReading } from './clock.ts';
import { reasonOf } from './missing.ts';
import type { Asking, MemberObservation } from './observe-member.ts';
import { targetOf } from './observed-member.ts';

const SESSION_TIMEOUT = 4000;

/** A member's clock, or why nobody tells it. */
export type ClockAnswer = { clock: ClockReading } | { reason: string };

/**
 * The clock of a member: as its AdminServer told, where the look at it found one. Else a session is opened, and `cons` (on
 * the whitelist by default up to 3.5.2) tells when the server's clock had its connection made. Ends within the limit.
 *
 * @throws ZkshError `INTERRUPTED` alone
 */
export async function askClock(seen: MemberObservation, asking: Asking): Promise<ClockAnswer> {
  if (seen.clock !== undefined) return { clock: seen.clock };
  const target = targetOf(seen);
  if (target === undefined) return { reason: 'neither an AdminServer nor a client port answers' };
  const started = performance.now();
  const left = (): number => Math.max(1, asking.limit - (performance.now() - started));
  try {
    const options = target.tls ? asking.options : { ...asking.options, tls: undefined };
    const from = Date.now();
    const client = await asking.connect(formatHostPort(target), {
      ...options,
      readOnly: true,
      prefer: undefined,
      sessionTimeout: SESSION_TIMEOUT,
      connectTimeout: left(),
      signal: asking.signal,
    });
    // Date.now() is cut to the millisecond.
    const to = Date.now() + 1;
    try {
      const text = await askWord(seen, 'cons', { ...asking, limit: left() });
      const made = establishedOf(text, client.sessionId);
      if (made === undefined) return { reason: 'cons does not tell of the session asked about' };
      return { clock: clockReading('4lw:cons', { from: made, to: made + 1 }, { from, to }) };
    } finally {
      await client.close({ timeout: Math.min(left(), 1000) });
    }
  } catch (error) {
    asking.signal?.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

/** When the connection of a session was made, by the server's clock; milliseconds since 1970. */
export function establishedOf(cons: string, sessionId: bigint): number | undefined {
  const line = cons.split('\n').find((one) => one.includes(`sid=${hex64(sessionId)},`));
  const [, made] = /[,(]est=(\d{1,15})[,)]/.exec(line ?? '') ?? [];
  return made === undefined ? undefined : Number(made);
}
