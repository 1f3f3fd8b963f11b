const UNITS = [
  ['y', 365 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

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

/** A length of time in its largest unit and, under ten of it, the next one: `45s`, `2m30s`, `12d`. */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const index = UNITS.findIndex(([, size]) => ms >= size);
  const unit = UNITS[index];
  const next = UNITS[index + 1];
  if (unit === undefined) return `${ms}ms`;
  const count = Math.floor(ms / unit[1]);
  const rest = next === undefined || count >= 10 ? 0 : Math.floor((ms % unit[1]) / next[1]);
  return next === undefined || rest === 0 ? `${count}${unit[0]}` : `${count}${unit[0]}${rest}${next[0]}`;
}

/** A number of bytes with a binary unit: `512 B`, `1.5 KiB`. */
export function byteSize(bytes: number | bigint): string {
  let amount = Number(bytes);
  if (amount < 1024) return `${amount} B`;
  let unit = 'B';
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
}
