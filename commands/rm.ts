import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { lossLines } from '../src/output/deletion.ts';
import type { View } from '../src/output/view.ts';
import { deletePaths, planRemoval } from '../src/znodes/delete-paths.ts';

interface Result {
  /** Those that are there, without those below another. */
  paths: readonly string[];
  znodes: number;
  bytes: number;
  ephemerals: readonly { path: string; owner: bigint }[];
  deleted: number;
  dryRun: boolean;
}

export default class Rm extends ZkshCommand<Result, typeof Rm> {
  static override summary = 'delete znodes, with -r all that is below them too';
  static override description =
    `All paths are looked at before anything is deleted: when one is not there (and no -f is given), has children (and no
-r), or is / or /zookeeper, nothing is deleted at all. More than one znode is shown and asked about first, unless --yes.

With -r as deleteall: znodes that are created below meanwhile are deleted too, ephemerals are shown with their owners,
and when some can't be deleted the others are, the error names what is left, and running it again goes on.

JSON: {paths, znodes, bytes, ephemerals, deleted, dryRun}; znodes, bytes and ephemerals as found at first, ephemerals a
list of {path, owner}, owner the session id as a decimal string.`;
  static override examples = [
    '<%= config.bin %> rm /app/old /app/older',
    '<%= config.bin %> rm -r /app --dry-run',
    '<%= config.bin %> rm -rf /app /cache --yes',
  ];
  static override args = { path: Args.string({ required: true, description: 'znode to delete; more may follow' }) };
  static override strict = false;
  static override dryRun = true;
  static override flags = {
    recursive: Flags.boolean({ char: 'r', description: 'delete all that is below too' }),
    force: Flags.boolean({ char: 'f', description: 'a path that is not there is no failure' }),
  };

  protected readonly view: View<Result> = {
    text: ({ dryRun, ...result }, style) =>
      dryRun ? [`Would ${deed(result)}`, ...lossLines(result, style)].join('\n') : undefined,
  };

  protected async execute(): Promise<Result> {
    const options = { signal: this.signal, recursive: this.flags.recursive, missingIsFine: this.flags.force };
    const paths = this.words.map((word) => this.resolvePath(word));
    const client = await this.client();
    const looking = this.progress({ label: 'looking', unit: 'znodes' });
    const plans = await planRemoval(client, paths, { ...options, progress: looking.update }).finally(looking.done);
    const found = {
      paths: plans.map(({ root }) => root),
      znodes: plans.reduce((sum, { znodes }) => sum + znodes, 0),
      bytes: plans.reduce((sum, { bytes }) => sum + bytes, 0),
      ephemerals: plans.flatMap(({ ephemerals }) => ephemerals),
    };
    if (this.flags['dry-run']) return { ...found, deleted: 0, dryRun: true };
    const { znodes } = found;
    if (znodes > 0) await this.confirm({ what: deed(found), details: lossLines(found), protectedOnly: znodes === 1 });
    const bar = this.progress({ label: 'deleting', total: znodes, unit: 'znodes' });
    const deleted = await deletePaths(client, plans, { ...options, progress: bar.update }).finally(bar.done);
    return { ...found, deleted, dryRun: false };
  }
}

/** Paths named one by one in a question. */
const NAMED = 5;

function deed({ paths, znodes }: Pick<Result, 'paths' | 'znodes'>): string {
  if (paths.length === 0) return 'delete nothing: none of them is there';
  const named = paths.slice(0, NAMED).join(', ');
  const more = paths.length > NAMED ? ` and ${(paths.length - NAMED).toLocaleString('en-US')} more` : '';
  const below = znodes - paths.length;
  if (below === 0) return `delete ${named}${more}`;
  return `delete ${named}${more} and ${below.toLocaleString('en-US')} ${below === 1 ? 'znode' : 'znodes'} below`;
}
