import { describe, expect, it } from 'vitest';
import { wantsColour } from '../../src/output/theme.ts';
import { byteSize, relativeTime, rfc3339, shortDuration } from '../../src/output/times.ts';

describe('times and sizes for people', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [1000, '1s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [11 * 3_600_000 + 60_000, '11h'],
    [400 * 86_400_000, '1y35d'],
  ])('%i ms is %s', (ms, text) => {
    expect(shortDuration(ms)).toBe(text);
  });

  it('tell the past from the future', () => {
    expect(relativeTime(0, 65_000)).toBe('1m5s ago');
    expect(relativeTime(65_000n, 0)).toBe('in 1m5s');
    expect(relativeTime(10, 20)).toBe('now');
  });

  it('are RFC 3339 where they must be exact, and the number where no date is', () => {
    expect(rfc3339(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(rfc3339(2n ** 62n)).toBe('4611686018427387904');
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [10 * 1024 * 1024, '10 MiB'],
    [2n ** 62n, '4.0 EiB'],
  ])('%s bytes are %s', (bytes, text) => {
    expect(byteSize(bytes)).toBe(text);
  });
});

describe('colour', () => {
  it.each([
    [{ env: {}, isTty: true }, true],
    [{ env: {}, isTty: false }, false],
    [{ env: { NO_COLOR: '1' }, isTty: true }, false],
    [{ env: { NO_COLOR: '' }, isTty: true }, true],
    [{ env: { FORCE_COLOR: '1' }, isTty: false }, true],
    [{ env: { FORCE_COLOR: '1', NO_COLOR: '1' }, isTty: false }, true],
    [{ env: { FORCE_COLOR: '0' }, isTty: true }, false],
    [{ env: { TERM: 'dumb' }, isTty: true }, false],
    [{ env: { FORCE_COLOR: '1' }, isTty: true, off: true }, false],
  ])('%j: %s', (wish, wanted) => {
    expect(wantsColour(wish)).toBe(wanted);
  });
});
