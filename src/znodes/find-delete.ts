import type { Client } from '../client/client.ts';
import { parentOf } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { BatchReader } from './batch-read.ts';
import { bulkDelete } from './bulk-delete.ts';
import type { BulkItem } from './bulk-write.ts';
import { kindOf } from './node-kind.ts';
import { brokenOff, Failures } from './partial-error.ts';

/** A znode to delete, as it was seen. */
export interface Doomed {
  readonly path: string;
  readonly stat: Stat;
}

/** What is to be deleted of what was found. */
export interface FoundDeletion {
  /** Children before parents. */
  readonly znodes: readonly Doomed[];
  /** Found, but with children that were not: these stay. */
  readonly kept: readonly string[];
  /** Of data. */
  readonly bytes: number;
  readonly ephemerals: readonly { path: string; owner: bigint }[];
}

/** How a deletion of what was found went. */
export interface FoundDeleted {
  readonly deleted: number;
  /** Znodes that somebody else has deleted first. */
  readonly gone: number;
  /** What is left, and why. */
  readonly failures: Failures;
}

export interface FoundDeletionOptions {
  signal?: AbortSignal | undefined;
  progress?: ((done: number) => void) | undefined;
}

/** Turns what was found, parents before children, into what can be deleted of it. */
export function planFoundDeletion(found: readonly Doomed[]): FoundDeletion {
  const znodes: Doomed[] = [];
  const kept: string[] = [];
  const ephemerals: { path: string; owner: bigint }[] = [];
  const going = new Map<string, number>();
  let bytes = 0;
  for (const { path, stat } of found.toReversed()) {
    if (path === '/' || stat.numChildren > (going.get(path) ?? 0)) {
      kept.push(path);
      continue;
    }
    const parent = parentOf(path);
    going.set(parent, (going.get(parent) ?? 0) + 1);
    going.delete(path);
    znodes.push({ path, stat });
    bytes += stat.dataLength;
    if (kindOf(stat).mode === 'ephemeral') ephemerals.push({ path, owner: stat.ephemeralOwner });
  }
  return { znodes, kept: kept.reverse(), bytes, ephemerals };
}

/**
 * Deletes these znodes and nothing else: each only if it is still the one that was found, with the version that was seen
 * and without children. What is refused is listed, the others go.
 */
export async function deleteFound(
  client: Client,
  { znodes, kept }: FoundDeletion,
  { signal, progress }: FoundDeletionOptions = {},
): Promise<FoundDeleted> {
  const left = new Failures();
  for (const path of kept) left.add(path, new ServerError(Errno.notEmpty, 'delete', path));
  let done = 0;
  let gone = 0;
  const items = stillTheSame(client, znodes, {
    signal,
    gone: () => {
      gone += 1;
    },
    other: (path) => left.add(path, new ServerError(Errno.badVersion, 'delete', path, CREATED_AGAIN)),
  });
  const result = await bulkDelete(client, items, {
    signal,
    progress: (now) => {
      done = now;
      progress?.(now);
    },
  }).catch((error) => {
    throw brokenOff(error, `${done} znodes were deleted`);
  });
  for (const { path, error } of result.failures) left.add(path, error);
  left.count += result.more;
  return { deleted: result.deleted, gone: gone + result.gone, failures: left };
}

const CREATED_AGAIN = 'It was deleted and created again since it was found.';

/**
 * The deletions of what is still there. Versions begin anew with each znode of a name, so that only its creation tells
 * the ephemeral of one session from that of the next: looked at just before, not when a person was asked.
 */
async function* stillTheSame(
  client: Client,
  znodes: readonly Doomed[],
  options: { signal: AbortSignal | undefined; gone(): void; other(path: string): void },
): AsyncGenerator<BulkItem> {
  const { signal } = options;
  const reader = new BatchReader(client, {
    stat: true,
    data: false,
    acl: false,
    watch: false,
    oneByOne: false,
    signal,
  });
  for (let at = 0; at < znodes.length; ) {
    const some = znodes.slice(at, at + reader.size);
    at += some.length;
    const looks = await reader.look(some.map(({ path }) => path));
    for (const [i, { path, stat }] of some.entries()) {
      const look = looks[i];
      if (isServerError(look, Errno.noNode)) options.gone();
      // What the ACL hides may still be deleted.
      else if (look instanceof Error && !isServerError(look, Errno.noAuth)) throw look;
      else if (look !== undefined && 'stat' in look && look.stat?.czxid !== stat.czxid) options.other(path);
      else yield { path, ops: [{ type: 'delete', path, version: stat.version }] };
    }
  }
}
