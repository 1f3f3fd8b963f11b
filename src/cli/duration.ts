import { UsageError } from '../protocol/errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

/** A duration such as `500ms`, `10s`, `2m` in milliseconds; a bare number is milliseconds, as zkCli's -timeout is. */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text.trim());
  const unit = UNIT_MS[match?.[2]?.toLowerCase() ?? 'none'];
  const ms = unit === undefined ? Number.NaN : Math.round(Number(match?.[1]) * unit);
  // Timers and the protocol's session timeout are 32-bit: a larger value would fire at once or be refused.
  if (!(ms > 0 && ms <= 0x7fffffff)) {
    throw new UsageError(`"${text}" is not a duration`, {
      code: 'BAD_DURATION',
      hint: 'Write it as 500ms, 10s, 2m or 1h, above 0 and up to 24 days; a bare number is milliseconds.',
    });
  }
  return ms;
}
