import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';

interface Result {
  path: string;
}

export default class Sync extends ZkshCommand<Result, typeof Sync> {
  static override summary = 'bring the connected server up to date with the leader';
  static override description =
    `Reads after it, in the same session, see every write that was acknowledged before it. It is the session's server
that catches up, so this is of use in the shell and in scripts of it.

JSON: {path}.`;
  static override examples = ['<%= config.bin %> sync /'];
  static override args = { path: Args.string({ required: true, description: 'any znode; the whole tree is synced' }) };

  protected readonly view: View<Result> = { text: () => 'Sync is OK' };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    return { path: await client.sync(path, { signal: this.signal }) };
  }
}
