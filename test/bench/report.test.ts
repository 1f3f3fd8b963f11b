import { describe, expect, it } from 'vitest';
import { digits, printReport, printTable } from './print.ts';
import { insertReport } from './readme.ts';

describe("the bench's report", () => {
  it('shows no more digits than such figures are good for', () => {
    expect([12345.6, 123.4, 12.34, 0.8567, 0.001234, Number.NaN].map(digits)).toEqual([
      '12,346',
      '123',
      '12.3',
      '0.857',
      '0.00123',
      '–',
    ]);
  });

  it('is Markdown whose columns line up', () => {
    expect(
      printTable({
        title: '',
        columns: ['client', 'ops/s'],
        rows: [
          ['zksh', '20,000'],
          ['C client', '9'],
        ],
      }),
    ).toBe(
      ['| client   |  ops/s |', '| -------- | -----: |', '| zksh     | 20,000 |', '| C client |      9 |', '']
        .join('\n')
        .trim(),
    );
  });

  it('says of each aim whether it is reached, and who could not be compared with', () => {
    const report = printReport(
      { title: 'Speed' },
      {
        tables: [],
        aims: [
          { what: 'rate', sense: '≥', wanted: 0.85, got: 0.9, unit: '' },
          { what: 'gap', sense: '≤', wanted: 150, got: 151, unit: ' ms' },
          { what: 'of the C client', sense: '≥', wanted: 1.5, got: undefined, unit: '' },
        ],
        missing: [{ peer: 'C client', why: 'there is no gcc; apt-get install gcc' }],
        notes: ['measured today'],
        runs: [],
      },
    );
    expect(report).toMatch(/rate +\| +≥ 0.85 \| +0.9 \| +yes/);
    expect(report).toMatch(/gap +\| +≤ 150 ms \| +151 ms \| +no/);
    expect(report).toMatch(/of the C client \| +≥ 1.5 \| not measured \| +no/);
    expect(report).toMatch(/- measured today\n- not here: C client – there is no gcc; apt-get install gcc$/);
  });

  it('goes between the markers of a document, and leaves the rest alone', () => {
    const first = insertReport(undefined, 'old');
    const document = `# Title\n\n${first}\nmore\n`;
    const second = insertReport(document, 'new');
    expect(second).toBe(document.replace('old', 'new'));
    expect(insertReport('no markers', 'new')).toBe(insertReport(undefined, 'new'));
  });
});
