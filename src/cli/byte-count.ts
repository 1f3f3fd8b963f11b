import { UsageError } from '../protocol/errors.ts';

/** As `du` and `dd` have them: a bare letter and `KiB` count by 1024, `KB` by 1000. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
};
const COUNT = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;
/** How `jute.maxbuffer` is usually written. */
const HEX = /^0x[0-9a-f]{1,13}$/i;

/** A number of bytes such as `512`, `4KiB`, `1.5M` or `0xfffff`. @throws UsageError code `BAD_SIZE` */
export function parseByteCount(text: string): number {
  const trimmed = text.trim();
  const match = COUNT.exec(trimmed);
  const unit = UNITS[match?.[2]?.toLowerCase() ?? 'none'];
  const bytes = HEX.test(trimmed) ? Number(trimmed) : Math.round(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) {
    throw new UsageError(`"${text}" is no number of bytes`, {
      code: 'BAD_SIZE',
      hint: 'Write it as 512, 4KiB or 1.5M; K, M and G count by 1024, KB, MB and GB by 1000.',
    });
  }
  return bytes;
}
