import { duration } from '../cli/still-trying.ts';
import type { LostWithSession } from '../client/errors.ts';
import type { WatchEvent } from '../protocol/events.ts';
import { hex64 } from '../protocol/zxid.ts';

/** Names listed before the rest is only counted. */
const SHOWN = 5;

/** A server serves the session again. `awayMs`: since when it did not. */
export function reconnected(server: string | undefined, sessionId: bigint, awayMs: number): string {
  const away = `after ${duration(awayMs)}`;
  return `reconnected to ${server ?? 'a server'} ${away}; session ${hex64(sessionId)} goes on, watches and ephemerals are kept`;
}

/** The connection went; the session may live on. */
export function connectionLost(cause: Error | undefined): string {
  return `connection lost${because(cause)}; reconnecting`;
}

/** The session is gone: what went with it, by name; the history keeps no secret to give it again by itself. */
export function sessionExpired(lost: LostWithSession, hadAddedCredentials: boolean): string {
  const things = [
    listed(lost.ephemerals, 'ephemeral znode', 'ephemeral znodes'),
    listed(lost.watches, 'watch', 'watches'),
  ].filter((text) => text !== undefined);
  const what = things.length === 0 ? 'it held no ephemerals and no watches' : `lost with it: ${things.join(' and ')}`;
  const again = hadAddedCredentials ? ', which needs addauth again' : '';
  return `session ${hex64(lost.sessionId)} has expired; ${what}; opening a new session${again}`;
}

export function newSession(server: string | undefined, sessionId: bigint, timeoutMs: number): string {
  return `connected to ${server ?? 'a server'}; session ${hex64(sessionId)}, timeout ${duration(timeoutMs)}`;
}

/** A watch event, in ZooKeeper's words. */
export function watchEvent({ type, path, zxid }: WatchEvent): string {
  return `watch: ${type} ${path}${zxid === undefined || zxid < 0n ? '' : ` (zxid ${hex64(zxid)})`}`;
}

function listed(paths: readonly string[], one: string, many: string): string | undefined {
  if (paths.length === 0) return undefined;
  const names = paths.slice(0, SHOWN).join(', ') + (paths.length > SHOWN ? `, … ${paths.length - SHOWN} more` : '');
  return `${paths.length} ${paths.length === 1 ? one : many} (${names})`;
}

function because(cause: Error | undefined): string {
  return cause === undefined ? '' : `: ${cause.message}`;
}
