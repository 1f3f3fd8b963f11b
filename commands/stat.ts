import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { WATCH_ENDS } from '../src/cli/znode-flags.ts';
import { statJson, statText } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import type { Stat } from '../src/protocol/records.ts';
import { Errno, ServerError } from '../src/protocol/server-errors.ts';

interface Result {
  path: string;
  stat: Stat;
}

export default class StatCommand extends ZkshCommand<Result, typeof StatCommand> {
  static override summary = 'print the stat of a znode: zxids, times, versions, owner, sizes';
  static override description =
    `Needs no permission on the znode. With -w a watch is left even where there is no znode: it tells of its creation.

JSON: {path, stat}; zxids and the owner are decimal strings, times RFC 3339.`;
  static override examples = [
    '<%= config.bin %> stat /app/config',
    "<%= config.bin %> stat /app/config -o json | jq -r '.stat.version'",
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode to look at' }),
    watch: Args.string({ hidden: true, description: 'old form of -w' }),
  };
  static override flags = {
    watch: Flags.boolean({ char: 'w', description: 'leave a one-time watch on its data and its existence' }),
  };

  protected readonly view: View<Result> = {
    text: ({ stat }) => statText(stat),
    json: ({ path, stat }) => ({ path, stat: statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const watch = this.flags.watch || this.args.watch !== undefined;
    const client = await this.client();
    const stat = await client.exists(path, { watch, signal: this.signal });
    if (watch && this.host.session === undefined) this.note(WATCH_ENDS);
    if (stat === undefined) throw new ServerError(Errno.noNode, 'stat', path);
    return { path, stat };
  }
}
