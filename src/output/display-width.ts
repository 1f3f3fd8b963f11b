let segmenter: Intl.Segmenter | undefined;
const PLAIN = /^[\x20-\x7e]*$/;

/** What Unicode says of characters takes a while to look up, which plain ASCII never needs. */
function unicodePatterns() {
  return {
    zeroWidth: /^[\p{Mark}\p{Cf}\p{Default_Ignorable_Code_Point}]+$/u,
    emoji: /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u{1f1e6}-\u{1f1ff}]/u,
    // East Asian Wide and Fullwidth blocks (Unicode's EastAsianWidth.txt, joined to the blocks terminals agree on).
    wide: /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u,
  };
}

let patterns: ReturnType<typeof unicodePatterns> | undefined;

/** How many terminal columns a text takes; it must hold no control characters. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** Loading ICU's tables takes 20 ms, which plain ASCII never needs. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  patterns ??= unicodePatterns();
  if (patterns.zeroWidth.test(grapheme)) return 0;
  return patterns.emoji.test(grapheme) || patterns.wide.test(grapheme) ? 2 : 1;
}

/** Cuts a text to a number of columns, ending in `…` where something was cut; never splits a character. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let used = 0;
  let kept = '';
  for (const { segment } of graphemes(text)) {
    const next = graphemeWidth(segment);
    if (used + next > width - 1) break;
    used += next;
    kept += segment;
  }
  return `${kept}…`;
}

/** Pads a text with spaces to a number of columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? space + text : text + space;
}
