import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToJson,
  bytesToText,
  decodeUtf8,
  escapeControl,
  escapeControlKeepingLines,
  hexDump,
} from '../../src/output/text-safety.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

describe('text for a terminal', () => {
  it('never holds a control character, an override of direction or a lone surrogate', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const safe = escapeControl(text);
        expect(safe).not.toMatch(CONTROL);
        expect(safe.isWellFormed()).toBe(true);
      }),
    );
  });

  it('keeps its lines and tabs where it is text of several lines, and nothing else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const safe = escapeControlKeepingLines(text);
        expect(safe.replaceAll(/[\n\t]/g, '')).not.toMatch(CONTROL);
        expect(safe.split('\n').length).toBe(text.split('\n').length);
      }),
    );
  });

  it('is left alone where nothing is unsafe, and is not escaped twice', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeControl(escapeControl(text))).toBe(escapeControl(text));
      }),
    );
    for (const text of ['/brokers/ids', 'naïve', '日本語', '👩‍👩‍👧', 'עברית']) expect(escapeControl(text)).toBe(text);
  });

  it.each([
    ['a\u001b[31mred', 'a\\x1b[31mred'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u009b2J', '\\x9b2J'],
    ['gpj.\u202eexe', 'gpj.\\u202eexe'],
    ['\ud800', '\\ud800'],
  ])('%j is shown as %s', (text, shown) => {
    expect(escapeControl(text)).toBe(shown);
  });
});

describe('the bytes of a znode', () => {
  it('are text in JSON where they are UTF-8 and base64 where not, and come back exactly', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const json = bytesToJson(bytes);
        const back = 'utf8' in json ? Buffer.from(json.utf8, 'utf8') : Buffer.from(json.base64, 'base64');
        expect(Buffer.compare(back, bytes)).toBe(0);
      }),
    );
  });

  it('keep a byte order mark', () => {
    expect(decodeUtf8(Buffer.from([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa');
  });

  it('are a hex dump where they are no text', () => {
    expect(bytesToText(Buffer.from([0, 1, 0xff]))).toContain('|00000000| 00 01 ff ');
    expect(bytesToText(Buffer.from('héllo'))).toBe('héllo');
    expect(bytesToText(Buffer.from('hi'), 'base64')).toBe('aGk=');
    expect(bytesToText(new Uint8Array(0), 'hex')).toBe('');
  });

  it('are dumped as zkCli dumps them', () => {
    expect(hexDump(Buffer.from('abcdefghijklmnopq\n'))).toBe(
      [
        '         +-------------------------------------------------+',
        '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
        '+--------+-------------------------------------------------+----------------+',
        '|00000000| 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 |abcdefghijklmnop|',
        '|00000010| 71 0a                                           |q.              |',
        '+--------+-------------------------------------------------+----------------+',
      ].join('\n'),
    );
  });
});
