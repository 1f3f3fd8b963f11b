import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, pad, truncate } from '../../src/output/display-width.ts';

const words = fc.string({
  unit: fc.constantFrom('a', 'é', '日', '한', 'ｶ', '👩‍👩‍👧', '🇩🇪', 'e\u0301', '…', ' '),
  maxLength: 30,
});

describe('the width of text on a terminal', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['日本', 4],
    ['한국어', 6],
    ['👍', 2],
    ['👩‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['e\u0301', 1],
    ['❤️', 2],
    ['ｶﾅ', 2],
    ['Ａ', 2],
  ])('%s takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('adds up', () => {
    fc.assert(
      fc.property(words, (text) => {
        expect(displayWidth(`${text}|`)).toBe(displayWidth(text) + 1);
      }),
    );
  });

  it('never exceeds what a text is cut to, and a text that fits is not cut', () => {
    fc.assert(
      fc.property(words, fc.nat(40), (text, width) => {
        const cut = truncate(text, width);
        expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        if (displayWidth(text) <= width) expect(cut).toBe(text);
        else if (width > 0) expect(cut.endsWith('…')).toBe(true);
      }),
    );
  });

  it('is reached exactly by padding, on either side', () => {
    fc.assert(
      fc.property(words, fc.nat(60), (text, width) => {
        const expected = Math.max(width, displayWidth(text));
        expect(displayWidth(pad(text, width))).toBe(expected);
        expect(displayWidth(pad(text, width, 'right'))).toBe(expected);
      }),
    );
  });
});
