import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ByteSink } from './ndjson-writer.ts';

/** Where an export goes, from its beginning to its end. */
export interface ExportSink extends ByteSink {
  /** All of it is written: makes it what is there. */
  finish(): Promise<void>;
  /** It failed: leaves what was there before. After {@link finish} it does nothing. */
  discard(): Promise<void>;
}

/**
 * A file that is there whole or not at all, readable by its owner only: the data of znodes may be secret. What is no plain
 * file, such as a named pipe, is written as it is.
 *
 * @throws ZkshError `CANNOT_WRITE_FILE`
 */
export async function fileSink(name: string): Promise<ExportSink> {
  try {
    const place = await realpath(name).catch(() => name);
    const plain = await stat(place).then(
      (found) => found.isFile(),
      () => true,
    );
    const temporary = plain ? `${place}.${randomUUID()}.tmp` : undefined;
    const handle = await open(temporary ?? place, temporary === undefined ? 'w' : 'wx', 0o600);
    return new FileSink(name, place, temporary, handle);
  } catch (error) {
    throw cannotWrite(name, error);
  }
}

class FileSink implements ExportSink {
  readonly #name: string;
  readonly #place: string;
  /** What is renamed in the end; undefined for what is no plain file, and after that. */
  #temporary: string | undefined;
  #handle: FileHandle | undefined;
  /** The one write under way: lines are read and made meanwhile. */
  #writing: Promise<void> = Promise.resolve();

  constructor(name: string, place: string, temporary: string | undefined, handle: FileHandle) {
    this.#name = name;
    this.#place = place;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#written();
    this.#writing = this.#handle?.appendFile(bytes) ?? Promise.resolve();
    // Heard of by the next write or by finish.
    this.#writing.catch(() => {});
  }

  async finish(): Promise<void> {
    await this.#written();
    const handle = this.#handle;
    try {
      if (this.#temporary !== undefined) await handle?.sync();
      this.#handle = undefined;
      await handle?.close();
      if (this.#temporary !== undefined) await rename(this.#temporary, this.#place);
      this.#temporary = undefined;
    } catch (error) {
      throw cannotWrite(this.#name, error);
    }
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#handle?.close().catch(() => {});
    this.#handle = undefined;
    if (this.#temporary !== undefined) await unlink(this.#temporary).catch(() => {});
    this.#temporary = undefined;
  }

  async #written(): Promise<void> {
    try {
      await this.#writing;
    } catch (error) {
      throw cannotWrite(this.#name, error);
    }
  }
}

/** Packs what goes through; zlib works in threads of its own meanwhile. */
export function gzipped(sink: ExportSink): ExportSink {
  const gzip = createGzip();
  const pumped = (async () => {
    for await (const packed of gzip as AsyncIterable<Buffer>) await sink.write(packed);
  })();
  // Heard of by the next write or by finish.
  pumped.catch(() => gzip.destroy());
  return {
    async write(bytes) {
      if (gzip.write(bytes)) return;
      await Promise.race([new Promise((resolve) => gzip.once('drain', resolve)), pumped]);
    },
    async finish() {
      gzip.end();
      await pumped;
      await sink.finish();
    },
    async discard() {
      gzip.destroy();
      await pumped.catch(() => {});
      await sink.discard();
    },
  };
}

function cannotWrite(name: string, error: unknown): ZkshError {
  return new ZkshError(`cannot write ${name}: ${(error as Error).message}`, {
    code: 'CANNOT_WRITE_FILE',
    exitCode: ExitCode.failure,
    cause: error,
  });
}
