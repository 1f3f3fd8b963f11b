import { describe, expect, it } from 'vitest';
import { parseByteCount } from '../../src/cli/byte-count.ts';

describe('a number of bytes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['4k', 4096],
    ['4 KiB', 4096],
    ['4KB', 4000],
    ['1.5M', 1_572_864],
    ['2GiB', 2 * 1024 ** 3],
    ['0xfffff', 1_048_575],
  ])('%s is %i', (text, bytes) => {
    expect(parseByteCount(text)).toBe(bytes);
  });

  it.each(['', '-1', 'k', '1x', '1e3', '0x', '99999999999G', '1,5M', 'Infinity'])('is not %j', (text) => {
    expect(() => parseByteCount(text)).toThrow(expect.objectContaining({ code: 'BAD_SIZE', exitCode: 2 }));
  });
});
