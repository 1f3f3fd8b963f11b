import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { needsShell } from '../src/cli/needs-shell.ts';
import type { View } from '../src/output/view.ts';
import { UsageError } from '../src/protocol/errors.ts';
import type { AddWatchMode } from '../src/protocol/events.ts';

interface Result {
  path: string;
  mode: AddWatchMode;
}

/** zkCli's names, and ours as JSON prints them. */
const MODES: Readonly<Record<string, AddWatchMode>> = {
  PERSISTENT: 'persistent',
  PERSISTENT_RECURSIVE: 'persistentRecursive',
  PERSISTENTRECURSIVE: 'persistentRecursive',
};

const modeFlag = Flags.custom<AddWatchMode>({
  parse: async (text) => {
    const mode = MODES[text.toUpperCase()];
    if (mode !== undefined) return mode;
    throw new UsageError(`"${text}" is no mode of a watch`, { hint: 'It is PERSISTENT or PERSISTENT_RECURSIVE.' });
  },
});

export default class AddWatch extends ZkshCommand<Result, typeof AddWatch> {
  static override summary = 'keep a watch on a znode, in the shell';
  static override description =
    `The watch stays until removewatches or the end of the session; its events are shown above the prompt. Outside the
shell the session ends with the command, so there zksh watch is the one to use. Servers need ZooKeeper 3.6.

JSON: {path, mode}; mode is persistent or persistentRecursive.`;
  static override examples = [
    '<%= config.bin %> addWatch /app',
    '<%= config.bin %> addWatch -m PERSISTENT /app/config',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode to watch; it need not exist yet' }),
  };
  static override flags = {
    mode: modeFlag({
      char: 'm',
      default: 'persistentRecursive',
      helpValue: '<mode>',
      description: 'PERSISTENT, or PERSISTENT_RECURSIVE for all below the znode too, which is the default',
    }),
  };

  protected readonly view: View<Result> = { text: () => undefined };

  protected async execute(): Promise<Result> {
    needsShell(this.host, 'addWatch', 'zksh watch stays and shows the events.');
    const path = this.resolvePath(this.args.path);
    const { mode } = this.flags;
    await (await this.client()).addWatch(path, mode, { signal: this.signal });
    return { path, mode };
  }
}
