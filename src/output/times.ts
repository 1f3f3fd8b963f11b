import { shortDuration } from '../protocol/measures.ts';

export { byteSize, shortDuration } from '../protocol/measures.ts';

/** Milliseconds since the epoch as RFC 3339 in UTC; a value no date can hold is printed as it is. */
export function rfc3339(epochMs: number | bigint): string {
  const date = new Date(Number(epochMs));
  return Number.isNaN(date.getTime()) ? `${epochMs}` : date.toISOString();
}

/** How long ago (`3m ago`) or how far ahead (`in 3m`) a moment is; both arguments are milliseconds since the epoch. */
export function relativeTime(epochMs: number | bigint, now: number): string {
  const distance = now - Number(epochMs);
  if (Math.abs(distance) < 1000) return 'now';
  const text = shortDuration(Math.abs(distance));
  return distance > 0 ? `${text} ago` : `in ${text}`;
}
