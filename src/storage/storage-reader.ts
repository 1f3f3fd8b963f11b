/** What a place in a file system is. */
export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'other';
  /** Bytes. */
  readonly size: number;
  /** When it was last written, milliseconds since 1970. */
  readonly modified: number;
}

/** A file open for reading. */
export interface OpenFile {
  /**
   * Bytes from `position` on: fewer than `length` only at the end of the file. The buffer is the caller's.
   */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * How files of a server are reached: this machine's own, or another's through whatever gets there. Every method rejects
 * with an error of Node's kind (`code` such as `ENOENT` or `EACCES`) when the place cannot be read.
 */
export interface StorageReader {
  /** Names in a directory, in no order. */
  list(directory: string): Promise<readonly string[]>;
  facts(path: string): Promise<FileFacts>;
  open(path: string): Promise<OpenFile>;
}

/** A place that could not be read, and why. */
export interface Unreadable {
  readonly path: string;
  readonly why: string;
}

const NOTHING = ['ENOENT', 'ENOTDIR'];

/** What is there; undefined where nothing is. Rejects where that cannot be known. */
export async function factsIfThere(reader: StorageReader, path: string): Promise<FileFacts | undefined> {
  try {
    return await reader.facts(path);
  } catch (error) {
    if (isNothing(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that there is nothing at that place. */
export function isNothing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOTHING.includes(String(error.code));
}

/** Why a place could not be read, in few words. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code !== undefined && NOTHING.includes(code)) return 'it is not there';
  if (code === 'EISDIR') return 'it is a directory';
  return error instanceof Error ? error.message : String(error);
}

/** Bytes of a chunk: large enough that a call costs nothing beside it. */
const CHUNK = 256 * 1024;

/** A file's bytes from `from` on, chunk by chunk. */
export async function* chunksOf(file: OpenFile, from = 0): AsyncGenerator<Buffer, void, undefined> {
  for (let position = from; ; ) {
    const chunk = await file.read(position, CHUNK);
    if (chunk.length === 0) return;
    position += chunk.length;
    yield chunk;
  }
}

/** A small file as a whole, at most `limit` bytes of it. */
export async function readSmall(reader: StorageReader, path: string, limit: number): Promise<Buffer> {
  const file = await reader.open(path);
  try {
    return await file.read(0, limit);
  } finally {
    await file.close();
  }
}
