import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bool,
  buffer,
  type Codec,
  decode,
  encode,
  int,
  long,
  nullableUstring,
  record,
  ustring,
  vector,
} from '../../src/jute/codec.ts';
import { JuteWriter } from '../../src/jute/writer.ts';

const wellFormed = fc.string({ unit: 'grapheme' });

describe('jute values', () => {
  it.each<[string, Codec<never>, fc.Arbitrary<unknown>]>([
    ['int', int as Codec<never>, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
    ['long', long as Codec<never>, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    ['boolean', bool as Codec<never>, fc.boolean()],
    ['ustring', ustring as Codec<never>, wellFormed],
    ['null ustring', nullableUstring as Codec<never>, fc.option(wellFormed)],
    ['vector', vector(ustring) as Codec<never>, fc.array(wellFormed)],
  ])('%s comes back as it went', (_, codec, values) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(codec, encode(codec, value as never))).toEqual(value);
      }),
    );
  });

  it('buffers come back byte by byte, and null apart from empty', () => {
    fc.assert(
      fc.property(fc.option(fc.uint8Array()), (bytes) => {
        const back = decode(buffer, encode(buffer, bytes));
        expect(back === null ? null : [...back]).toEqual(bytes === null ? null : [...bytes]);
      }),
    );
    expect(encode(buffer, null).toString('hex')).toBe('ffffffff');
    expect(encode(buffer, new Uint8Array(0)).toString('hex')).toBe('00000000');
  });

  it('are big-endian, as Java writes them', () => {
    expect(encode(int, 0x01020304).toString('hex')).toBe('01020304');
    expect(encode(long, -2n).toString('hex')).toBe('fffffffffffffffe');
    expect(encode(ustring, 'é').toString('hex')).toBe('00000002c3a9');
    expect(encode(record({ on: bool, n: int }), { on: true, n: 1 }).toString('hex')).toBe('0100000001');
  });

  it('keep U+FFFD and a byte order mark that are really there', () => {
    for (const text of ['\ufffd', '\ufeffx']) expect(decode(ustring, encode(ustring, text))).toBe(text);
  });

  it('grow the buffer to any size', () => {
    const writer = new JuteWriter(1);
    writer.buffer(new Uint8Array(100_000).fill(7));
    writer.string('x'.repeat(50_000));
    expect(writer.length).toBe(150_008);
    expect(writer.take().length).toBe(150_008);
    expect(writer.length).toBe(0);
  });
});

describe('bytes that are not what the schema says', () => {
  const bytes = (hex: string) => Buffer.from(hex, 'hex');

  it.each<[string, Codec<unknown>, string, string]>([
    ['an int cut short', int, '0102', 'truncated'],
    ['a length beyond the frame', buffer, '7fffffff00', 'length'],
    ['a negative length', ustring, 'fffffffe', 'length'],
    ['a vector that claims more than the frame can hold', vector(long), '0fffffff', 'length'],
    ['a negative vector count', vector(int), 'fffffffe', 'length'],
    ['text that is not UTF-8', ustring, '00000002c328', 'utf8'],
    ['a boolean of 2', bool, '02', 'boolean'],
    ['a null where there must be text', ustring, 'ffffffff', 'null'],
    ['bytes left over', int, '0000000100', 'trailing'],
  ])('%s is refused by name', (_, codec, hex, fault) => {
    expect(() => decode(codec, bytes(hex))).toThrowError(expect.objectContaining({ name: 'JuteError', fault }));
  });

  it('take no memory for what they claim', () => {
    const before = process.memoryUsage().heapTotal;
    for (let i = 0; i < 1000; i++) expect(() => decode(vector(vector(int)), bytes('7ffffff000000000'))).toThrow();
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('an unpaired surrogate is refused rather than written as something else', () => {
    expect(() => encode(ustring, '\ud800')).toThrowError(expect.objectContaining({ fault: 'utf8' }));
  });
});
