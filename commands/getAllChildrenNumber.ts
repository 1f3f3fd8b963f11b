import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';

interface Result {
  path: string;
  count: number;
}

export default class GetAllChildrenNumber extends ZkshCommand<Result, typeof GetAllChildrenNumber> {
  static override summary = 'count all znodes below a path';
  static override description =
    `The server counts, whatever the depth, without sending the names. Servers know it from ZooKeeper 3.6.

JSON: {path, count}.`;
  static override examples = ['<%= config.bin %> getAllChildrenNumber /brokers'];
  static override args = { path: Args.string({ required: true, description: 'znode to count below' }) };

  protected readonly view: View<Result> = { text: ({ count }) => `${count}` };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    return { path, count: await client.getAllChildrenNumber(path, { signal: this.signal }) };
  }
}
