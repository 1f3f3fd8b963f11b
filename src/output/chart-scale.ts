/** The labelled values of an axis, from its beginning to its end. */
export interface Scale {
  from: number;
  to: number;
  ticks: readonly number[];
}

/** Nobody tells less apart, and a number may be as small as a server likes. */
const LEAST_STEP = 1e-6;
/** What one step of an axis may be, times a power of ten. */
const STEPS = [1, 2, 5, 10];
/** Where what varies is a small part of what is there, an axis from zero would show nothing of it. */
const SMALL_PART = 0.2;

/**
 * A scale of round numbers for values from `least` to `most`, with at most so many steps. It begins at zero, unless
 * `level` says that a part of it may be shown and the values differ little; `whole` values have no ticks in between.
 */
export function scaleOf(
  { least, most }: { least: number; most: number },
  steps: number,
  { level = false, whole = false }: { level?: boolean | undefined; whole?: boolean | undefined } = {},
): Scale {
  const part = level && least > 0 && most - least < most * SMALL_PART;
  const still = part && most === least;
  const low = still ? Math.max(0, least - 1) : part ? least : 0;
  const high = still ? most + 1 : most > low ? most : low + 1;
  const rough = Math.max((high - low) / steps, LEAST_STEP);
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = (STEPS.find((one) => one * power >= rough * 0.999_999) ?? 10) * power;
  const step = whole ? Math.max(1, round) : round;
  const from = Math.floor(low / step) * step;
  const count = Math.max(1, Math.ceil((high - from) / step - 0.000_001));
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
  return { from, to: ticks.at(-1) ?? high, ticks };
}

/** Lengths of time that an axis may be divided by, in seconds. */
const PERIODS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/** Round moments between two moments, in milliseconds since the epoch; at most so many. */
export function moments(from: number, to: number, most: number): number[] {
  const period = 1000 * (PERIODS.find((seconds) => (to - from) / (seconds * 1000) <= most) ?? 86_400);
  const first = Math.ceil(from / period) * period;
  const count = Math.max(0, Math.floor((to - first) / period) + 1);
  return Array.from({ length: Math.min(count, most + 1) }, (_, i) => first + i * period);
}
