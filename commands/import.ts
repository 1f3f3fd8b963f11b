import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type ImportResult, importText, overwriting, plannedImport, SHOWN } from '../src/cli/import-view.ts';
import type { Client } from '../src/client/client.ts';
import { escapeControl } from '../src/output/text-safety.ts';
import type { View } from '../src/output/view.ts';
import { parseAcl } from '../src/protocol/acl.ts';
import { UsageError } from '../src/protocol/errors.ts';
import { type ImportOptions, importTree, planImport } from '../src/znodes/import.ts';
import type { ImportPlan } from '../src/znodes/import-plan.ts';
import { checkExport, exportFile, exportStream, type ImportSource } from '../src/znodes/import-source.ts';

export default class Import extends ZkshCommand<ImportResult, typeof Import> {
  static override summary = 'create what an export holds';
  static override description =
    `Creates the znodes of a file that export wrote, where they came from or at PATH, with their data, ACLs and kinds. A
file is checked to its end before anything is done; what comes in on stdin is checked as it comes.

A znode that is there already and the same is passed over: an import that was interrupted goes on where it ended when
it is run again. One that is there and differs is a conflict: it is left alone and named, and the exit code is 6, while
the others are created. --overwrite gives it the data and the ACL of the export, provided nobody has changed it since it
was compared; --skip-existing does not even look. --prune deletes what the export does not have, but no ephemerals and
nothing the export could not read, and only when all else went well.

Ephemerals of the export are left out: they would end with the session of the import. Sequential znodes keep their
names, but the counter of their parent begins anew.

Where the ACL of a parent does not let you create its children, it is created with one more entry, for you alone, and
gets its own ACL in the end; should the import be interrupted before, running it again finishes that.

JSON: {root, created, already, overwritten, kept, pruned, conflicts, ephemerals, unreadable, dryRun}. When something
failed, the error lists the first failures.`;
  static override examples = [
    '<%= config.bin %> import app.ndjson.gz --dry-run',
    '<%= config.bin %> import app.ndjson.gz /restored/app --parents',
    '<%= config.bin %> import app.ndjson --overwrite --prune --yes',
    '<%= config.bin %> -C old export /app | <%= config.bin %> -C new import -',
  ];
  static override dryRun = true;
  static override args = {
    file: Args.string({ required: true, description: 'file that export wrote; - is stdin' }),
    path: Args.string({ description: 'where the exported znode goes; where it came from when not given' }),
  };
  static override flags = {
    overwrite: Flags.boolean({
      description: 'give what is there and differs the data and ACL of the export',
      exclusive: ['skip-existing'],
    }),
    'skip-existing': Flags.boolean({ description: 'leave alone what is there, without comparing' }),
    prune: Flags.boolean({ description: 'delete below the target what the export does not have' }),
    ephemerals: Flags.string({
      options: ['skip', 'persistent'],
      default: 'skip',
      helpValue: 'skip|persistent',
      description: 'leave ephemerals out, or create them as persistent znodes',
    }),
    acl: Flags.string({
      helpValue: '<acl>',
      description: 'ACL of what is created, instead of those in the file; needed where it has none',
    }),
    parents: Flags.boolean({ description: 'create the missing znodes above PATH too' }),
    'no-verify': Flags.boolean({ description: 'take a file that was edited: its end need not fit' }),
    batch: Flags.integer({
      char: 'b',
      min: 1,
      helpValue: '<n>',
      description: 'creates in one transaction; 1000 when not given',
    }),
  };

  protected readonly view: View<ImportResult> = {
    text: importText,
  };

  protected async execute(): Promise<ImportResult> {
    const { file, path } = this.args;
    const target = path === undefined ? undefined : this.resolvePath(path);
    const { 'no-verify': unverified, 'dry-run': dryRun, overwrite, prune, acl } = this.flags;
    const source = this.#source(file, !unverified);
    const options: ImportOptions = {
      existing: overwrite ? 'overwrite' : this.flags['skip-existing'] ? 'skip' : 'compare',
      ephemerals: this.flags.ephemerals === 'persistent' ? 'persistent' : 'skip',
      prune,
      acl: acl === undefined ? undefined : parseAcl(acl),
      parents: this.flags.parents,
      batchSize: this.flags.batch,
      signal: this.signal,
    };
    const total = source.again ? await checkExport(source) : undefined;
    const client = await this.client();
    if (dryRun) return this.#planned(await planImport(client, source, target, options));
    if (overwrite || prune) await this.#agree(client, source, target, options);
    const progress = this.progress({ label: `importing ${file}`, total, unit: 'znodes' });
    const report = await importTree(client, source, target, { ...options, progress: progress.update }).finally(
      progress.done,
    );
    return { ...report, conflicts: 0, dryRun: false };
  }

  #source(file: string, verify: boolean): ImportSource {
    if (file !== '-') return exportFile(file, verify, this.signal);
    if (this.host.session !== undefined) {
      throw new UsageError('in the shell, stdin is where commands come from and can not be imported', {
        hint: 'Name a file.',
      });
    }
    return exportStream(this.io.stdin, verify);
  }

  /** Asks before anything that is there is changed; who has agreed already need not wait for the count. */
  async #agree(
    client: Client,
    source: ImportSource,
    target: string | undefined,
    options: ImportOptions,
  ): Promise<void> {
    if (this.flags.yes || this.host.defaults?.yes === true || !source.again) {
      return this.confirm({ what: `import ${source.name} over what is there` });
    }
    const deed = overwriting(await planImport(client, source, target, options));
    if (deed !== undefined) await this.confirm(deed);
  }

  #planned(plan: ImportPlan): ImportResult {
    const { failures } = plan;
    for (const { error } of failures.kept.slice(0, SHOWN)) this.warn(escapeControl(error.message));
    const more = failures.count - SHOWN;
    if (more > 0) this.warn(`and ${more} more`);
    this.exitCode = failures.kept[0]?.error.exitCode ?? this.exitCode;
    return plannedImport(plan);
  }
}
