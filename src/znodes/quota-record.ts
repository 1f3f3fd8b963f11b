import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** The limits of a quota, or what is used of it; undefined = not limited. Sizes in bytes. */
export interface QuotaNumbers {
  readonly count?: bigint | undefined;
  readonly bytes?: bigint | undefined;
  readonly countHardLimit?: bigint | undefined;
  readonly byteHardLimit?: bigint | undefined;
}

/** −1 in the record: not limited. */
const NONE = -1n;

/**
 * Reads what a quota's znodes hold: `count=4,bytes=5=;byteHardLimit=10;countHardLimit=10` (StatsTrack.java), or
 * `count=4,bytes=5` as servers before 3.7 write it.
 *
 * @throws ZkshError code `BAD_QUOTA`
 */
export function parseQuotaRecord(text: string): QuotaNumbers {
  const found = new Map<string, bigint>();
  for (const pair of text.split(/[,;]+/)) {
    if (pair === '') continue;
    const [, key, digits] = /^(\w+)=(-?\d*)=?$/.exec(pair) ?? [];
    if (key === undefined) throw badRecord(text);
    const value = digits === undefined || digits === '' ? NONE : BigInt(digits);
    if (value !== NONE) found.set(key, value);
  }
  return {
    count: found.get('count'),
    bytes: found.get('bytes'),
    countHardLimit: found.get('countHardLimit'),
    byteHardLimit: found.get('byteHardLimit'),
  };
}

/** Limits as setquota stores them: the `=` after bytes keeps parsers of 3.4 from seeing what follows. */
export function formatLimits({ count, bytes, countHardLimit, byteHardLimit }: QuotaNumbers): string {
  const hard = `byteHardLimit=${byteHardLimit ?? NONE};countHardLimit=${countHardLimit ?? NONE}`;
  return `count=${count ?? NONE},bytes=${bytes ?? NONE}=;${hard}`;
}

/** What is used, as the server stores it. */
export function formatUsage({ count, bytes }: QuotaNumbers): string {
  return `count=${count ?? NONE},bytes=${bytes ?? NONE}`;
}

function badRecord(text: string): ZkshError {
  return new ZkshError(`the quota's record can't be read: ${JSON.stringify(text)}`, {
    code: 'BAD_QUOTA',
    exitCode: ExitCode.failure,
    hint: 'Delete it with delquota and set it again.',
  });
}
