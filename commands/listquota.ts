import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';
import { type Quota, readQuota } from '../src/znodes/quota.ts';
import { formatLimits, formatUsage } from '../src/znodes/quota-record.ts';

export default class ListQuota extends ZkshCommand<Quota, typeof ListQuota> {
  static override summary = 'print the quota of a znode and what is used of it';
  static override description =
    `The first line is where the limits are kept, the second the limits (-1: not limited), the third what is used: znodes,
the path itself included, and bytes of data. Exit code 3 where there is no quota.

JSON: {path, limitsPath, limits, usage}; limits {count, bytes, countHardLimit, byteHardLimit} as decimal strings, left out
where not limited; usage {count, bytes}.`;
  static override examples = ['<%= config.bin %> listquota /app', '<%= config.bin %> listquota /app -o json'];
  static override args = { path: Args.string({ required: true, description: 'znode that has the quota' }) };

  protected readonly view: View<Quota> = {
    text: ({ path, limitsPath, limits, usage }, style) =>
      [
        `absolute path is ${style.name(limitsPath)}`,
        `Output quota for ${style.name(path)} ${formatLimits(limits)}`,
        `Output stat for ${style.name(path)} ${formatUsage(usage)}`,
      ].join('\n'),
  };

  protected async execute(): Promise<Quota> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    return readQuota(client, path, { signal: this.signal });
  }
}
