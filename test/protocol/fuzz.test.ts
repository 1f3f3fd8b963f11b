import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../src/client/frames.ts';
import { type Codec, encode } from '../../src/jute/codec.ts';
import { JuteError } from '../../src/jute/errors.ts';
import { JuteReader } from '../../src/jute/reader.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { ConnectRequest, ReplyHeader, RequestHeader, WatcherEvent } from '../../src/protocol/records.ts';
import { type GoldenFrame, goldenConnections, goldenExchanges, int, plain } from '../support/frames.ts';

const FRAMES = 100_000;
const SEED = 20_261_123;
const MEBIBYTE = 1 << 20;

/** mulberry32: small, seeded, good enough to spread mutations. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

interface Specimen {
  name: string;
  bytes: Buffer;
  codecs: readonly Codec<unknown>[];
}

function specimen(name: string, frame: GoldenFrame, ...codecs: Codec<unknown>[]): Specimen {
  return { name, bytes: Buffer.from(frame.hex, 'hex').subarray(4), codecs };
}

function specimens(): Specimen[] {
  const found: Specimen[] = [];
  for (const [name, exchanges] of goldenExchanges()) {
    if (name === 'unknown') continue;
    for (const { request, response } of exchanges) {
      if (name === 'connect') {
        if (request) found.push(specimen('ConnectRequest', request, ConnectRequest));
        if (response?.decoded.ConnectResponse) found.push(specimen('ConnectResponse', response, ConnectResponse));
      } else if (name === 'notification') {
        found.push(specimen(name, response!, ReplyHeader, WatcherEvent));
      } else {
        const operation = operations[name as OperationName];
        if (request) found.push(specimen(`${name} request`, request, RequestHeader, operation.request));
        if (!response) continue;
        const bare = Object.keys(response.decoded).length === 1;
        found.push(
          specimen(`${name} reply`, response, ReplyHeader, bare ? operations.ping.response : operation.response),
        );
      }
    }
  }
  return found;
}

const LENGTHS = [-1, -2, 0, 1, 4, 0xff, 0xffff, 0x7fffffff, -0x80000000, 0x10000000];

function mutate(bytes: Buffer, others: readonly Specimen[], below: (n: number) => number): Buffer {
  const at = below(bytes.length + 1);
  const copy = Buffer.from(bytes);
  switch (below(8)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return Buffer.concat([copy, Buffer.from(Array.from({ length: 1 + below(12) }, () => below(256)))]);
    case 2:
      if (at < copy.length) copy[at] = copy[at]! ^ (1 << below(8));
      return copy;
    case 3:
      if (at < copy.length) copy[at] = below(256);
      return copy;
    case 4:
    case 5:
      if (at + 4 <= copy.length) copy.writeInt32BE(LENGTHS[below(LENGTHS.length)]!, at);
      return copy;
    case 6:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + below(16)))]);
    default: {
      const other = others[below(others.length)]!.bytes;
      return Buffer.concat([copy.subarray(0, at), other.subarray(below(other.length))]);
    }
  }
}

/** Reads a frame as its codecs say, all of it or not at all. */
function read(codecs: readonly Codec<unknown>[], bytes: Buffer): unknown[] {
  const reader = new JuteReader(bytes);
  const values = codecs.map((codec) => codec.read(reader));
  reader.end();
  return values;
}

