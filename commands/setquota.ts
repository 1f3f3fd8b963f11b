import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';
import { UsageError } from '../src/protocol/errors.ts';
import { type Quota, setQuota } from '../src/znodes/quota.ts';
import type { QuotaNumbers } from '../src/znodes/quota-record.ts';

const INT_MAX = 2_147_483_647n;
const LONG_MAX = 9_223_372_036_854_775_807n;

const count = Flags.custom<bigint>({ helpValue: '<n>', parse: async (text) => limit(text, 1n, INT_MAX) });
const bytes = Flags.custom<bigint>({ helpValue: '<bytes>', parse: async (text) => limit(text, 0n, LONG_MAX) });

export default class SetQuota extends ZkshCommand<Quota, typeof SetQuota> {
  static override summary = 'limit how many znodes, or how much data, a branch of the tree may hold';
  static override description =
    `What a soft limit forbids the server only writes to its log. A hard limit, from ZooKeeper 3.7 on, refuses the write,
where the servers run with enforceQuota=true. A limit that is not named stays as it was. A znode can have no quota
while one above or below it has one.

JSON: as listquota's.`;
  static override examples = [
    '<%= config.bin %> setquota -n 10000 /app',
    '<%= config.bin %> setquota -N 20000 -B 50000000 /app',
  ];
  static override args = { path: Args.string({ required: true, description: 'top of the branch to limit' }) };
  static override flags = {
    count: count({ char: 'n', description: 'znodes, the path itself included (soft)' }),
    bytes: bytes({ char: 'b', description: 'bytes of data (soft)' }),
    'hard-count': count({ char: 'N', description: 'znodes, the path itself included (hard)' }),
    'hard-bytes': bytes({ char: 'B', description: 'bytes of data (hard)' }),
  };

  protected readonly view: View<Quota> = { text: () => undefined };

  protected async execute(): Promise<Quota> {
    const limits = this.#limits();
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    const quota = await setQuota(client, path, limits, { signal: this.signal });
    for (const warning of exceeded(quota)) this.warn(warning);
    return quota;
  }

  #limits(): QuotaNumbers {
    const { count, bytes, 'hard-count': hardCount, 'hard-bytes': hardBytes } = this.flags;
    const limits = {
      ...(count === undefined ? {} : { count }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(hardCount === undefined ? {} : { countHardLimit: hardCount }),
      ...(hardBytes === undefined ? {} : { byteHardLimit: hardBytes }),
    };
    if (Object.keys(limits).length === 0) throw new UsageError('a limit is missing: -n, -b, -N or -B with a number');
    return limits;
  }
}

function limit(text: string, least: bigint, most: bigint): bigint {
  const value = /^\d+$/.test(text) ? BigInt(text) : -1n;
  if (value < least || value > most) {
    throw new UsageError(`"${text}" is no limit`, {
      code: 'BAD_LIMIT',
      hint: `It is a whole number, ${least} to ${most}.`,
    });
  }
  return value;
}

function exceeded({ path, limits, usage }: Quota): string[] {
  const over = (used: bigint | undefined, ...most: (bigint | undefined)[]) =>
    used !== undefined && most.some((one) => one !== undefined && one < used);
  return [
    ...(over(usage.count, limits.count, limits.countHardLimit)
      ? [`${path} has ${usage.count} znodes, more than that`]
      : []),
    ...(over(usage.bytes, limits.bytes, limits.byteHardLimit)
      ? [`${path} has ${usage.bytes} bytes, more than that`]
      : []),
  ];
}
