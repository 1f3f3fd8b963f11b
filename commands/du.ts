import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { parseByteCount } from '../src/cli/byte-count.ts';
import { WalkLosses } from '../src/cli/walk-losses.ts';
import type { Client } from '../src/client/client.ts';
import type { Column, View } from '../src/output/view.ts';
import { DU_ORDERS, type DuOrder, du, type Subtree } from '../src/znodes/du.ts';

/** Subtrees shown on a terminal. */
const TOP = 20;

export default class Du extends ZkshCommand<AsyncIterable<Subtree> | Subtree[], typeof Du> {
  static override summary = 'add up bytes of data and numbers of znodes by subtree';
  static override description =
    `Each line stands for a znode with all that is below it; the last one for the whole. Bytes are those of data: names and
ACLs take memory on the servers too. Ephemeral znodes are counted apart as well.

On a terminal the ${TOP} subtrees with most data are shown. In a pipe, or with --top 0, all that --max-depth lets be shown are
printed by name, each as soon as it is known and after what is below it; --sort size and --sort count wait for the end.
With --top and a large --max-depth, the largest anywhere are found.

A znode that the ACL hides is named on stderr, counts without what is below it, and makes the exit code 4.

JSON: a list of {path, depth, znodes, bytes, own, ephemerals, children}, one a line with -o ndjson; own is the znode's own
data, znodes counts the znode itself too.`;
  static override examples = [
    '<%= config.bin %> du /',
    '<%= config.bin %> du / --max-depth 5 --top 10 --sort count',
    '<%= config.bin %> du /app -s --bytes',
    '<%= config.bin %> du / --max-depth 3 --threshold 1MiB -o ndjson',
  ];
  static override args = {
    path: Args.string({ description: 'what to add up; the current path when not given, outside the shell /' }),
  };
  static override flags = {
    'max-depth': Flags.integer({
      char: 'd',
      min: 0,
      helpValue: '<n>',
      description: 'levels below the path that have lines; 1 when not given',
      exclusive: ['summarize'],
    }),
    summarize: Flags.boolean({ char: 's', description: 'the last line only' }),
    top: Flags.integer({
      min: 0,
      helpValue: '<n>',
      description: `so many lines, 0 for all; ${TOP} on a terminal when not given`,
    }),
    sort: Flags.option({ options: DU_ORDERS, description: 'size when not given with --top, else name' })(),
    threshold: Flags.string({
      char: 't',
      helpValue: '<bytes>',
      description: 'leave out subtrees with less data: 10KiB',
    }),
    bytes: Flags.boolean({ char: 'b', description: 'exact numbers, also on a terminal' }),
  };

  /** Not a field: how sizes look hangs on a flag. */
  protected get view(): View<Subtree | Subtree[], Subtree> {
    const kind = this.flags.bytes ? 'number' : 'size';
    return {
      columns: [
        { header: 'bytes', kind, value: ({ bytes }) => bytes },
        { header: 'znodes', kind: 'number', value: ({ znodes }) => znodes },
        { header: 'ephemerals', kind: 'number', value: ({ ephemerals }) => ephemerals },
        PATH,
      ],
      json: (result) => (Array.isArray(result) ? result.map(subtreeJson) : subtreeJson(result)),
    };
  }

  protected async execute(): Promise<AsyncIterable<Subtree> | Subtree[]> {
    const path = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    const { sort, summarize, threshold } = this.flags;
    const top = this.flags.top ?? (this.io.stdout.isTTY === true ? TOP : 0);
    const order: DuOrder = sort ?? (top > 0 ? 'size' : 'name');
    const subtrees = this.#subtrees(await this.client(), path, {
      maxDepth: summarize ? 0 : (this.flags['max-depth'] ?? 1),
      threshold: threshold === undefined ? 0 : parseByteCount(threshold),
      order,
      top: top === 0 ? Number.POSITIVE_INFINITY : top,
    });
    // What is held anyway is laid out by its widest line.
    if (top === 0) return subtrees;
    const held: Subtree[] = [];
    for await (const subtree of subtrees) held.push(subtree);
    return held;
  }

  async *#subtrees(
    client: Client,
    path: string,
    options: { maxDepth: number; threshold: number; order: DuOrder; top: number },
  ): AsyncIterable<Subtree> {
    const losses = new WalkLosses({ note: (text) => this.note(text), warn: (text) => this.warn(text) });
    let found = 0;
    const adding = this.progress({ label: `adding up ${path}`, unit: 'znodes' });
    try {
      const told = { progress: adding.update, found: (subtrees: number) => (found = subtrees) };
      yield* du(client, path, { ...options, ...losses, ...told, signal: this.signal });
    } finally {
      adding.done();
    }
    if (this.flags.top === undefined && found > options.top) {
      this.note(`note: ${options.top} of ${found.toLocaleString('en-US')} subtrees shown, --top 0 shows all`);
    }
    this.exitCode = losses.tell() ?? this.exitCode;
  }
}

function subtreeJson({ path, depth, znodes, bytes, own, ephemerals, children }: Subtree): object {
  return { path, depth, znodes, bytes, own, ephemerals, children };
}

const PATH: Column<Subtree> = {
  header: 'path',
  value: ({ path }) => path,
  role: ({ depth, children }) => (depth === 0 ? 'title' : children > 0 ? 'path' : undefined),
};
