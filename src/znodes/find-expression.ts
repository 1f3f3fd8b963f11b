import { UsageError } from '../protocol/errors.ts';

/** What a number has to be, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const SIZE = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i;
const COUNT = /^\d+$/;
const DAY_MS = 86_400_000;
const AGE_UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
  y: 365 * DAY_MS,
};
const AGE = /^(\d+(?:\.\d+)?)\s*([smhdwy])$/i;
const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A number of bytes such as `10`, `1k` or `1.5MiB`; k, m and g count by 1024. Undefined for what is none. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = SIZE.exec(text.trim()) ?? [];
  const factor = SIZE_UNITS[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** `10k` exactly, `+10k` more, `-10k` less, `1k..10k` from and to. @throws UsageError `BAD_TEST` */
export function sizeRange(text: string): Range {
  return amountRange(text, parseSize, '10k, +10k (more), -10k (less) or 1k..10k');
}

/** `3` exactly, `+3` more, `-3` less, `1..3` from and to. @throws UsageError `BAD_TEST` */
export function countRange(text: string): Range {
  const parse = (part: string) => (COUNT.test(part) ? Number(part) : undefined);
  return amountRange(text, parse, '3, +3 (more), -3 (less) or 1..3');
}

function amountRange(text: string, parse: (part: string) => number | undefined, forms: string): Range {
  const sign = /^[+-]/.exec(text)?.[0];
  const between = text.split('..');
  if (between.length === 2) {
    const [from = '', to = ''] = between;
    const min = from === '' ? 0 : parse(from);
    const max = to === '' ? Number.POSITIVE_INFINITY : parse(to);
    if (min !== undefined && max !== undefined && min <= max && text !== '..') return { min, max };
    throw badTest(text, forms);
  }
  const amount = parse(sign === undefined ? text : text.slice(1));
  if (amount === undefined) throw badTest(text, forms);
  if (sign === '+') return { min: amount + 1, max: Number.POSITIVE_INFINITY };
  return sign === '-' ? { min: 0, max: amount - 1 } : { min: amount, max: amount };
}

const TIME_FORMS =
  '+7d (longer ago), -1h (less long ago), 2026-01-31 (that day in UTC) or 2026-01-01..2026-01-31T12:00Z';

/**
 * When something has to have happened, in milliseconds since the epoch: `+7d` longer ago than that, `-1h` less long ago,
 * a day in UTC, or `from..to`, where each may be a date, a time, or how long ago, and one may be missing.
 *
 * @throws UsageError `BAD_TEST`
 */
export function timeRange(text: string, now: number): Range {
  const ends = text.split('..');
  if (ends.length === 2 && text !== '..') {
    const [from = '', to = ''] = ends;
    const min = from === '' ? Number.NEGATIVE_INFINITY : moment(from, now)?.min;
    const max = to === '' ? Number.POSITIVE_INFINITY : moment(to, now)?.max;
    if (min !== undefined && max !== undefined && min <= max) return { min, max };
    throw badTest(text, TIME_FORMS);
  }
  const sign = /^[+-]/.exec(text)?.[0];
  if (sign === undefined) {
    const day = /T/i.test(text) ? undefined : calendar(text);
    if (day === undefined) throw badTest(text, TIME_FORMS);
    return day;
  }
  const age = ageOf(text.slice(1));
  if (age === undefined) throw badTest(text, TIME_FORMS);
  if (sign === '+') return { min: Number.NEGATIVE_INFINITY, max: now - age - 1 };
  return { min: now - age + 1, max: Number.POSITIVE_INFINITY };
}

function moment(text: string, now: number): Range | undefined {
  const age = ageOf(text);
  return age === undefined ? calendar(text) : { min: now - age, max: now - age };
}

function ageOf(text: string): number | undefined {
  const [, amount, unit = ''] = AGE.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (AGE_UNITS[unit.toLowerCase()] ?? Number.NaN);
}

/** A whole day, or one moment; UTC where nothing else is said, as times are printed in a pipe. */
function calendar(text: string): Range | undefined {
  const [, time, , , zone] = DATE.exec(text) ?? [];
  const min = DATE.test(text) ? Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text) : Number.NaN;
  // Date.parse makes the 30th of February a day in March.
  if (Number.isNaN(min) || (time === undefined && !new Date(min).toISOString().startsWith(text))) return undefined;
  return { min, max: time === undefined ? min + DAY_MS - 1 : min };
}

/** Says of a test what it can't read, and how it is written. */
export function badTest(text: string, forms: string): UsageError {
  return new UsageError(`${JSON.stringify(text)} cannot be read`, { code: 'BAD_TEST', hint: `Write it as ${forms}.` });
}
