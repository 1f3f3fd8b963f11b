import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type OtherEnsemble, openOther, otherEnsembleFlags } from '../src/cli/other-ensemble.ts';
import { copyNotes, copyPlanJson, copyPlanText } from '../src/output/copy-plan.ts';
import type { Style } from '../src/output/style.ts';
import type { View } from '../src/output/view.ts';
import { UsageError } from '../src/protocol/errors.ts';
import { type CopyResult, copyTree } from '../src/znodes/copy.ts';
import { type CopyOptions, type CopyPlan, planCopy } from '../src/znodes/copy-plan.ts';

interface Result {
  plan: CopyPlan;
  done: CopyResult | undefined;
}

export default class Cp extends ZkshCommand<Result, typeof Cp> {
  static override summary = 'copy a znode, or with -r a tree, within an ensemble or to another';
  static override description =
    `The second path is the copy itself, also where it is there already. Data and ACLs are copied. Not copied are versions,
times and zxids, quotas, and the counters for sequential znodes. No server tells a client which znodes are containers or
have a time to live: their copies are persistent. Ephemerals belong to their sessions: they are counted and left out, or
made persistent with --ephemerals persistent.

Where something is at the second path already, nothing is changed, unless it is what an unfinished run of the same copy
has left: then the copy goes on. --merge adds what is missing and lists what differs (exit code 6); --overwrite replaces
the data and ACLs that differ, each only if nobody changes it meanwhile, and asks first, unless --yes.

To copy between ensembles, name the second one with --to or --to-server; -C or -S names the first. ACLs are copied as
they stand: the second ensemble has to know their schemes and people.

JSON: {from, to, znodes, bytes, already, differing, extra, ephemerals, written, dryRun}; bytes of the data to be written,
already and differing count znodes found at the second path, extra those only there, ephemerals a list of {path, owner}.`;
  static override examples = [
    '<%= config.bin %> cp /app/config /app/config.old',
    '<%= config.bin %> cp -r /app /app2 --dry-run',
    '<%= config.bin %> cp -C staging -r /app /app --to prod --parents',
    '<%= config.bin %> cp -r /app /copy --overwrite',
  ];
  static override dryRun = true;
  static override args = {
    source: Args.string({ required: true, description: 'znode to copy' }),
    destination: Args.string({ required: true, description: 'path of the copy' }),
  };
  static override flags = {
    recursive: Flags.boolean({ char: 'r', description: 'copy all that is below too' }),
    'no-acl': Flags.boolean({ description: 'give the copies the default ACL, world:anyone:cdrwa' }),
    ephemerals: Flags.option({ options: ['skip', 'persistent'] as const })({
      default: 'skip',
      description: 'leave ephemerals out, or copy them as persistent znodes',
    }),
    merge: Flags.boolean({ exclusive: ['overwrite'], description: 'add to what is there, and leave what differs' }),
    overwrite: Flags.boolean({ description: 'add to what is there, and replace what differs' }),
    parents: Flags.boolean({ description: 'create missing parents of the copy too' }),
    ...otherEnsembleFlags,
  };

  protected readonly view: View<Result> = {
    text: ({ plan, done }, style) =>
      done === undefined ? copyPlanText(plan, 'Would copy', style) : copied(plan, done, style),
    json: ({ plan, done }) => ({ ...copyPlanJson(plan), written: done?.written ?? 0, dryRun: done === undefined }),
  };

  protected async execute(): Promise<Result> {
    const from = this.resolvePath(this.args.source);
    const other = await openOther(this.flags, { host: this.host, secrets: this.secrets, signal: this.signal });
    try {
      return await this.#copy(from, other);
    } finally {
      await other?.client.close();
    }
  }

  async #copy(from: string, other: OtherEnsemble | undefined): Promise<Result> {
    const options = this.#options();
    const client = await this.client();
    // A relative path counts from where the shell is, which is a place of the first ensemble.
    if (other !== undefined && !this.args.destination.startsWith('/')) throw notAbsolute(this.args.destination);
    const target = { client: other?.client ?? client, path: this.resolvePath(this.args.destination) };
    const looking = this.progress({ label: `looking at ${from}`, unit: 'znodes' });
    const plan = await planCopy({ client, path: from }, target, { ...options, progress: looking.update }).finally(
      looking.done,
    );
    for (const note of copyNotes(plan, options.ephemerals)) this.note(note);
    if (this.flags['dry-run']) return { plan, done: undefined };
    const replaced = this.flags.overwrite ? plan.differing : 0;
    if (replaced > 0) {
      const what = `replace ${replaced.toLocaleString('en-US')} ${replaced === 1 ? 'znode' : 'znodes'} at ${target.path}`;
      await this.confirm({ what, details: [copyPlanText(plan, 'copy')], protectedOnly: replaced === 1 }, other?.chosen);
    }
    const bar = this.progress({ label: `copying ${from}`, total: plan.znodes, unit: 'znodes' });
    return { plan, done: await copyTree(plan, { ...options, progress: bar.update }).finally(bar.done) };
  }

  #options(): CopyOptions {
    const { recursive, parents, ephemerals, merge, overwrite } = this.flags;
    const existing = overwrite ? 'overwrite' : merge ? 'merge' : 'refuse';
    return { signal: this.signal, recursive, parents, ephemerals, existing, acl: !this.flags['no-acl'] };
  }
}

function copied({ target, znodes }: CopyPlan, { written, already }: CopyResult, style: Style): string {
  const place = style.name(target.path);
  const before =
    already === 0 ? '' : `, ${already.toLocaleString('en-US')} of ${znodes.toLocaleString('en-US')} were there`;
  return `Copied ${written.toLocaleString('en-US')} ${written === 1 ? 'znode' : 'znodes'} to ${place}${before}`;
}

function notAbsolute(path: string): UsageError {
  return new UsageError(`bad path ${JSON.stringify(path)}: it does not start with /`, {
    code: 'BAD_PATH',
    hint: 'On another ensemble a path is absolute.',
  });
}
