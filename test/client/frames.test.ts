import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../src/client/frames.ts';

interface Seen {
  frames: string[];
  oversized: { length: number; head: string }[];
}

function framed(bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length);
      return [length, body];
    }),
  );
}

function split(limit: number, chunks: readonly Buffer[]): Seen {
  const seen: Seen = { frames: [], oversized: [] };
  const splitter = new FrameSplitter(limit, {
    frame: (bytes) => seen.frames.push(bytes.toString('hex')),
    oversized: ({ length, head }) => seen.oversized.push({ length, head: head.toString('hex') }),
  });
  splitter.headBytes = 16;
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  return seen;
}

function cutAt(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, i) => stream.subarray(places[i], end));
}

describe('frames', () => {
  it('are the same however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(bodies, fc.array(fc.nat()), fc.integer({ min: 20, max: 60 }), (parts, cuts, limit) => {
        const stream = framed(parts);
        const chunks = cutAt(
          stream,
          cuts.map((cut) => cut % (stream.length + 1)),
        );
        const seen = split(limit, chunks);
        const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
        expect(seen.frames).toEqual(parts.filter(({ length }) => length <= limit).map(hex));
        expect(seen.oversized).toEqual(
          parts
            .filter(({ length }) => length > limit)
            .map((body) => ({ length: body.length, head: hex(body.subarray(0, 16)) })),
        );
      }),
    );
  });

  it('come out of a stream given byte by byte', () => {
    const stream = framed([Buffer.from('one'), Buffer.from('two'), Buffer.alloc(500, 1)]);
    expect(split(1000, cutAt(stream, [...stream.keys()])).frames).toHaveLength(3);
  });

  it.each([0, -1, -2147483648])('of %i bytes end the connection', (length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(length);
    expect(() => split(100, [bytes])).toThrowError(expect.objectContaining({ code: 'FRAME_LENGTH' }));
  });
});
