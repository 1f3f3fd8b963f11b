import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../protocol/errors.ts';
import { bad } from './ndjson-parse.ts';

/** Whole lines of a file, as they stand in it. */
export interface Block {
  readonly bytes: Buffer;
  /** False for what stands after the last line feed of the file: the rest of a line that was cut off, most likely. */
  readonly whole: boolean;
}

/** No znode comes near: `jute.maxbuffer` is 1 MiB by default, and JSON makes at most six times of it. */
const LONGEST_LINE = 512 * 1024 * 1024;
const LINE_FEED = 0x0a;
const CHUNK = 256 * 1024;

/** The bytes themselves, where they are gzip's unpacked. @throws UsageError `TRUNCATED_EXPORT`, `BAD_EXPORT` */
export async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head: Buffer[] = [];
    let size = 0;
    // A pipe may give one byte at a time.
    while (size < 2) {
      const { value, done } = await chunks.next();
      if (done === true) break;
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      head.push(bytes);
      size += bytes.length;
    }
    const first = Buffer.concat(head);
    yield* first[0] === 0x1f && first[1] === 0x8b ? gunzipped(first, chunks) : resumed(first, chunks);
  } finally {
    await chunks.return?.();
  }
}

async function* resumed(first: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    const { value } = next;
    yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}

async function* gunzipped(first: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  pipeline(Readable.from(resumed(first, rest)), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw truncated('the gzip file ends too early');
    throw code?.startsWith('Z_') ? bad(`the gzip file is damaged: ${message}`, error) : error;
  } finally {
    gunzip.destroy();
  }
}

/** Groups of whole lines, each ending with a line feed but the last of a file that does not. */
export async function* blocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Block> {
  let rest: Buffer[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield { bytes: Buffer.concat([...rest, chunk.subarray(0, end)]), whole: true };
      rest = [];
      held = 0;
    }
    if (end === chunk.length) continue;
    rest.push(chunk.subarray(end));
    held += chunk.length - end;
    if (held > LONGEST_LINE) throw bad('a line is longer than any znode makes it');
  }
  if (held > 0) yield { bytes: Buffer.concat(rest), whole: false };
}

/** The lines of a block, without their line feeds. @throws UsageError `BAD_EXPORT` with the line that is no UTF-8 */
export function linesOf({ bytes, whole }: Block, firstLine: number): string[] {
  if (!isUtf8(bytes)) throw bad(`line ${firstLine + badLine(bytes)}: it is no UTF-8`);
  const lines = bytes.toString('utf8').split('\n');
  if (whole) lines.pop();
  return lines;
}

function badLine(bytes: Buffer): number {
  for (let line = 0, start = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** The file ends before its end: what is missing can't be known. */
export function truncated(why: string): UsageError {
  return new UsageError(why, {
    code: 'TRUNCATED_EXPORT',
    hint: 'Part of it is missing: it was cut off while being written or copied. Export or copy it again.',
  });
}
