import { describe, expect, it } from 'vitest';
import { JuteReader } from '../../src/jute/reader.ts';
import { JuteWriter } from '../../src/jute/writer.ts';

describe('one writer for many frames', () => {
  it('never touches what was taken, whether it goes on behind it or elsewhere', () => {
    const writer = new JuteWriter(16);
    const taken = [1, 2, 3, 4, 5, 6].map((value) => {
      writer.int(0);
      writer.int(value);
      writer.patchInt(0, value * 10);
      expect(writer.length).toBe(8);
      return writer.take();
    });
    writer.raw(new Uint8Array(100).fill(0xff));
    expect(taken.map((bytes) => [bytes.readInt32BE(0), bytes.readInt32BE(4)])).toEqual([
      [10, 1],
      [20, 2],
      [30, 3],
      [40, 4],
      [50, 5],
      [60, 6],
    ]);
  });

  it('drops a record that failed half way, and keeps those before it', () => {
    const writer = new JuteWriter(4);
    writer.int(7);
    writer.take();
    writer.int(8);
    const before = writer.length;
    writer.string('half a record');
    writer.truncate(before);
    expect([...writer.take()]).toEqual([0, 0, 0, 8]);
  });
});

describe('one reader for many frames', () => {
  it('reads each from its own place, in the same memory or in another', () => {
    const chunk = Buffer.from('000000000000000100000000000000020000000000000003', 'hex');
    const other = Buffer.from('ff0000000000000004', 'hex').subarray(1);
    const reader = new JuteReader(Buffer.alloc(0));
    const values = [chunk.subarray(8, 16), chunk.subarray(0, 8), other, chunk.subarray(16)].map((frame) => {
      reader.open(frame);
      return reader.long();
    });
    expect(values).toEqual([2n, 1n, 4n, 3n]);
  });

  it('reads nothing of the next frame, though it lies behind in the same memory', () => {
    const chunk = Buffer.from('0000000100000002', 'hex');
    const reader = new JuteReader(chunk.subarray(0, 4));
    reader.int();
    expect(() => reader.int()).toThrowError(expect.objectContaining({ fault: 'truncated' }));
    reader.open(chunk.subarray(4));
    expect(() => reader.long()).toThrowError(expect.objectContaining({ fault: 'truncated' }));
    expect(() => reader.string()).toThrowError(expect.objectContaining({ fault: 'length' }));
  });
});
