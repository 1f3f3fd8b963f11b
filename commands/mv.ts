import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { Client } from '../src/client/client.ts';
import { copyNotes, copyPlanJson, copyPlanText } from '../src/output/copy-plan.ts';
import type { View } from '../src/output/view.ts';
import type { CopyPlan } from '../src/znodes/copy-plan.ts';
import { type MoveOptions, type MoveResult, moveTree, planMove } from '../src/znodes/move.ts';

interface Result {
  plan: CopyPlan;
  done: MoveResult | undefined;
}

/** What a person agrees to. */
const NOT_ATOMIC = 'not one transaction: readers see both for a while, then less and less of the old one';

export default class Mv extends ZkshCommand<Result, typeof Mv> {
  static override summary = 'move a znode with all below it to another path';
  static override description =
    `A znode without children moves in one transaction. A tree does not: it is copied, the whole copy is read back and
compared, and only then the old one is deleted, children first, each znode only if it still has the version that was
compared. Meanwhile readers see both, then less and less of the old one. What changes while it is moved stays where it
is and is listed (exit code 6); only a znode that is deleted and created anew, with as many changes, in the instant between
the last look and its deletion can't be told from the old one. Broken off at any point, the same command goes on.

The znodes at the new path are new: versions, times and zxids begin anew, watches stay at the old path, numbering of
sequential znodes starts over, quotas are not moved, and containers and times to live become persistent, since no server
tells a client of them. Ephemerals can't be moved: a tree that has some is refused and their owners are named, unless
--ephemerals skip leaves them where they are, with the znodes above them.

Where something is at the new path, nothing is changed; --merge adds to it, --overwrite also replaces what differs.

JSON: {from, to, znodes, bytes, already, differing, extra, ephemerals, moved, kept, atomic, dryRun}; as cp's, and moved
counts the znodes deleted at the old path, kept those left there on purpose.`;
  static override examples = [
    '<%= config.bin %> mv /app/config /app/settings',
    '<%= config.bin %> mv /app /apps/app --parents --dry-run',
    '<%= config.bin %> mv /services /old/services --ephemerals skip',
  ];
  static override dryRun = true;
  static override args = {
    source: Args.string({ required: true, description: 'znode to move, with all below it' }),
    destination: Args.string({ required: true, description: 'its new path' }),
  };
  static override flags = {
    ephemerals: Flags.option({ options: ['refuse', 'skip'] as const })({
      default: 'refuse',
      description: 'refuse to move a tree with ephemerals, or leave those where they are',
    }),
    merge: Flags.boolean({ exclusive: ['overwrite'], description: 'add to what is at the new path' }),
    overwrite: Flags.boolean({ description: 'add to what is at the new path, and replace what differs' }),
    parents: Flags.boolean({ description: 'create missing parents of the new path' }),
  };

  protected readonly view: View<Result> = {
    text: ({ plan, done }, style) => {
      if (done === undefined) return copyPlanText(plan, 'Would move', style);
      const { source, target } = plan;
      const moved = `${done.moved.toLocaleString('en-US')} ${done.moved === 1 ? 'znode' : 'znodes'}`;
      const kept = done.kept === 0 ? '' : `, ${done.kept.toLocaleString('en-US')} left there`;
      return `Moved ${moved} from ${style.name(source.path)} to ${style.name(target.path)}${kept}`;
    },
    json: ({ plan, done = { moved: 0, kept: 0, atomic: false } }) => ({
      ...copyPlanJson(plan),
      ...done,
      dryRun: this.flags['dry-run'] === true,
    }),
  };

  protected async execute(): Promise<Result> {
    const [from, to] = [this.resolvePath(this.args.source), this.resolvePath(this.args.destination)];
    const client = await this.client();
    const options = this.#options();
    const looking = this.progress({ label: `looking at ${from}`, unit: 'znodes' });
    const plan = await planMove(client, from, to, { ...options, progress: looking.update }).finally(looking.done);
    for (const note of copyNotes(plan, 'skip')) this.note(note);
    if (this.flags['dry-run']) return { plan, done: undefined };
    const what = copyPlanText(plan, 'move');
    await this.confirm({ what, details: [NOT_ATOMIC], protectedOnly: plan.znodes === 1 && !plan.targetExists });
    return { plan, done: await this.#move(client, plan, options) };
  }

  async #move(client: Client, plan: CopyPlan, options: MoveOptions): Promise<MoveResult> {
    const total = plan.znodes;
    const [copying, comparing, deleting] = ['copying', 'comparing', 'deleting'].map((work) =>
      this.progress({ label: `${work} ${plan.source.path}`, total, unit: 'znodes' }),
    );
    return moveTree(client, plan, {
      ...options,
      progress: copying?.update,
      verifying: comparing?.update,
      deleting: deleting?.update,
    }).finally(() => {
      for (const bar of [copying, comparing, deleting]) bar?.done();
    });
  }

  #options(): MoveOptions {
    const { parents, ephemerals, merge, overwrite } = this.flags;
    return { signal: this.signal, parents, ephemerals, existing: overwrite ? 'overwrite' : merge ? 'merge' : 'refuse' };
  }
}
