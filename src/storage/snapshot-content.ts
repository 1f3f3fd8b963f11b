import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DamageError } from './byte-stream.ts';
import { SNAPPY_MAGIC, snappyDecompress } from './snappy.ts';
import { chunksOf, type OpenFile } from './storage-reader.ts';

/** How a snapshot is packed (snapshot.compression.method, since 3.6). */
export type Compression = 'none' | 'gzip' | 'snappy';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** By the end of the name, as SnapStream.getStreamMode tells it. */
export function compressionOf(name: string): Compression {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return extension === 'gz' ? 'gzip' : extension === 'snappy' ? 'snappy' : 'none';
}

/** A snapshot's bytes, unpacked. @throws DamageError */
export function contentOf(file: OpenFile, compression: Compression): AsyncIterable<Buffer> {
  if (compression === 'snappy') return snappyDecompress(chunksOf(file));
  return compression === 'gzip' ? gunzip(file) : chunksOf(file);
}

async function* gunzip(file: OpenFile): AsyncGenerator<Buffer, void, undefined> {
  const unpacked = createGunzip();
  // Its error comes out of the loop below.
  pipeline(Readable.from(chunksOf(file)), unpacked, () => undefined);
  let size = 0;
  try {
    for await (const chunk of unpacked) {
      size += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (error) {
    const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isZlib ? new DamageError(size, `damaged gzip data: ${error.message}`) : error;
  } finally {
    unpacked.destroy();
  }
}

/**
 * The quick look that decides which snapshots a server tries at all (SnapStream.isValidSnapshot): the seal at the end, or
 * the magic number of what it is packed with.
 */
export async function looksValid(file: OpenFile, size: number, compression: Compression): Promise<boolean> {
  if (compression === 'gzip') return GZIP_MAGIC.equals(await file.read(0, GZIP_MAGIC.length));
  if (compression === 'snappy') return Buffer.from(SNAPPY_MAGIC).equals(await file.read(0, SNAPPY_MAGIC.length));
  if (size < 10) return false;
  const seal = await file.read(size - 5, 5);
  return seal.length === 5 && seal.readInt32BE(0) === 1 && seal[4] === 0x2f;
}
