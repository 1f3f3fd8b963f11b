import { JuteError } from './errors.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads jute's primitives from one frame after another; nothing is believed and nothing is read past a frame's end.
 * One reader serves a whole connection: frames come many to a chunk of memory, and looking at the chunk as numbers is
 * set up once for all of them.
 */
export class JuteReader {
  #bytes: Buffer;
  /** The whole memory the frame is in, which begins there at `#base`. */
  #memory: DataView;
  #base: number;
  #end: number;
  #offset = 0;

  /** @param bytes one whole frame; values read as buffers are views into it */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#memory = new DataView(bytes.buffer);
    this.#base = bytes.byteOffset;
    this.#end = bytes.length;
  }

  /** Starts on the next frame. */
  open(bytes: Buffer): void {
    if (bytes.buffer !== this.#memory.buffer) this.#memory = new DataView(bytes.buffer);
    this.#bytes = bytes;
    this.#base = bytes.byteOffset;
    this.#end = bytes.length;
    this.#offset = 0;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#offset;
  }

  int(): number {
    const at = this.#advance(4, 'int');
    return this.#memory.getInt32(this.#base + at);
  }

  long(): bigint {
    const at = this.#advance(8, 'long');
    return this.#memory.getBigInt64(this.#base + at);
  }

  /** Java writes 0 or 1; anything else means the frame is being read at the wrong place. */
  bool(): boolean {
    const at = this.#advance(1, 'boolean');
    const value = this.#bytes[at];
    if (value !== 0 && value !== 1) throw new JuteError('boolean', `boolean byte ${value} at offset ${at}`);
    return value === 1;
  }

  /** @returns a view of the frame, or `null` for length −1 */
  buffer(): Buffer | null {
    const length = this.#length('buffer');
    if (length === -1) return null;
    const at = this.#advance(length, 'buffer');
    return this.#bytes.subarray(at, at + length);
  }

  /** @returns the text, or `null` for length −1 */
  string(): string | null {
    const length = this.#length('string');
    if (length === -1) return null;
    const at = this.#advance(length, 'string');
    const text = this.#bytes.toString('utf8', at, at + length);
    // The fast decoder turns bad bytes into U+FFFD; only a text that has one needs the strict, slower pass.
    if (!text.includes('\ufffd')) return text;
    try {
      return strictUtf8.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new JuteError('utf8', `string at offset ${at} is not UTF-8`);
    }
  }

  /**
   * A vector's element count, checked against what the frame can still hold before anything is allocated.
   *
   * @param minElementBytes the fewest bytes one element takes
   * @returns the count; Java's null vector (−1) counts as empty
   */
  count(minElementBytes: number): number {
    const at = this.#offset;
    const count = this.int();
    if (count === -1) return 0;
    if (count < 0 || count * minElementBytes > this.remaining) {
      throw new JuteError('length', `vector of ${count} elements at offset ${at}, ${this.remaining} bytes left`);
    }
    return count;
  }

  /** Throws unless every byte was read: a reply with more in it than its schema is not the reply asked for. */
  end(): void {
    if (this.remaining > 0) throw new JuteError('trailing', `${this.remaining} bytes left over at the end`);
  }

  #length(what: string): number {
    const at = this.#offset;
    const length = this.int();
    if (length < -1 || length > this.remaining) {
      throw new JuteError('length', `${what} of ${length} bytes at offset ${at}, ${this.remaining} left`);
    }
    return length;
  }

  #advance(bytes: number, what: string): number {
    const at = this.#offset;
    if (bytes > this.remaining) {
      throw new JuteError('truncated', `${what} of ${bytes} bytes at offset ${at}, ${this.remaining} left`);
    }
    this.#offset = at + bytes;
    return at;
  }
}