function write(codecs: readonly Codec<unknown>[], values: readonly unknown[]): Buffer {
  return Buffer.concat(codecs.map((codec, i) => encode(codec, values[i])));
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe(`${FRAMES.toLocaleString('en')} mutated and truncated frames`, () => {
  it('give a named error or a value with nothing of the frame missing, and never much memory', () => {
    const below = random(SEED);
    const all = specimens();
    const before = memory();
    let highest = 0;
    const outcomes = new Map<string, number>();
    for (let i = 0; i < FRAMES; i++) {
      const { name, bytes, codecs } = all[below(all.length)]!;
      let mutated = mutate(bytes, all, below);
      if (below(3) === 0) mutated = mutate(mutated, all, below);
      let values: unknown[];
      try {
        values = read(codecs, mutated);
      } catch (error) {
        if (!(error instanceof JuteError)) throw new Error(`${name} ${mutated.toString('hex')}`, { cause: error });
        outcomes.set(error.fault, (outcomes.get(error.fault) ?? 0) + 1);
        continue;
      }
      outcomes.set('read', (outcomes.get('read') ?? 0) + 1);
      const again = write(codecs, values);
      if (!again.equals(mutated)) {
        // What the reader passes over keeps its place: a null list, the end mark's fields, an old server's handshake.
        const shorter = name === 'ConnectResponse' && mutated.length === again.length - 1;
        if (again.length !== mutated.length && !shorter) {
          expect.fail(`${name}: ${mutated.toString('hex')} was read as ${again.toString('hex')}`);
        }
        expect(plain(read(codecs, again))).toEqual(plain(values));
      }
      if (i % 1000 === 0) highest = Math.max(highest, memory() - before);
    }
    expect([...outcomes.keys()].sort()).toEqual([
      'boolean',
      'length',
      'null',
      'read',
      'trailing',
      'truncated',
      'utf8',
      'value',
    ]);
    expect(highest).toBeLessThan(128 * MEBIBYTE);
  });

  it('are taken apart by the splitter into frames, or refused by name', () => {
    const below = random(SEED + 1);
    const all = specimens();
    const limit = 4096;
    let frames = 0;
    let refused = 0;
    for (let i = 0; i < FRAMES / 10; i++) {
      const splitter = new FrameSplitter(limit, {
        frame: (bytes) => {
          frames++;
          if (bytes.length === 0 || bytes.length > limit) expect.fail(`a frame of ${bytes.length} bytes was kept`);
        },
        oversized: ({ length }) => {
          if (length <= limit) expect.fail(`a frame of ${length} bytes was passed over`);
        },
      });
      const stream = Buffer.concat(
        Array.from({ length: 4 }, () => {
          const { bytes } = all[below(all.length)]!;
          return Buffer.concat([int(bytes.length), bytes]);
        }),
      );
      let rest = mutate(stream, all, below);
      try {
        while (rest.length > 0) {
          const size = 1 + below(rest.length);
          splitter.push(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(ZkshError);
        expect(error).toMatchObject({ code: 'FRAME_LENGTH' });
      }
    }
    expect(frames).toBeGreaterThan(10_000);
    expect(refused).toBeGreaterThan(100);
  });
});

describe('lengths are checked before anything is made of them', () => {
  const claims = [0x7fffffff, 0x10000000, -2, -0x80000000];

  it.each(claims)('a list, a text or bytes said to be %i long', (claim) => {
    const before = memory();
    for (const name of ['getChildren', 'getEphemerals', 'whoAmI', 'getACL', 'getData', 'sync'] as const) {
      expect(() => read([operations[name].response], int(claim, 0, 0, 0))).toThrow(JuteError);
    }
    expect(memory() - before).toBeLessThan(16 * MEBIBYTE);
  });
});

describe('every recorded stream', () => {
  it('comes out the same however it is cut in two, and byte by byte', () => {
    for (const { name, frames } of goldenConnections()) {
      const sent = frames.filter(({ from }) => from === 'server').map(({ bytes }) => bytes);
      const stream = Buffer.concat(sent);
      const whole = sent.map((bytes) => bytes.subarray(4).toString('hex'));
      for (let cut = 0; cut <= stream.length; cut++) {
        expect({ name, cut, frames: split([stream.subarray(0, cut), stream.subarray(cut)]) }).toEqual({
          name,
          cut,
          frames: whole,
        });
      }
      expect(split(Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(whole);
    }
  });

  function split(chunks: readonly Buffer[]): string[] {
    const found: string[] = [];
    const splitter = new FrameSplitter(1 << 20, {
      frame: (bytes) => found.push(bytes.toString('hex')),
      oversized: () => expect.fail('no recorded frame is that large'),
    });
    for (const chunk of chunks) if (chunk.length > 0) splitter.push(chunk);
    return found;
  }
});
