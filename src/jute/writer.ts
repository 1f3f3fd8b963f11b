import { JuteError } from './errors.ts';

const CHUNK_BYTES = 1 << 16;
const MAX_INT = 0x7fffffff;

/** Appends jute's primitives, big-endian, to one growing buffer; frames of many requests share it. */
export class JuteWriter {
  readonly #chunkBytes: number;
  #bytes: Buffer;
  /** Where what is not taken yet begins: what was taken stands before it. */
  #start = 0;
  #end = 0;

  /** @param chunkBytes memory is taken in pieces of at least that size; many small frames share one */
  constructor(chunkBytes: number = CHUNK_BYTES) {
    this.#chunkBytes = chunkBytes;
    this.#bytes = Buffer.allocUnsafe(chunkBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#end - this.#start;
  }

  int(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
  }

  long(value: bigint): void {
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, at);
  }

  bool(value: boolean): void {
    const at = this.#grow(1);
    this.#bytes[at] = value ? 1 : 0;
  }

  /** Bytes encoded before, as they are. */
  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Length-prefixed bytes; `null` is length −1, which ZooKeeper tells apart from empty. */
  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.int(value.length);
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** Length-prefixed UTF-8; an unpaired surrogate is refused, since it would silently become U+FFFD. */
  string(value: string): void {
    if (!value.isWellFormed()) {
      throw new JuteError('utf8', `${JSON.stringify(value)} holds an unpaired surrogate and has no UTF-8 form`);
    }
    // Three bytes a UTF-16 unit is the most UTF-8 takes: one growth, one encoding pass.
    const at = this.#grow(4 + value.length * 3);
    const written = this.#bytes.write(value, at + 4, 'utf8');
    this.#bytes.writeInt32BE(written, at);
    this.#end = at + 4 + written;
  }

  /** Overwrites the int at `offset`: a frame's length, known only once its body is written. */
  patchInt(offset: number, value: number): void {
    this.#bytes.writeInt32BE(value, this.#start + offset);
  }

  /** Drops everything after `length`: undoes a record whose encoding failed half way. */
  truncate(length: number): void {
    this.#end = Math.min(this.#end, this.#start + length);
  }

  /** The bytes written, as a view; the writer goes on behind them and never touches them again. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return taken;
  }

  #grow(bytes: number): number {
    const at = this.#end;
    if (at + bytes <= this.#bytes.length) {
      this.#end = at + bytes;
      return at;
    }
    this.#move(this.length + bytes);
    return this.#grow(bytes);
  }

  /** Takes what is not taken yet to a new buffer with room for `needed` bytes in all. */
  #move(needed: number): void {
    if (needed > MAX_INT) throw new JuteError('length', `a record of ${needed} bytes is beyond jute's 31-bit lengths`);
    const larger = Buffer.allocUnsafe(Math.max(this.#chunkBytes, this.length * 2, needed));
    this.#bytes.copy(larger, 0, this.#start, this.#end);
    this.#bytes = larger;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
