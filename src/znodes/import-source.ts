import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UsageError } from '../protocol/errors.ts';
import type { ExportHeader } from './ndjson-format.ts';
import { type ExportReader, readExport } from './ndjson-reader.ts';

/** An export in a file, which can be read as often as needed, or one that comes in once. */
export interface ImportSource {
  readonly name: string;
  /** False: it can be opened once. */
  readonly again: boolean;
  open(): Promise<ExportReader>;
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
  };
}

/** What comes in on a stream. */
export function exportStream(stream: NodeJS.ReadableStream, verify: boolean): ImportSource {
  const name = 'stdin';
  return { name, again: false, open: () => readExport(bytes(stream), { name, verify }) };
}

/** Reads it to its end, so that what is wrong in it is known before anything is done. @returns its header and count */
export async function checkExport(source: ImportSource): Promise<{ header: ExportHeader; znodes: number }> {
  const { header, batches } = await source.open();
  let znodes = 0;
  for await (const batch of batches) znodes += batch.length;
  return { header, znodes };
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
