import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { needsShell } from '../src/cli/needs-shell.ts';
import type { View } from '../src/output/view.ts';
import type { WatcherType } from '../src/protocol/events.ts';

interface Result {
  path: string;
  type: WatcherType;
}

const KINDS = ['children', 'data', 'persistent', 'recursive', 'any'] as const;
const kind = (char: 'c' | 'd' | 'p' | 'r' | 'a', description: string) =>
  Flags.boolean({ char, description, exclusive: KINDS.filter((name) => !name.startsWith(char)) });

export default class RemoveWatches extends ZkshCommand<Result, typeof RemoveWatches> {
  static override summary = 'take watches off a znode, in the shell';
  static override description =
    `Without a kind all of the session's watches on that znode go. A znode without such a watch is an error, exit code 3.
Kinds -p and -r need ZooKeeper 3.9; before it, -a takes the persistent ones too.

JSON: {path, type}; type is children, data, persistent, persistentRecursive or any.`;
  static override examples = ['<%= config.bin %> removewatches /app', '<%= config.bin %> removewatches /app/config -d'];
  static override args = { path: Args.string({ required: true, description: 'znode that is watched' }) };
  static override flags = {
    children: kind('c', 'watches on the names of its children'),
    data: kind('d', 'watches on its data and its coming into being'),
    persistent: kind('p', 'persistent watches'),
    recursive: kind('r', 'persistent recursive watches'),
    any: kind('a', 'all of them'),
    local: Flags.boolean({ char: 'l', description: 'forget them here even when no server can be asked' }),
  };

  protected readonly view: View<Result> = { text: () => undefined };

  protected async execute(): Promise<Result> {
    needsShell(this.host, 'removewatches', 'Outside it, a watch is gone when its command ends.');
    const path = this.resolvePath(this.args.path);
    const type = this.#type();
    await (await this.client()).removeWatches(path, type, { local: this.flags.local, signal: this.signal });
    return { path, type };
  }

  #type(): WatcherType {
    const { children, data, persistent, recursive } = this.flags;
    if (children) return 'children';
    if (data) return 'data';
    if (persistent) return 'persistent';
    return recursive ? 'persistentRecursive' : 'any';
  }
}
