import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UsageError } from '../protocol/errors.ts';
import { type ExportReader, intactEnd, readExport } from './ndjson-reader.ts';

/** An export in a file, which can be read as often as needed, or one that comes in once. */
export interface ImportSource {
  readonly name: string;
  /** False: it can be opened once. */
  readonly again: boolean;
  open(): Promise<ExportReader>;
  /** How many znodes it has, where it is just as it was written. */
  intact(): Promise<number | undefined>;
}

const CHUNK = 256 * 1024;

/** @throws UsageError `BAD_FILE` when it is opened */
export function exportFile(name: string, verify: boolean, signal: AbortSignal | undefined): ImportSource {
  return {
    name,
    again: true,
    open: async () => {
      const found = await stat(name).catch((error: Error) => {
        throw unreadable(name, error);
      });
      if (found.isDirectory()) throw unreadable(name, new Error('it is a directory'));
      return readExport(bytesOf(name, signal), { name, verify });
    },
    intact: async () => (await intactEnd(bytesOf(name, signal)).catch(() => undefined))?.znodes,
  };
}

/** What comes in on a stream. */
export function exportStream(stream: NodeJS.ReadableStream, verify: boolean): ImportSource {
  const name = 'stdin';
  return { name, again: false, open: () => readExport(bytes(stream), { name, verify }), intact: async () => undefined };
}

/**
 * Reads it to its end, so that what is wrong in it is known before anything is done. Where the checksum is right that is
 * enough; else every line is looked at, to say which is wrong.
 *
 * @returns how many znodes it has
 */
export async function checkExport(source: ImportSource): Promise<number> {
  const intact = await source.intact();
  if (intact !== undefined) return intact;
  const { batches } = await source.open();
  let znodes = 0;
  for await (const batch of batches) znodes += batch.length;
  return znodes;
}

async function* bytesOf(name: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(name, { highWaterMark: CHUNK, ...(signal && { signal }) }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw signal?.aborted === true ? error : unreadable(name, error as Error);
  }
}

async function* bytes(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

function unreadable(name: string, error: Error): UsageError {
  return new UsageError(`cannot read ${name}: ${error.message}`, { code: 'BAD_FILE', cause: error });
}
