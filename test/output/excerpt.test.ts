import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/output/display-width.ts';
import { excerpt } from '../../src/output/excerpt.ts';
import { createStyle } from '../../src/output/style.ts';

const terminal = createStyle({ tty: true, width: 80, now: 0, paint: (_, text) => (text === '…' ? '…' : `<${text}>`) });
const pipe = createStyle({ tty: false, width: Number.POSITIVE_INFINITY, now: 0 });
const shown = (text: string, spans: [number, number][], columns: number) =>
  terminal.finish(excerpt(text, spans, terminal, columns));

describe('an excerpt', () => {
  it('paints the matches of a line that fits', () => {
    expect(
      shown(
        'a bc d bc',
        [
          [2, 4],
          [7, 9],
        ],
        30,
      ),
    ).toBe('a <bc> d <bc>');
    expect(shown('', [], 30)).toBe('');
  });

  it('is cut around the first match on a terminal, and never in a pipe', () => {
    const text = `${'x'.repeat(200)}match${'y'.repeat(200)}match`;
    const cut = shown(
      text,
      [
        [200, 205],
        [405, 410],
      ],
      30,
    );
    expect(cut).toBe(`…${'x'.repeat(10)}<match>${'y'.repeat(13)}…`);
    expect(pipe.finish(excerpt(text, [[200, 205]], pipe, 30))).toBe(text);
  });

  it('shows the beginning and the end where the match is there', () => {
    const text = 'abcdefghij'.repeat(10);
    expect(shown(text, [[0, 2]], 30)).toBe(`<ab>${text.slice(2, 28)}…`);
    expect(shown(text, [[98, 100]], 30)).toBe(`…${text.slice(72, 98)}<ij>`);
    expect(shown(text, [], 30)).toBe(`${text.slice(0, 28)}…`);
  });

  it.each(['\u001b[31m', '漢字', '😀', 'e\u0301', '\t'])('keeps to the columns with %j in it', (piece) => {
    const text = piece.repeat(100);
    for (const at of [0, 50 * piece.length, 99 * piece.length]) {
      const plain = shown(text, [[at, at + piece.length]], 40).replaceAll(/[<>]/g, '');
      expect(displayWidth(plain)).toBeLessThanOrEqual(40);
      expect(plain).not.toContain('\u001b');
      expect(plain.isWellFormed()).toBe(true);
      expect(shown(text, [[at, at + piece.length]], 40)).toContain('<');
    }
  });
});
