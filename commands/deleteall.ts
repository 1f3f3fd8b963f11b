import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { lossLines } from '../src/output/deletion.ts';
import type { View } from '../src/output/view.ts';
import { BATCH_SIZE } from '../src/znodes/bulk-write.ts';
import { type DeletionPlan, deleteTree, planDeletion } from '../src/znodes/delete-tree.ts';

interface Result {
  plan: DeletionPlan;
  deleted: number;
  dryRun: boolean;
}

export default class DeleteAll extends ZkshCommand<Result, typeof DeleteAll> {
  static override summary = 'delete a znode with everything below it';
  static override description =
    `Looks first, and where there is more than one znode shows what it found and asks, unless --yes. Znodes that are created
below it meanwhile are deleted too. /zookeeper is never touched: deleteall / empties the rest of the tree.

Not one transaction: what is deleted stays deleted. When some znodes can't be, the others are, the error says how many
and names what is left, and running it again goes on.

JSON: {path, znodes, bytes, ephemerals, deleted, dryRun}; znodes and bytes as found at first, ephemerals a list of
{path, owner}, owner the session id as a decimal string.`;
  static override aliases = ['rmr'];
  static override examples = [
    '<%= config.bin %> deleteall /app --dry-run',
    '<%= config.bin %> deleteall /app --yes',
    '<%= config.bin %> deleteall -b 100 /app',
  ];
  static override dryRun = true;
  static override args = { path: Args.string({ required: true, description: 'znode to delete, with all below it' }) };
  static override flags = {
    batch: Flags.integer({
      char: 'b',
      min: 0,
      helpValue: '<n>',
      description: `deletes in one transaction; ${BATCH_SIZE} when not given, 0 for none`,
    }),
  };

  protected readonly view: View<Result> = {
    text: ({ plan, dryRun }, style) =>
      dryRun ? [`Would ${deed(plan)}`, ...lossLines(plan, style)].join('\n') : undefined,
    json: ({ plan, deleted, dryRun }) => ({
      path: plan.root,
      znodes: plan.znodes,
      bytes: plan.bytes,
      ephemerals: plan.ephemerals,
      deleted,
      dryRun,
    }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    const looking = this.progress({ label: `looking at ${path}`, unit: 'znodes' });
    const plan = await planDeletion(client, path, { signal: this.signal, progress: looking.update }).finally(
      looking.done,
    );
    if (this.flags['dry-run']) return { plan, deleted: 0, dryRun: true };
    const { znodes } = plan;
    if (znodes > 0) await this.confirm({ what: deed(plan), details: lossLines(plan), protectedOnly: znodes === 1 });
    const deleting = this.progress({ label: `deleting ${path}`, total: znodes, unit: 'znodes' });
    const deleted = await deleteTree(client, plan, {
      batchSize: this.flags.batch,
      signal: this.signal,
      progress: deleting.update,
    }).finally(deleting.done);
    return { plan, deleted, dryRun: false };
  }
}

function deed({ root, znodes }: DeletionPlan): string {
  const count = (znodes - (root === '/' ? 0 : 1)).toLocaleString('en-US');
  if (root === '/') return `delete all ${count} znodes outside /zookeeper`;
  if (znodes === 1) return `delete ${root}`;
  return `delete ${root} and ${count} ${znodes === 2 ? 'znode' : 'znodes'} below it`;
}
