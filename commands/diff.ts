import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type OtherEnsemble, openOther, otherEnsembleFlags } from '../src/cli/other-ensemble.ts';
import { type ChangeJson, changeJson, changeText } from '../src/cli/tree-change.ts';
import type { Client } from '../src/client/client.ts';
import type { View } from '../src/output/view.ts';
import { ExitCode, UsageError } from '../src/protocol/errors.ts';
import { type DiffSide, diffTrees } from '../src/znodes/diff.ts';
import { diffLines } from '../src/znodes/diff-lines.ts';
import { exportFile, exportStream } from '../src/znodes/import-source.ts';
import { treeNodes } from '../src/znodes/tree-nodes.ts';

export default class Diff extends ZkshCommand<AsyncIterable<ChangeJson>, typeof Diff> {
  static override summary = 'compare two trees: on one ensemble, on two, or with an export';
  static override description =
    `Compares which znodes there are, their data, whether they are ephemeral, and their ACLs. Versions, times, zxids and
owners do not count. Each of the two is a path, or @FILE for a file that export wrote, or - for an export on stdin.
Prints nothing and exits 0 when they are the same, else exits ${ExitCode.unhealthy}:

  + /b/new (12 bytes)                  only in the second
  - /a/old (never set)                 only in the first
  ~ /a/x data (12 -> 14 bytes), acl (world:anyone:cdrwa -> world:anyone:r)
  ? /a/secret NO_AUTH                  the ACL hides it: exit code ${ExitCode.refused}, when nothing differs

Paths count from the two roots: what is /a/x below the first is compared with /b/x below the second. ACLs cost one
request a znode, ten times as long as all else; they are left out with --no-acl, and where an export has none.

To compare two ensembles, name the second one with --to or --to-server; -C or -S names the first.

JSON: a list, one a line with -o ndjson, of {change, path, from, to, differs, bytes, mode, acl, lines, code}: change is
added, removed, changed or unreadable; path counts from the roots, from and to are the whole paths; differs is a list of
data, mode and acl; bytes, mode and acl are {from, to} and there when they differ; lines with --data; code says why it is
unreadable.`;
  static override examples = [
    '<%= config.bin %> diff /app /app2',
    '<%= config.bin %> -C staging diff /app --to prod --data',
    '<%= config.bin %> diff @monday.ndjson.gz /app --no-ephemerals',
    '<%= config.bin %> diff @monday.ndjson @tuesday.ndjson -o ndjson | jq -r .path',
  ];
  static override args = {
    first: Args.string({ required: true, description: 'path, @file of an export, or - for stdin' }),
    second: Args.string({ description: 'what to compare it with; the same path when not given, with --to' }),
  };
  static override flags = {
    data: Flags.boolean({ description: 'show which lines of text differ' }),
    acl: Flags.boolean({ allowNo: true, default: true, description: 'compare ACLs; --no-acl is ten times as fast' }),
    ephemerals: Flags.boolean({ allowNo: true, default: true, description: 'compare ephemerals too' }),
    ...otherEnsembleFlags,
  };

  protected readonly view: View<ChangeJson> = {
    text: changeText,
    columns: [
      { header: 'change', value: ({ change }) => change },
      { header: 'path', value: ({ path }) => path },
      { header: 'differs', value: ({ differs }) => differs?.join(' ') },
      { header: 'from', value: ({ bytes }) => bytes?.from, kind: 'size' },
      { header: 'to', value: ({ bytes }) => bytes?.to, kind: 'size' },
    ],
  };

  protected async execute(): Promise<AsyncIterable<ChangeJson>> {
    const { first, second } = this.args;
    const other = await openOther(this.flags, { host: this.host, secrets: this.secrets, signal: this.signal });
    try {
      if (second === undefined && other === undefined) {
        throw new UsageError('diff needs two things to compare', { hint: 'Name a second path, or a file as @FILE.' });
      }
      if (other !== undefined && (second === undefined ? isFile(first) : isFile(second))) {
        throw new UsageError('--to and --to-server name where the second path is, and there is none', {
          hint: 'Compare the file with a path of that ensemble: diff -C NAME @FILE PATH.',
        });
      }
      if (isStdin(first) && second !== undefined && isStdin(second))
        throw new UsageError('stdin can be only one of the two');
      const from = await this.#side(first, undefined);
      const to = await this.#side(second ?? from.root, other);
      if (this.flags.acl && from.acl !== to.acl) this.note('note: ACLs are not compared, the export has none');
      return this.#changes(from, to, other);
    } catch (error) {
      await other?.client.close();
      throw error;
    }
  }

  async *#changes(from: DiffSide, to: DiffSide, other: OtherEnsemble | undefined): AsyncGenerator<ChangeJson> {
    try {
      for await (const change of diffTrees(from, to, { ephemerals: this.flags.ephemerals })) {
        if (change.type !== 'unreadable') this.exitCode = ExitCode.unhealthy;
        else if (this.exitCode === ExitCode.done) this.exitCode = ExitCode.refused;
        const both = this.flags.data && change.type === 'changed' && change.differs.includes('data');
        const lines = both ? diffLines(change.from.data ?? NONE, change.to.data ?? NONE) : undefined;
        yield changeJson(change, from.root, to.root, lines);
      }
    } finally {
      await other?.client.close();
    }
  }

  async #side(typed: string, other: OtherEnsemble | undefined): Promise<DiffSide> {
    if (isFile(typed)) return this.#file(typed);
    // A relative path counts from where the shell is, which is a place of the first ensemble.
    if (other !== undefined && !typed.startsWith('/')) {
      throw new UsageError(`"${typed}" is a relative path`, {
        code: 'BAD_PATH',
        hint: 'On the second ensemble, paths begin with /.',
      });
    }
    const root = this.resolvePath(typed);
    const client: Client = other?.client ?? (await this.client());
    const { acl } = this.flags;
    await client.sync(root, { signal: this.signal });
    return { root, acl, batches: treeNodes(client, root, { acl, signal: this.signal }) };
  }

  async #file(typed: string): Promise<DiffSide> {
    if (isStdin(typed) && this.host.session !== undefined) {
      throw new UsageError('in the shell, stdin is where commands come from and can not be compared', {
        hint: 'Use @FILE.',
      });
    }
    const source = isStdin(typed) ? exportStream(this.io.stdin, true) : exportFile(typed.slice(1), true, this.signal);
    const { header, batches } = await source.open();
    return { root: header.root, acl: this.flags.acl && header.acl, batches };
  }
}

const NONE = new Uint8Array(0);

function isFile(typed: string): boolean {
  return typed.startsWith('@') || typed === '-';
}

function isStdin(typed: string): boolean {
  return typed === '-' || typed === '@-';
}
