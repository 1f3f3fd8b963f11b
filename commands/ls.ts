import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { WalkLosses } from '../src/cli/walk-losses.ts';
import { WATCH_ENDS } from '../src/cli/znode-flags.ts';
import type { Client } from '../src/client/client.ts';
import { STAT_COLUMNS, statJson, statText } from '../src/output/stat.ts';
import type { Column, View } from '../src/output/view.ts';
import { joinPath } from '../src/protocol/paths.ts';
import type { Stat } from '../src/protocol/records.ts';
import { walkBatches } from '../src/znodes/walk.ts';

interface Listing {
  path: string;
  children: readonly string[];
  stat: Stat;
  withStat: boolean;
}

/** One znode of a recursive listing; no stat without -s, and where the ACL hides it. */
interface Entry {
  path: string;
  stat: Stat | undefined;
  withStat: boolean;
}

type Row = Pick<Entry, 'path' | 'stat'>;

const PATH: Column<Row> = { header: 'path', value: ({ path }) => path };

export default class Ls extends ZkshCommand<Listing | AsyncIterable<Entry>, typeof Ls> {
  static override summary = 'list the children of a znode, or with -R all znodes below it';
  static override description =
    `With -R each znode is printed as soon as it is known, parents first; a znode whose children the ACL hides is
printed, named on stderr, and makes the exit code 4. Znodes that go away meanwhile are left out and counted on stderr.

As a table, ls -s has the znode itself, with its stat, before the children.

JSON: {path, children, stat}; with -R a list of {path}, with -R -s of {path, stat}, one a line with -o ndjson.`;
  static override examples = [
    '<%= config.bin %> ls /app',
    '<%= config.bin %> ls -s /brokers/ids',
    '<%= config.bin %> ls -R /app -o ndjson | jq -r .path',
  ];
  static override args = {
    path: Args.string({ description: 'znode to list; the current one when not given, outside the shell /' }),
    watch: Args.string({ hidden: true, description: 'old form of -w' }),
  };
  static override flags = {
    stat: Flags.boolean({ char: 's', description: 'print the stat too' }),
    watch: Flags.boolean({ char: 'w', description: 'leave a one-time watch on the children' }),
    recursive: Flags.boolean({ char: 'R', description: 'list all that is below' }),
  };

  /** Not a field: which columns there are hangs on a flag. */
  protected get view(): View<Listing | Entry, Row> {
    return {
      text: (result, style) => {
        const names =
          'children' in result ? `[${result.children.map(style.name).join(', ')}]` : style.name(result.path);
        return result.withStat && result.stat !== undefined ? `${names}\n${statText(result.stat)}` : names;
      },
      columns: this.flags.stat ? [PATH, ...STAT_COLUMNS] : [PATH],
      rows: rowsOf,
      json: ({ withStat: _, ...result }) => ({ ...result, stat: result.stat && statJson(result.stat) }),
    };
  }

  protected async execute(): Promise<Listing | AsyncIterable<Entry>> {
    const path = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    const watch = this.flags.watch || this.args.watch !== undefined;
    const client = await this.client();
    if (watch && this.host.session === undefined) this.note(WATCH_ENDS);
    if (this.flags.recursive) return this.#below(client, path, watch);
    const { children, stat } = await client.getChildren(path, { watch, signal: this.signal });
    return { path, children: children.sort(), stat, withStat: this.flags.stat };
  }

  async *#below(client: Client, path: string, watch: boolean): AsyncIterable<Entry> {
    const { stat: withStat } = this.flags;
    const voice = { note: (text: string) => this.note(text), warn: (text: string) => this.warn(text) };
    const losses = new WalkLosses(voice, Number.POSITIVE_INFINITY);
    const batches = walkBatches(client, path, { watch, stat: withStat, signal: this.signal, ...losses });
    for await (const batch of batches) for (const { path: found, stat } of batch) yield { path: found, stat, withStat };
    this.exitCode = losses.tell() ?? this.exitCode;
  }
}

/** The stat that one request gets is the listed znode's own, so that one has a row too. */
function rowsOf(result: Listing | Entry): Row[] {
  if (!('children' in result)) return [result];
  const children = result.children.map((name) => ({ path: joinPath(result.path, name), stat: undefined }));
  return result.withStat ? [result, ...children] : children;
}
