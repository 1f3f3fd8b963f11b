import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/cli/duration.ts';
import { createProgress, progressLine } from '../../src/cli/progress.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { testIo } from '../support/run-command.ts';

function at(tty: boolean) {
  let now = 0;
  const { io, stderr } = testIo({ tty, columns: 60 });
  const clocked = { ...io, now: () => now };
  return {
    stderr,
    progress: createProgress(clocked, { label: 'copying', total: 1000, unit: 'znodes' }),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('progress', () => {
  it('shows nothing of work that takes less than a second', () => {
    const { progress, stderr, pass } = at(true);
    pass(999);
    progress.update(500);
    progress.done();
    expect(stderr()).toBe('');
  });

  it('is a bar on a terminal, redrawn in place and taken away', () => {
    const { progress, stderr, pass } = at(true);
    pass(1000);
    progress.update(250);
    progress.update(260);
    pass(100);
    progress.update(500);
    progress.done();
    const lines = stderr().split('\r').filter(Boolean);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('copying 25% █████···············');
    expect(lines[1]).toContain('50%');
    expect(lines[2]).toBe('\u001b[K');
  });

  it('gives way to a line that is to be written, and comes back', () => {
    const { progress, stderr, pass } = at(true);
    progress.clear();
    expect(stderr()).toBe('');
    pass(1000);
    progress.update(250);
    progress.clear();
    expect(stderr()).toMatch(/25%.*\r\u001b\[K$/s);
    pass(100);
    progress.update(500);
    expect(stderr().split('\r').at(-1)).toContain('50%');
  });

  it('is one line every ten seconds in a pipe', () => {
    const { progress, stderr, pass } = at(false);
    for (let second = 0; second <= 25; second += 1) {
      progress.update(second * 10);
      pass(1000);
    }
    progress.done();
    expect(stderr().trimEnd().split('\n')).toEqual([
      'copying 10% ██·················· 100/1,000 znodes 10/s 1m30s left',
      'copying 20% ████················ 200/1,000 znodes 10/s 1m20s left',
    ]);
  });

  it('counts bytes in units, and needs no total', () => {
    expect(progressLine({ label: 'reading', unit: 'bytes' }, 3 * 1024 * 1024, 2000)).toBe('reading 3.0 MiB 1.5 MiB/s');
  });
});

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['30000', 30_000],
    [' 5 S ', 5000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '0', '-5', 'soon', '5 weeks', '1e3', '25d', '10ss', 'Infinity'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow('is not a duration');
  });
});

describe('a suggestion', () => {
  const names = ['touch', 'get', 'getAcl', 'set', 'ls', 'deleteall', 'context add'];
  it.each([
    ['gte', ['get']],
    ['getacl', ['getAcl']],
    ['delteall', ['deleteall']],
    ['xyzzy', []],
    ['nosuch', []],
    ['context ad', ['context add']],
  ])('for %s is %j', (typed, expected) => {
    expect(nearest(typed, names)).toEqual(expected);
  });
});
