/** Takes the stream apart into frames: int length, then that many bytes. Knows nothing of what is in them. */

import { ProtocolError } from './errors.ts';

/** The start of a frame too large to keep: at least so much of it as was asked for. */
export interface OversizedFrame {
  length: number;
  head: Buffer;
}

export interface FrameSink {
  frame(bytes: Buffer): void;
  /** The rest of this frame is skipped as it arrives. */
  oversized(frame: OversizedFrame): void;
}

const LENGTH_BYTES = 4;
/** At most so much of an oversized frame's start is shown. */
const SHOWN_BYTES = 16;

/** Splits chunks into frames. A frame within one chunk is a view of it; one that spans chunks is copied once. */
export class FrameSplitter {
  /** The largest frame kept, in bytes; small until the handshake is through, since garbage claims huge lengths. */
  limit: number;
  /** Bytes of an oversized frame to wait for before telling: a reply's header, once there are replies. */
  headBytes = 0;
  readonly #sink: FrameSink;
  #parts: Buffer[] = [];
  #held = 0;
  #skip = 0;

  constructor(limit: number, sink: FrameSink) {
    this.limit = limit;
    this.#sink = sink;
  }

  /**
   * Takes what the socket gave.
   *
   * @throws ProtocolError code `FRAME_LENGTH` when a length is impossible
   */
  push(chunk: Buffer): void {
    let rest = this.#skipped(chunk);
    if (this.#held > 0) {
      // Only a chunk that completes what is held is joined to it, so a slow drip costs one copy in all.
      this.#parts.push(rest);
      this.#held += rest.length;
      if (this.#held < this.#needed()) return;
      rest = Buffer.concat(this.#parts, this.#held);
      this.#parts = [];
      this.#held = 0;
    }
    rest = this.#split(rest);
    if (rest.length > 0) {
      this.#parts.push(rest);
      this.#held = rest.length;
    }
  }

  #skipped(chunk: Buffer): Buffer {
    if (this.#skip === 0) return chunk;
    const taken = Math.min(this.#skip, chunk.length);
    this.#skip -= taken;
    return chunk.subarray(taken);
  }

  /** How many bytes must be held before anything can be done with them. */
  #needed(): number {
    const first = this.#parts[0];
    if (first === undefined) return LENGTH_BYTES;
    if (first.length < LENGTH_BYTES) {
      if (this.#held < LENGTH_BYTES) return LENGTH_BYTES;
      this.#parts = [Buffer.concat(this.#parts, this.#held)];
      return this.#needed();
    }
    const length = this.#check(first.readInt32BE(0));
    return LENGTH_BYTES + (length > this.limit ? Math.min(length, this.headBytes) : length);
  }

  #split(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = this.#check(bytes.readInt32BE(at));
      const start = at + LENGTH_BYTES;
      if (length > this.limit) {
        const headBytes = Math.min(length, this.headBytes);
        if (bytes.length - start < headBytes) break;
        this.#sink.oversized({ length, head: bytes.subarray(start, start + Math.min(length, SHOWN_BYTES)) });
        const there = Math.min(length, bytes.length - start);
        this.#skip = length - there;
        at = start + there;
        continue;
      }
      if (bytes.length - start < length) break;
      this.#sink.frame(bytes.subarray(start, start + length));
      at = start + length;
    }
    return bytes.subarray(at);
  }

  #check(length: number): number {
    if (length <= 0) throw new ProtocolError('FRAME_LENGTH', `the server sent a frame of ${length} bytes`);
    return length;
  }
}
