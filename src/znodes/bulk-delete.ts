import type { Client } from '../client/client.ts';
import type { ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import { type BulkItem, type BulkOptions, bulkWrite } from './bulk-write.ts';

/** How a deletion of many znodes went. */
export interface BulkDeleted {
  readonly deleted: number;
  /** Znodes that somebody else had deleted first. */
  readonly gone: number;
  /** In order; the first ones. */
  readonly failures: readonly { path: string; error: ZkshError }[];
  /** Failures beyond those listed. */
  readonly more: number;
}

/** As `bulkWrite`, of deletions: one whose znode is not there any more is no failure. */
export async function bulkDelete<I extends BulkItem>(
  client: Client,
  items: Iterable<I> | AsyncIterable<I>,
  options: Omit<BulkOptions<I>, 'settled'>,
): Promise<BulkDeleted> {
  let ours = 0;
  const { written, already, failed, failures } = await bulkWrite(client, items, {
    ...options,
    settled: (_, error, uncertain) => {
      if (!isServerError(error, Errno.noNode)) return false;
      // Its first delete got no answer: that was us.
      if (uncertain) ours += 1;
      return true;
    },
  });
  const listed = failures.map(({ item, error }) => ({ path: item.path, error }));
  return { deleted: written + ours, gone: already - ours, failures: listed, more: failed - listed.length };
}
