import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { WATCH_ENDS } from '../src/cli/znode-flags.ts';
import { statJson } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import { ExitCode } from '../src/protocol/errors.ts';
import type { Stat } from '../src/protocol/records.ts';

interface Result {
  path: string;
  stat: Stat | undefined;
}

export default class Exists extends ZkshCommand<Result, typeof Exists> {
  static override summary = 'tell whether a znode exists: exit code 0 when it does, 3 when not';
  static override description = `Prints true or false. Needs no permission on the znode.

JSON: {path, exists, stat}; no stat where there is no znode.`;
  static override examples = [
    '<%= config.bin %> exists /app/config && echo "it is there"',
    '<%= config.bin %> exists /app/config -o json',
  ];
  static override args = { path: Args.string({ required: true, description: 'znode to look for' }) };
  static override flags = {
    watch: Flags.boolean({ char: 'w', description: 'leave a one-time watch on its data and its existence' }),
  };

  protected readonly view: View<Result> = {
    text: ({ stat }) => `${stat !== undefined}`,
    json: ({ path, stat }) => ({ path, exists: stat !== undefined, stat: stat && statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    const stat = await client.exists(path, { watch: this.flags.watch, signal: this.signal });
    if (this.flags.watch && this.host.session === undefined) this.note(WATCH_ENDS);
    if (stat === undefined) this.exitCode = ExitCode.notFound;
    return { path, stat };
  }
}
