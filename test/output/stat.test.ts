import { describe, expect, it, vi } from 'vitest';
import { javaDate } from '../../src/output/java-date.ts';
import { statJson, statText } from '../../src/output/stat.ts';

const stat = {
  czxid: 0x100000002n,
  mzxid: 0x100000003n,
  ctime: 1_767_323_045_123n,
  mtime: 0n,
  version: 3,
  cversion: -1,
  aversion: 0,
  ephemeralOwner: -1n,
  dataLength: 5,
  numChildren: 0,
  pzxid: 0x100000002n,
};

describe('a stat', () => {
  it('is printed in the lines of zkCli', () => {
    expect(statText(stat)).toBe(`cZxid = 0x100000002
ctime = Fri Jan 02 03:04:05 UTC 2026
mZxid = 0x100000003
mtime = Thu Jan 01 00:00:00 UTC 1970
pZxid = 0x100000002
cversion = -1
dataVersion = 3
aclVersion = 0
ephemeralOwner = 0xffffffffffffffff
dataLength = 5
numChildren = 0`);
  });

  it('is a contract in JSON', () => {
    expect(statJson(stat)).toEqual({
      czxid: '4294967298',
      mzxid: '4294967299',
      pzxid: '4294967298',
      ctime: '2026-01-02T03:04:05.123Z',
      mtime: '1970-01-01T00:00:00.000Z',
      version: 3,
      cversion: -1,
      aversion: 0,
      ephemeralOwner: '-1',
      dataLength: 5,
      numChildren: 0,
    });
  });
});

describe("a date in Java's words", () => {
  it.each([
    ['UTC', 'Fri Jul 03 12:00:00 UTC 2026'],
    ['Europe/Berlin', 'Fri Jul 03 14:00:00 CEST 2026'],
    ['America/Los_Angeles', 'Fri Jul 03 05:00:00 PDT 2026'],
    ['Asia/Kolkata', 'Fri Jul 03 17:30:00 IST 2026'],
    ['Asia/Tokyo', 'Fri Jul 03 21:00:00 JST 2026'],
    ['Australia/Sydney', 'Fri Jul 03 22:00:00 AEST 2026'],
  ])('names the zone %s', (zone, expected) => {
    vi.stubEnv('TZ', zone);
    try {
      expect(javaDate(Date.UTC(2026, 6, 3, 12))).toBe(expected);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('is the number where no calendar goes that far', () => {
    expect(javaDate(2n ** 62n)).toBe('4611686018427387904');
  });
});
