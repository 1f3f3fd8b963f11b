const UNITS = [
  ['y', 365 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

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
