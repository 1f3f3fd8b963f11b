import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecord } from '../../src/output/csv.ts';

/** A reader of RFC 4180, by the letter. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (text[at] === '"') at += 1;
        field += text[at];
        at += 1;
      }
      at += 1;
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\n') {
        field += text[at];
        at += 1;
      }
    }
    record.push(field);
    if (text[at] === '\n') {
      records.push(record);
      record = [];
    }
    at += 1;
    if (text[at - 1] === ',' && at === text.length) record.push('');
  }
  return records;
}

describe('CSV', () => {
  it('is read back exactly, whatever the fields hold', () => {
    const field = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'a') }),
    );
    const records = fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 5 });
    fc.assert(
      fc.property(records, (rows) => {
        expect(readCsv(rows.map((row) => `${csvRecord(row)}\n`).join(''))).toEqual(rows);
      }),
    );
  });

  it('quotes only what needs it', () => {
    expect(csvRecord(['a', 'b c', 'd,e', 'f"g', ' h', 'i\nj'])).toBe('a,b c,"d,e","f""g"," h","i\nj"');
  });

  it('does not write a record of one empty field as a blank line', () => {
    expect(csvRecord([''])).toBe('""');
  });
});
