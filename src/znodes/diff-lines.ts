import { isUtf8 } from 'node:buffer';

/** Beyond this many pairs of lines, finding the fewest changes is not worth its time and memory. */
const MOST_PAIRS = 4_000_000;

/**
 * The lines that differ, as `diff -U0` writes them; undefined where one of the two is no text.
 */
export function diffLines(a: Uint8Array, b: Uint8Array): string[] | undefined {
  const [left, right] = [textOf(a), textOf(b)];
  if (left === undefined || right === undefined) return undefined;
  const [from, to] = [left.split('\n'), right.split('\n')];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let end = 0;
  const least = Math.min(from.length, to.length) - start;
  while (end < least && from[from.length - 1 - end] === to[to.length - 1 - end]) end += 1;
  return hunks(from.slice(start, from.length - end), to.slice(start, to.length - end), start);
}

/** A null byte is valid UTF-8, but nobody's idea of text. */
function textOf(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) && !buffer.includes(0) ? buffer.toString('utf8') : undefined;
}

function hunks(from: readonly string[], to: readonly string[], start: number): string[] {
  const width = to.length + 1;
  const common = longestCommon(from, to);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && common !== undefined && from[i] === to[j]) {
      i += 1;
      j += 1;
      continue;
    }
    const [i0, j0] = [i, j];
    while (i < from.length || j < to.length) {
      if (common !== undefined && i < from.length && j < to.length && from[i] === to[j]) break;
      const down = common?.[(i + 1) * width + j] ?? 0;
      const across = common?.[i * width + j + 1] ?? 0;
      if (i < from.length && (j === to.length || down >= across)) i += 1;
      else j += 1;
    }
    lines.push(`@@ -${range(start + i0, i - i0)} +${range(start + j0, j - j0)} @@`);
    lines.push(...from.slice(i0, i).map((line) => `-${line}`), ...to.slice(j0, j).map((line) => `+${line}`));
  }
  return lines;
}

/** Where nothing was, the line before it is named, as in every unified diff. */
function range(start: number, count: number): string {
  const line = count === 0 ? start : start + 1;
  return count === 1 ? `${line}` : `${line},${count}`;
}

/** For every two places the length of the longest common subsequence from there on. */
function longestCommon(from: readonly string[], to: readonly string[]): Uint16Array | undefined {
  const width = to.length + 1;
  if ((from.length + 1) * width > MOST_PAIRS || Math.min(from.length, to.length) > 0xffff) return undefined;
  const table = new Uint16Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      const at = i * width + j;
      table[at] =
        from[i] === to[j]
          ? (table[at + width + 1] as number) + 1
          : Math.max(table[at + width] as number, table[at + 1] as number);
    }
  }
  return table;
}
