import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { parseByteCount } from '../src/cli/byte-count.ts';
import type { Style } from '../src/output/style.ts';
import type { View } from '../src/output/view.ts';
import { UsageError } from '../src/protocol/errors.ts';
import { type Filled, fill } from '../src/znodes/fill.ts';
import { FillPlan, type FillTotals } from '../src/znodes/fill-plan.ts';
import { refuseSystemNode } from '../src/znodes/system-nodes.ts';

interface Result extends FillTotals, Filled {
  path: string;
  seed: string;
  dryRun: boolean;
}

const EPHEMERALS_END = 'note: ephemeral znodes end with their session, and this one ends now; in the shell they stay';

const percent = Flags.custom<number>({ default: 0, helpValue: '<percent>', parse: async (text) => parsePercent(text) });

export default class Fill extends ZkshCommand<Result, typeof Fill> {
  static override summary = 'make a tree of znodes to test with';
  static override description =
    `Makes the znode, the parents that it lacks, and below it a full tree: with --count and --depth as narrow as will do,
with --count and --fanout as deep as will do, with --depth and --fanout all that fits; or with --random one where each
znode's parent is drawn by lot. Data is text, drawn by lot too. The same flags and the same --seed always make the same tree.

What is there already stays as it is, so that running it again continues where an interrupted run has stopped.
Ephemeral znodes end with the session: outside the shell, with the command.

JSON: {path, seed, znodes, bytes, depth, widest, ephemerals, containers, created, existed, dryRun}; znodes and bytes are
what the tree below path has when it is whole, widest the most children of one znode.`;
  static override examples = [
    '<%= config.bin %> fill /bench --count 100000 --size 100',
    '<%= config.bin %> fill /wide --count 250000 --depth 1 --dry-run',
    '<%= config.bin %> fill /chain --depth 1000 --fanout 1 --size 0',
    '<%= config.bin %> fill /mix --random --count 5000 --size 0-4KiB --containers 10 --seed 7',
  ];
  static override dryRun = true;
  static override args = { path: Args.string({ required: true, description: 'znode to make the tree below' }) };
  static override flags = {
    count: Flags.integer({ min: 1, helpValue: '<n>', description: 'znodes to make; 1000 when not given' }),
    depth: Flags.integer({ min: 1, helpValue: '<n>', description: 'levels at most; 3 when not given' }),
    fanout: Flags.integer({ min: 1, helpValue: '<n>', description: 'children of a znode' }),
    random: Flags.boolean({ description: 'a tree of random shape instead of a full one' }),
    size: Flags.string({
      default: '100',
      helpValue: '<bytes>',
      description: 'data of a znode: 100, 4KiB, 0-1000; 0 for none',
    }),
    ephemerals: percent({ description: 'how many of the znodes without children are ephemeral' }),
    containers: percent({ description: 'how many of the others are containers' }),
    sequential: percent({ description: 'how many have a name as the server counts sequential ones' }),
    prefix: Flags.string({ default: 'n', helpValue: '<text>', description: 'what names begin with' }),
    seed: Flags.string({
      default: '1',
      helpValue: '<text>',
      description: 'what chance begins with; "random" for another tree each time',
    }),
  };

  protected readonly view: View<Result> = { text };

  protected async execute(): Promise<Result> {
    const { count, depth, fanout, random, size, ephemerals, containers, sequential, prefix } = this.flags;
    const root = this.resolvePath(this.args.path);
    const seed = this.flags.seed === 'random' ? String(Math.floor(Math.random() * 2 ** 32)) : this.flags.seed;
    const kinds = { ephemerals: ephemerals / 100, containers: containers / 100, sequential: sequential / 100 };
    const plan = new FillPlan({ root, count, depth, fanout, random, size: parseSizes(size), ...kinds, prefix, seed });
    const result = {
      path: root,
      seed,
      ...plan.totals(),
      created: 0,
      existed: 0,
      dryRun: this.flags['dry-run'] === true,
    };
    const client = await this.client();
    refuseSystemNode(root, client.chroot, 'filling');
    if (result.dryRun) return result;
    await this.confirm({ what: deed(result), details: [], protectedOnly: true });
    if (result.ephemerals > 0 && this.host.session === undefined) this.note(EPHEMERALS_END);
    const filling = this.progress({ label: `filling ${root}`, total: result.znodes, unit: 'znodes' });
    const filled = await fill(client, plan, { signal: this.signal, progress: filling.update }).finally(filling.done);
    return { ...result, ...filled };
  }
}

function parsePercent(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (text.trim() === '' || !(value >= 0 && value <= 100))
    throw new UsageError(`"${text}" is no percentage`, { hint: 'It is a number from 0 to 100.' });
  return value;
}

/** `100`, or a range such as `0-4KiB`. */
function parseSizes(text: string): { min: number; max: number } {
  const [from = '', to = from, ...more] = text.split('-');
  const [min, max] = [parseByteCount(from), parseByteCount(to)];
  if (more.length > 0 || max < min) {
    throw new UsageError(`"${text}" is no range of sizes`, {
      code: 'BAD_SIZE',
      hint: 'Write the smaller one first: 0-4KiB.',
    });
  }
  return { min, max };
}

function deed({ path, znodes }: Result): string {
  return `make ${znodes.toLocaleString('en-US')} ${znodes === 1 ? 'znode' : 'znodes'} below ${path}`;
}

function text(result: Result, style: Style): string {
  const { path, dryRun, created, existed, depth, widest, bytes, ephemerals, containers, seed } = result;
  const number = (n: number) => n.toLocaleString('en-US');
  const kinds = [
    ...(ephemerals > 0 ? [`${number(ephemerals)} ephemeral`] : []),
    ...(containers > 0 ? [`${number(containers)} containers`] : []),
  ];
  const tree = [
    `depth ${depth}, up to ${number(widest)} children a znode`,
    `${style.size(bytes)}${style.tty ? '' : ' bytes'} of data`,
    ...kinds,
    `seed ${style.name(seed)}`,
  ].join(', ');
  if (dryRun) return `Would ${deed({ ...result, path: style.name(path) })}\n${tree}`;
  const before = existed > 0 ? `, ${number(existed)} were there already` : '';
  return `${number(created)} znodes made below ${style.name(path)}${before}\n${tree}`;
}
