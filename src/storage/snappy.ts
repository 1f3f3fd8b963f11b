import { ByteStream, DamageError } from './byte-stream.ts';

// The stream that snappy-java's SnappyOutputStream writes:
//   magic (82 'SNAPPY' 00), int version, int compatible version, then (int length, block of Snappy's own format)*

const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER = MAGIC.length + 8;
/** A second header stands where a length could: two streams one behind the other. Its first four bytes. */
const MAGIC_AS_LENGTH = MAGIC.readInt32BE(0);
/** Blocks are of 32 KiB by default; nobody sets more than this. */
const MAX_BLOCK = 64 * 1024 * 1024;

export const SNAPPY_MAGIC: Uint8Array = MAGIC;

/** What such a stream holds. @throws DamageError */
export async function* snappyDecompress(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const stream = new ByteStream(chunks);
  try {
    const header = await stream.need(HEADER);
    if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new DamageError(0, 'it is no Snappy stream');
    while (await stream.has(1)) {
      const at = stream.position;
      const length = (await stream.need(4)).readInt32BE(0);
      if (length === MAGIC_AS_LENGTH) {
        await stream.need(HEADER - 4);
      } else {
        if (length < 0 || length > MAX_BLOCK) throw new DamageError(at, `a Snappy block of ${length} bytes`);
        yield snappyBlock(await stream.need(length), at);
      }
    }
  } finally {
    await stream.close();
  }
}

/** One block of Snappy's format: a varint of its size, then literals and copies. @throws DamageError */
function snappyBlock(input: Buffer, offset: number): Buffer {
  const { value: size, next } = varint(input, offset);
  if (size > MAX_BLOCK) throw new DamageError(offset, `a Snappy block that unpacks to ${size} bytes`);
  const output = Buffer.allocUnsafe(size);
  let at = next;
  let filled = 0;
  const bad = (): DamageError => new DamageError(offset, 'a damaged Snappy block');
  while (at < input.length) {
    const tag = input[at++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >>> 2) - 59);
      if (at + extra > input.length) throw bad();
      const length = (extra === 0 ? tag >>> 2 : input.readUIntLE(at, extra)) + 1;
      at += extra;
      if (at + length > input.length || filled + length > size) throw bad();
      input.copy(output, filled, at, at + length);
      at += length;
      filled += length;
    } else {
      const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
      if (at + bytes > input.length) throw bad();
      const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      const back = kind === 1 ? ((tag >>> 5) << 8) | (input[at] as number) : input.readUIntLE(at, bytes);
      at += bytes;
      if (back === 0 || back > filled || filled + length > size) throw bad();
      // A copy may overlap what it writes: that is how a run is told.
      for (const end = filled + length; filled < end; filled++) output[filled] = output[filled - back] as number;
    }
  }
  if (filled !== size) throw bad();
  return output;
}

function varint(input: Buffer, offset: number): { value: number; next: number } {
  let value = 0;
  for (let at = 0; at < Math.min(5, input.length); at++) {
    const byte = input[at] as number;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new DamageError(offset, 'a damaged Snappy block');
}
