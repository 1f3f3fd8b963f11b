import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type TreeLine, treeView } from '../src/cli/tree-view.ts';
import { WalkLosses } from '../src/cli/walk-losses.ts';
import type { Client } from '../src/client/client.ts';
import { branchGlyphs } from '../src/output/branch-glyphs.ts';
import type { View } from '../src/output/view.ts';
import { type TreeZnode, tree } from '../src/znodes/tree.ts';
import { addTotals, NOTHING, totalsOf } from '../src/znodes/tree-totals.ts';

/** Children of one znode shown on a terminal: more would scroll away what stands above them. */
const LIMIT = 50;

export default class Tree extends ZkshCommand<AsyncIterable<TreeLine>, typeof Tree> {
  static override summary = 'draw the tree of znodes at and below a path';
  static override description =
    `Draws each znode as soon as it is known, its children below it, sorted by name. On a terminal at most ${LIMIT} children of
a znode are shown and the others not read; in a pipe, or with --limit 0, all. Ephemeral znodes are marked. The last line
adds up what was looked at.

--counts and --sizes add up everything below each znode, shown or not: the whole tree is read before the first line.

A znode whose children the ACL hides is marked, named on stderr, and makes the exit code 4. One that goes away meanwhile
is left out; where it would have been the last of its parent, the line says so.

JSON: a list of {path, depth, stat} in the order of the drawing, one a line with -o ndjson; no stat where the ACL hides it;
with --data also data, with --counts or --sizes also treeZnodes, treeBytes and treeEphemerals of the znode and all below.`;
  static override examples = [
    '<%= config.bin %> tree /brokers',
    '<%= config.bin %> tree / -L 2 --counts --sizes',
    '<%= config.bin %> tree /app --stat --limit 0',
    '<%= config.bin %> tree /config --data --no-leaves',
    '<%= config.bin %> tree /app -o ndjson | jq -r .path',
  ];
  static override args = {
    path: Args.string({ description: 'top of the tree; the current path when not given, outside the shell /' }),
  };
  static override flags = {
    'max-depth': Flags.integer({ char: 'L', min: 0, helpValue: '<n>', description: 'levels below the path' }),
    limit: Flags.integer({
      min: 0,
      helpValue: '<n>',
      description: `children of a znode to show, 0 for all; ${LIMIT} on a terminal when not given, all in a pipe`,
    }),
    counts: Flags.boolean({ description: 'how many znodes are below each' }),
    sizes: Flags.boolean({ description: 'bytes of data of each with all below it' }),
    stat: Flags.boolean({ char: 's', description: 'size, version, children, time of change and owner of each' }),
    data: Flags.boolean({ char: 'd', description: 'how the data of each begins' }),
    'no-leaves': Flags.boolean({ description: 'only znodes that have children', exclusive: ['limit'] }),
    ascii: Flags.boolean({ description: 'draw with ASCII characters, as where the locale has no UTF-8' }),
  };

  protected get view(): View<TreeLine, TreeZnode> {
    const { counts, sizes, stat, data, ascii } = this.flags;
    return treeView({ glyphs: branchGlyphs(this.io.env, ascii), counts, sizes, stat, data });
  }

  protected async execute(): Promise<AsyncIterable<TreeLine>> {
    const path = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    return this.#lines(await this.client(), path);
  }

  async *#lines(client: Client, path: string): AsyncIterable<TreeLine> {
    const { counts, sizes, data } = this.flags;
    const totals = counts || sizes;
    const losses = new WalkLosses({ note: (text) => this.note(text), warn: (text) => this.warn(text) });
    const looking = totals ? this.progress({ label: `looking at ${path}`, unit: 'znodes' }) : undefined;
    const sum = { type: 'sum' as const, ...NOTHING, depth: 0, unseen: 0 };
    const items = tree(client, path, {
      ...this.#extent(),
      ...losses,
      totals,
      data,
      signal: this.signal,
      progress: looking?.update,
      visited: (znode, depth) => {
        addTotals(sum, totalsOf(znode));
        sum.depth = Math.max(sum.depth, depth);
      },
    });
    try {
      for await (const item of items) {
        looking?.done();
        if (item.depth === 0) yield { type: 'head' };
        if (!totals && item.type === 'rest') sum.unseen += item.more;
        if (!totals && item.type === 'znode' && item.cut) sum.unseen += item.stat?.numChildren ?? 0;
        yield item;
      }
    } finally {
      looking?.done();
    }
    yield sum;
    this.exitCode = losses.tell() ?? this.exitCode;
  }

  #extent(): { maxDepth: number; limit: number; leaves: boolean } {
    const leaves = !this.flags['no-leaves'];
    // Which of the children have some of their own is known only when all were looked at.
    const usual = this.io.stdout.isTTY === true && leaves ? LIMIT : 0;
    const limit = this.flags.limit ?? usual;
    const maxDepth = this.flags['max-depth'] ?? Number.POSITIVE_INFINITY;
    return { maxDepth, leaves, limit: limit === 0 ? Number.POSITIVE_INFINITY : limit };
  }
}
