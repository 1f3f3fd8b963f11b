import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/output/display-width.ts';
import { createStyle } from '../../src/output/style.ts';
import { createRowWriter, fitWidths, layTable } from '../../src/output/table.ts';
import type { Column } from '../../src/output/view.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const terminal = (width: number) => createStyle({ tty: true, width, now: NOW });
const finished = (lines: string[]) => lines.map((line) => terminal(80).finish(line));
const pipe = createStyle({ tty: false, width: Number.POSITIVE_INFINITY, now: NOW });

interface Row {
  name: string;
  size: number;
  at: number;
}
const columns: readonly Column<Row>[] = [
  { header: 'name', value: (row) => row.name },
  { header: 'size', value: (row) => row.size, kind: 'size' },
  { header: 'at', value: (row) => row.at, kind: 'time' },
];
const rows: Row[] = [
  { name: '日本', size: 5, at: NOW - 90_000 },
  { name: 'a\u001b[2J\nb', size: 1536, at: NOW - 3 * 86_400_000 },
];

describe('a table', () => {
  it('is aligned, relative and escaped on a terminal', () => {
    expect(finished(layTable(columns, rows, terminal(80))).join('\n')).toBe(
      ['NAME            SIZE  AT', '日本             5 B  1m30s ago', 'a\\x1b[2J\\nb  1.5 KiB  3d ago'].join('\n'),
    );
  });

  it('has full values in a pipe', () => {
    const [, first, second] = layTable(columns, rows, pipe);
    expect(first).toContain('2026-01-02T03:02:35.000Z');
    expect(second).toContain('1536');
    expect(second).toContain('a\u001b[2J\nb');
  });

  it('never gets wider than the terminal while its columns can give way', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '日', '👩‍👩‍👧', 'é'), maxLength: 80 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), fc.integer({ min: 30, max: 100 }), (names, width) => {
        const some = names.map((one) => ({ name: one, size: 1, at: NOW }));
        for (const line of finished(layTable(columns, some, terminal(width))))
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('takes from the widest columns first', () => {
    expect(fitWidths([10, 40, 8], 40)).toEqual([10, 18, 8]);
    expect(fitWidths([50, 50], 42)).toEqual([20, 20]);
    expect(fitWidths([5, 5], 80)).toEqual([5, 5]);
  });

  it('ends when nothing can give way any more', () => {
    expect(fitWidths([6, 6, 6], 3)).toEqual([6, 6, 6]);
  });

  it('whose rows come one by one is as wide as its first row', () => {
    const write = createRowWriter(columns, terminal(80));
    expect(finished(write(rows[0]))).toEqual(['NAME  SIZE  AT', '日本   5 B  1m30s ago']);
    expect(write({ name: 'b', size: 7, at: NOW })).toEqual(['b      7 B  now']);
  });
});
