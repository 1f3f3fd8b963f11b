import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';
import { deleteQuota } from '../src/znodes/quota.ts';
import type { QuotaNumbers } from '../src/znodes/quota-record.ts';

interface Result {
  path: string;
  /** The limits taken away; all where none was named. */
  limits: readonly (keyof QuotaNumbers)[];
}

const LIMITS = {
  count: 'count',
  bytes: 'bytes',
  'hard-count': 'countHardLimit',
  'hard-bytes': 'byteHardLimit',
} as const;

export default class DelQuota extends ZkshCommand<Result, typeof DelQuota> {
  static override summary = 'take the quota of a znode away, or single limits of it';
  static override description = `Without a flag the whole quota goes. Exit code 3 where there is none.

JSON: {path, limits}, limits being the names of those taken away.`;
  static override examples = ['<%= config.bin %> delquota /app', '<%= config.bin %> delquota -B /app'];
  static override args = { path: Args.string({ required: true, description: 'znode that has the quota' }) };
  static override flags = {
    count: Flags.boolean({ char: 'n', description: 'only the soft limit of znodes' }),
    bytes: Flags.boolean({ char: 'b', description: 'only the soft limit of bytes' }),
    'hard-count': Flags.boolean({ char: 'N', description: 'only the hard limit of znodes' }),
    'hard-bytes': Flags.boolean({ char: 'B', description: 'only the hard limit of bytes' }),
  };

  protected readonly view: View<Result> = { text: () => undefined };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const flags = ['count', 'bytes', 'hard-count', 'hard-bytes'] as const;
    const named = flags.filter((flag) => this.flags[flag]).map((flag) => LIMITS[flag]);
    const client = await this.client();
    await deleteQuota(client, path, named, { signal: this.signal });
    return { path, limits: named.length > 0 ? named : Object.values(LIMITS) };
  }
}
