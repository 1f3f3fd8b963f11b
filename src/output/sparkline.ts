const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * The newest values as a row of bars, one a column, from zero to the greatest of them; a blank where there is no value.
 * Right-aligned: what happened now is at the end.
 */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = width <= 0 ? [] : values.slice(-width);
  const most = Math.max(0, ...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === undefined) return ' ';
    return LEVELS[most === 0 ? 0 : Math.min(LEVELS.length - 1, Math.floor((value / most) * LEVELS.length))] ?? ' ';
  });
  return bars.join('').padStart(width);
}
