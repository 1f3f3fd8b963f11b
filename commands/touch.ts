import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { statJson } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import type { Stat } from '../src/protocol/records.ts';
import { touch } from '../src/znodes/touch.ts';

interface Result {
  path: string;
  created: boolean;
  stat: Stat;
}

export default class Touch extends ZkshCommand<Result, typeof Touch> {
  static override summary = "bring a znode's mtime to now, or create it without data";
  static override description =
    `A znode that is there gets the data it has once more, guarded by its version: mtime and version change, nothing else,
watchers are told, and a time to live begins anew. If somebody else writes at the same moment, their write is the touch.
It takes the permissions to read and to write.

JSON: {path, created, stat}.`;
  static override examples = [
    '<%= config.bin %> touch /app/reload',
    '<%= config.bin %> touch --parents /app/flags/maintenance',
    '<%= config.bin %> touch --no-create /app/job',
  ];
  static override args = { path: Args.string({ required: true, description: 'znode to touch' }) };
  static override flags = {
    parents: Flags.boolean({ description: 'create missing parents too' }),
    'no-create': Flags.boolean({ description: 'do not create it: exit code 3 where it is missing' }),
  };

  protected readonly view: View<Result> = {
    text: ({ path, created }, style) => (created ? `Created ${style.name(path)}` : undefined),
    json: ({ path, created, stat }) => ({ path, created, stat: statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const { parents, 'no-create': keep } = this.flags;
    const client = await this.client();
    return { path, ...(await touch(client, path, { parents, create: !keep, signal: this.signal })) };
  }
}
