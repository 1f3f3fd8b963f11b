import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';

export default class GetEphemerals extends ZkshCommand<readonly string[], typeof GetEphemerals> {
  static override summary = 'list the ephemeral znodes of this session';
  static override description =
    `Only those that this very session has created: of use in the shell. Servers know it from ZooKeeper 3.6.

JSON: a list of paths.`;
  static override examples = ['<%= config.bin %> getEphemerals', '<%= config.bin %> getEphemerals /app'];
  static override args = { path: Args.string({ description: 'only those at or below this path' }) };

  protected readonly view: View<readonly string[], string> = {
    text: (paths, style) => `[${paths.map(style.name).join(', ')}]`,
    columns: [{ header: 'path', value: (path) => path }],
  };

  protected async execute(): Promise<readonly string[]> {
    const prefix = this.args.path === undefined ? '/' : this.resolvePath(this.args.path);
    const client = await this.client();
    return (await client.getEphemerals(prefix, { signal: this.signal })).sort();
  }
}
