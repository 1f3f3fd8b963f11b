import { adler32 } from './adler32.ts';

/** The content of a file is not what its format says. */
export class DamageError extends Error {
  /** Bytes from the beginning of the content. */
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.name = 'DamageError';
    this.offset = offset;
  }
}

/**
 * Takes a stream of chunks apart, and sums what was taken. It holds the piece asked for and one chunk, no more: who
 * asks bounds the piece.
 */
export class ByteStream {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Where `#held` begins in the whole. */
  #base = 0;
  #sum = 1;
  #summed = 0;

  constructor(chunks: AsyncIterable<Buffer>, base = 0) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#base = base;
  }

  /** Bytes taken so far, counted from the beginning of the whole. */
  get position(): number {
    return this.#base + this.#at;
  }

  /** The Adler-32 of all that was taken. */
  get checksum(): bigint {
    this.#sumUp();
    return BigInt(this.#sum);
  }

  /** Makes the next `bytes` ready to be taken in one piece; false when the stream ends before. */
  async has(bytes: number): Promise<boolean> {
    if (this.#held.length - this.#at >= bytes) return true;
    this.#sumUp();
    const pieces = [this.#held.subarray(this.#at)];
    let size = this.#held.length - this.#at;
    this.#base += this.#at;
    while (size < bytes) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      pieces.push(next.value);
      size += next.value.length;
    }
    this.#held = pieces.length === 2 && pieces[0]?.length === 0 ? (pieces[1] as Buffer) : Buffer.concat(pieces);
    this.#at = 0;
    this.#summed = 0;
    return size >= bytes;
  }

  /** How much of what is ready there is: less than was asked for only at the end. */
  get ready(): number {
    return this.#held.length - this.#at;
  }

  /** The next bytes, as a view; only what `has` said is there. */
  take(bytes: number): Buffer {
    const taken = this.#held.subarray(this.#at, this.#at + bytes);
    if (taken.length < bytes) throw new DamageError(this.position, 'the file ends here');
    this.#at += bytes;
    return taken;
  }

  /** The same without taking them. */
  peek(bytes: number): Buffer {
    return this.#held.subarray(this.#at, this.#at + bytes);
  }

  /** The next `bytes`, however many, piece by piece. @throws DamageError when the stream ends before */
  async pass(bytes: number, see?: (piece: Buffer) => void): Promise<void> {
    for (let left = bytes; left > 0; ) {
      if (!(await this.has(1))) throw new DamageError(this.position, 'the file ends here');
      const piece = this.take(Math.min(left, this.ready));
      see?.(piece);
      left -= piece.length;
    }
  }

  /** The next bytes in one piece. @throws DamageError when the stream ends before */
  async need(bytes: number): Promise<Buffer> {
    if (!(await this.has(bytes))) throw new DamageError(this.position + this.ready, 'the file ends here');
    return this.take(bytes);
  }

  /** Lets go of what the chunks come from. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #sumUp(): void {
    this.#sum = adler32(this.#sum, this.#held, this.#summed, this.#at);
    this.#summed = this.#at;
  }
}
