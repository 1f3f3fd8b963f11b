import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { parseVersion, versionFlag } from '../src/cli/znode-flags.ts';
import type { View } from '../src/output/view.ts';

interface Result {
  path: string;
}

export default class Delete extends ZkshCommand<Result, typeof Delete> {
  static override summary = 'delete a znode that has no children';
  static override description =
    `With -v it is deleted only if its data has that version; otherwise the exit code is 6 and nothing is changed.
A znode with children is refused: see deleteall and rm -r.

JSON: {path}.`;
  static override examples = ['<%= config.bin %> delete /app/old', '<%= config.bin %> delete -v 3 /app/config'];
  static override args = {
    path: Args.string({ required: true, description: 'znode to delete' }),
    version: Args.string({ hidden: true, description: 'old form of -v' }),
  };
  static override flags = {
    version: versionFlag({ description: 'delete only if the data has this version' }),
  };

  protected readonly view: View<Result> = { text: () => undefined };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    // zkCli takes this old form too but then deletes whatever the version is.
    const old = this.args.version === undefined ? undefined : parseVersion(this.args.version);
    await this.confirm({ what: `delete ${path}`, protectedOnly: true });
    const client = await this.client();
    await client.delete(path, { version: this.flags.version ?? old, signal: this.signal });
    return { path };
  }
}
