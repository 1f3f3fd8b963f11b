import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { EventType } from '../protocol/events.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import { walk } from './walk.ts';

/**
 * What happened, as a stream of observations tells it.
 *
 * - the event types of ZooKeeper, `NodeCreated` and so on
 * - `Present`: the znode was there when the watch began
 * - `Suspended`: no server serves the session; what happens now is not told
 * - `Resumed`: one does again; what happened in between was missed, so look again
 */
export type ObservedType = EventType | 'Present' | 'Suspended' | 'Resumed';

export interface Observation {
  type: ObservedType;
  /** The znode; for `Suspended` and `Resumed` the one that is watched. */
  path: string;
  /** Milliseconds since the epoch, by this machine's clock. */
  time: number;
  /** The transaction that did it; servers before 3.9 do not tell. For `Present` the one that last wrote the znode. */
  zxid?: bigint | undefined;
  /** The znode as it was right after, where it was asked for; undefined when it had gone. */
  node?: { data: Uint8Array | null; stat: Stat } | undefined;
  /** `Suspended`: why the connection went. */
  reason?: string | undefined;
  /** `Resumed`: how long nothing was heard, in milliseconds. */
  gap?: number | undefined;
}

export interface ObserveOptions {
  /** The znode and all below it; else the znode and the names of its children. */
  recursive: boolean;
  /** Begin with what is there. */
  initial: boolean;
  /** Read each znode after its event. */
  data: boolean;
  signal: AbortSignal;
  now(): number;
}

/**
 * What happens at `path` from now on. Leaving the loop takes the watch away.
 *
 * @throws SessionExpiredError when the session ends; the signal's reason when it is aborted
 */
export async function* observe(client: Client, path: string, options: ObserveOptions): AsyncGenerator<Observation> {
  const { signal, recursive, initial, now } = options;
  // A pending next() holds up return(): only the signal gets a stream that waits out of its wait.
  const own = new AbortController();
  const events = client.watch(path, { recursive, signal: AbortSignal.any([signal, own.signal]) });
  // Asked for before the walk: the server answers in order, so nothing falls between the two.
  let next = events.next();
  next.catch(() => {});
  let suspendedAt: number | undefined;
  try {
    if (initial) yield* present(client, path, options);
    for (;;) {
      const { done, value } = await next;
      if (done === true) break;
      if (!('state' in value)) {
        const { type, zxid } = value;
        const node = options.data ? await read(client, value.path, signal) : undefined;
        yield { type, path: value.path, time: now(), zxid: zxid < 0n ? undefined : zxid, node };
      } else if (value.type === 'state' && value.state === 'SUSPENDED') {
        suspendedAt = now();
        yield { type: 'Suspended', path, time: suspendedAt, reason: value.cause?.message };
      } else if (value.type === 'state' && value.state !== 'LOST' && suspendedAt !== undefined) {
        yield { type: 'Resumed', path, time: now(), gap: now() - suspendedAt };
        suspendedAt = undefined;
      }
      next = events.next();
      next.catch(() => {});
    }
    if (signal.aborted) throw signal.reason;
  } catch (error) {
    throw isServerError(error, Errno.unimplemented) ? tooOld(path) : error;
  } finally {
    own.abort();
    await events.return();
  }
}

async function* present(client: Client, path: string, options: ObserveOptions): AsyncGenerator<Observation> {
  const { recursive, signal, now } = options;
  const root = await client.exists(path, { signal });
  if (root === undefined) return;
  const seen = recursive ? walk(client, path, { signal, unreadable: () => {} }) : [{ path, stat: root }];
  for await (const { path: at, stat } of seen) {
    const node = options.data ? await read(client, at, signal) : undefined;
    yield { type: 'Present', path: at, time: now(), zxid: stat?.mzxid, node };
  }
}

/** Undefined for what is gone by now, or may not be read: the event stands all the same. */
async function read(client: Client, path: string, signal: AbortSignal): Promise<Observation['node']> {
  try {
    return await client.getData(path, { signal });
  } catch (error) {
    if (isServerError(error, Errno.noNode) || isServerError(error, Errno.noAuth)) return undefined;
    throw error;
  }
}

function tooOld(path: string): ZkshError {
  return new ZkshError(`the server can't watch ${JSON.stringify(path)} for good: it is older than ZooKeeper 3.6`, {
    code: 'UNIMPLEMENTED',
    exitCode: ExitCode.failure,
    hint: 'One-time watches work there: get -w, ls -w and stat -w in the shell.',
  });
}
