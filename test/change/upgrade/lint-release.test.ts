import { describe, expect, it } from 'vitest';
import { lintForRelease } from '../../../src/change/upgrade/lint-release.ts';
import { wholeRelease } from '../../../src/change/upgrade/plan-upgrade.ts';
import { nearest } from '../../../src/cli/suggest.ts';
import { readConfigFile } from '../../../src/config/member.ts';

const BASE =
  'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort=2181\nserver.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n';

const found = (lines: string, from: string, to: string, ignore: string[] = []): readonly string[] =>
  lintForRelease([{ file: readConfigFile('zk1: zoo.cfg', `${BASE}${lines}`) }], wholeRelease(from), wholeRelease(to), {
    nearest,
    ignore,
  });

describe('a configuration before an upgrade', () => {
  it('is told of what the new release no longer knows, and not of what was wrong before', () => {
    expect(found('leader.maxConcurrentSnapshots=5\n', '3.5.10', '3.6.4')).toEqual([
      'zk1: zoo.cfg: leader.maxConcurrentSnapshots is known from 3.5.0 to 3.5.10 only (unknown-to-release)',
    ]);
    expect(found('tickTiem=5\n', '3.8.0', '3.9.5')).toEqual([]);
    expect(found('', '3.8.0', '3.9.5')).toEqual([]);
  });

  it('refuses the upgrade where the new release would not start with it', () => {
    const lines = 'sslQuorum=maybe\n';
    expect(found(lines, '3.6.0', '3.6.4')).toEqual([]);
    expect(() => found(lines, '3.6.4', '3.7.2')).toThrow(/would not take the configuration as it is: .*sslQuorum/);
  });
});
