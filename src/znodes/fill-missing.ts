import type { Client } from '../client/client.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import type { BulkItem } from './bulk-write.ts';

export interface MissingOptions {
  signal?: AbortSignal | undefined;
  /** Told of each znode that is there. */
  found(path: string): void;
}

/** Looks under way at once. */
const IN_FLIGHT = 4;
const CHUNK = 500;
/** Bytes that one look may bring back. */
const REPLY_BYTES = 512 * 1024;

/** Those items whose znode is not there, in order. Looked for many at a time, since a refused transaction costs more. */
export async function* missing(
  client: Client,
  items: Iterable<BulkItem>,
  options: MissingOptions,
): AsyncGenerator<BulkItem> {
  const looks: Promise<readonly BulkItem[]>[] = [];
  for (const chunk of chunks(items)) {
    const look = lookFor(client, chunk, options);
    // Whoever comes to it hears of it; until then nobody does.
    look.catch(() => {});
    looks.push(look);
    if (looks.length === IN_FLIGHT) yield* (await looks.shift()) ?? [];
  }
  for (const look of looks) yield* await look;
}

async function lookFor(
  client: Client,
  chunk: readonly BulkItem[],
  { signal, found }: MissingOptions,
): Promise<readonly BulkItem[]> {
  const there = await present(client, chunk, signal);
  return chunk.filter(({ path }, i) => {
    if (there[i]) found(path);
    return !there[i];
  });
}

/** Data has to come along with multiRead: it can ask for nothing less. */
async function present(
  client: Client,
  chunk: readonly BulkItem[],
  signal: AbortSignal | undefined,
): Promise<boolean[]> {
  if (chunk.length > 1) {
    try {
      const reads = await client.multiRead(
        chunk.map(({ path }) => ({ type: 'getData', path })),
        { signal },
      );
      return reads.map((read) => read.type !== 'error' || !isServerError(read.error, Errno.noNode));
    } catch (error) {
      // A server before 3.6.
      if (!isServerError(error, Errno.unimplemented)) throw error;
    }
  }
  return Promise.all(chunk.map(async ({ path }) => (await client.exists(path, { signal })) !== undefined));
}

function* chunks(items: Iterable<BulkItem>): Generator<readonly BulkItem[]> {
  let chunk: BulkItem[] = [];
  let bytes = 0;
  for (const item of items) {
    chunk.push(item);
    bytes += expectedBytes(item);
    if (chunk.length < CHUNK && bytes < REPLY_BYTES) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}

/** Of the answer: the data that is to be there, and a Stat. */
function expectedBytes({ ops: [op] }: BulkItem): number {
  const data = op !== undefined && 'data' in op ? op.data : undefined;
  return 90 + (data?.length ?? 0);
}
