import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { DATA_ARGUMENT, readDataArgument } from '../src/cli/data-argument.ts';
import { versionFlag } from '../src/cli/znode-flags.ts';
import { statJson, statText } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import type { Stat } from '../src/protocol/records.ts';

interface Result {
  path: string;
  stat: Stat;
  withStat: boolean;
}

export default class SetData extends ZkshCommand<Result, typeof SetData> {
  static override summary = 'write the data of a znode';
  static override description =
    `The whole data is replaced. With -v it is written only if nobody has written since that version (see stat);
otherwise the exit code is 6 and nothing is changed.

Data that begins with @ names a file, and - is stdin. In a script that writes what others gave it, use --literal: the
data is then taken as it is.

JSON: {path, stat}.`;
  static override examples = [
    '<%= config.bin %> set /app/config \'{"on": true}\'',
    '<%= config.bin %> set /app/config @config.json',
    'gzip -c big.json | <%= config.bin %> set /app/blob -',
    '<%= config.bin %> set -s -v 7 /app/config "new text"',
    '<%= config.bin %> set --literal /app/owner "$NAME"',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode to write' }),
    data: Args.string({ required: true, description: DATA_ARGUMENT }),
  };
  static override flags = {
    stat: Flags.boolean({ char: 's', description: 'print the new stat' }),
    version: versionFlag({ description: 'write only if the data has this version' }),
    base64: Flags.boolean({ char: 'b', description: 'the data is given as base64' }),
    literal: Flags.boolean({ description: 'take the data as it is: @ and - have no meaning' }),
  };

  protected readonly view: View<Result> = {
    text: ({ stat, withStat }) => (withStat ? statText(stat) : undefined),
    json: ({ path, stat }) => ({ path, stat: statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const { version, base64, literal, stat: withStat } = this.flags;
    const path = this.resolvePath(this.args.path);
    const data = await readDataArgument(this.args.data, {
      stdin: this.io.stdin,
      signal: this.signal,
      stdinTaken: this.host.session !== undefined,
      literal,
      base64,
    });
    await this.confirm({ what: `overwrite the data of ${path}`, protectedOnly: true });
    const client = await this.client();
    return { path, stat: await client.setData(path, data, { version, signal: this.signal }), withStat };
  }
}
