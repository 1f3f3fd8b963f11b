import type { Client } from '../client/client.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { BatchReader } from './batch-read.ts';
import type { BulkItem } from './bulk-write.ts';

export interface MissingOptions {
  signal?: AbortSignal | undefined;
  /** Told of each znode that is there. */
  found(path: string): void;
}

/** Looks under way at once. */
const IN_FLIGHT = 4;

/** Those items whose znode is not there, in order. Looked for many at a time, since a refused transaction costs more. */
export async function* missing(
  client: Client,
  items: Iterable<BulkItem>,
  options: MissingOptions,
): AsyncGenerator<BulkItem> {
  const whatever = { data: false, acl: false, watch: false, oneByOne: false };
  const reader = new BatchReader(client, { stat: true, ...whatever, signal: options.signal });
  const looks: Promise<readonly BulkItem[]>[] = [];
  for (const chunk of chunks(items, reader)) {
    const look = lookFor(reader, chunk, options);
    // Whoever comes to it hears of it; until then nobody does.
    look.catch(() => {});
    looks.push(look);
    if (looks.length === IN_FLIGHT) yield* (await looks.shift()) ?? [];
  }
  for (const look of looks) yield* await look;
}

async function lookFor(
  reader: BatchReader,
  chunk: readonly BulkItem[],
  { found }: MissingOptions,
): Promise<readonly BulkItem[]> {
  const looks = await reader.look(chunk.map(({ path }) => path));
  return chunk.filter(({ path }, i) => {
    const look = looks[i];
    if (isServerError(look, Errno.noNode)) return true;
    // What the ACL hides is there, too.
    if (look instanceof Error && !(look instanceof ServerError)) throw look;
    found(path);
    return false;
  });
}

function* chunks(items: Iterable<BulkItem>, reader: BatchReader): Generator<readonly BulkItem[]> {
  let chunk: BulkItem[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < reader.size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
