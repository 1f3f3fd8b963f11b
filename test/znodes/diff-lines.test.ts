import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from '../../src/znodes/diff-lines.ts';

const bytes = (text: string) => Buffer.from(text);

/** What `patch` makes of it: the proof that a difference is whole. */
function patched(from: string, hunks: readonly string[]): string {
  const lines = from.split('\n');
  const result: string[] = [];
  let at = 0;
  for (const line of hunks) {
    const [, start, count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
    if (start !== undefined && line.startsWith('@@')) {
      const first = Number(start) - (count === '0' ? 0 : 1);
      result.push(...lines.slice(at, first));
      at = first;
    } else if (line.startsWith('-')) {
      expect(lines[at]).toBe(line.slice(1));
      at += 1;
    } else result.push(line.slice(1));
  }
  return [...result, ...lines.slice(at)].join('\n');
}

describe('the difference of two texts', () => {
  it('is written as diff -U0 writes it', () => {
    expect(diffLines(bytes('a\nb\nc'), bytes('a\nB\nc\nd'))).toEqual([
      '@@ -2 +2 @@',
      '-b',
      '+B',
      '@@ -3,0 +4 @@',
      '+d',
    ]);
    expect(diffLines(bytes('a\nb\nc\n'), bytes('c\n'))).toEqual(['@@ -1,2 +0,0 @@', '-a', '-b']);
    expect(diffLines(bytes('same'), bytes('same'))).toEqual([]);
  });

  it('makes the one of the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', 'longer line'), { maxLength: 12 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (from, to) => {
        expect(patched(from, diffLines(bytes(from), bytes(to)) ?? [])).toBe(to);
      }),
    );
  });

  it('is given up for what is no text, and coarse for very long ones', () => {
    expect(diffLines(Buffer.from([0xff]), bytes('a'))).toBeUndefined();
    expect(diffLines(bytes('a\0'), bytes('a'))).toBeUndefined();
    const [from, to] = ['x\n'.repeat(3000), 'y\n'.repeat(3000)];
    expect(diffLines(bytes(from), bytes(to))).toHaveLength(6001);
  });
});
