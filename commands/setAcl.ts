import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { versionFlag } from '../src/cli/znode-flags.ts';
import type { Client } from '../src/client/client.ts';
import { aclJson } from '../src/output/acl.ts';
import { statJson, statText } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import { type Acl, formatAcl, parseAcl } from '../src/protocol/acl.ts';
import type { Stat } from '../src/protocol/records.ts';
import { planSetAcl, setAclTree } from '../src/znodes/set-acl-tree.ts';

interface Result {
  path: string;
  acl: readonly Acl[];
  /** Znodes meant, and znodes set. */
  znodes: number;
  set: number;
  dryRun: boolean;
  withStat: boolean;
  /** Of a single znode. */
  stat?: Stat | undefined;
}

export default class SetAcl extends ZkshCommand<Result, typeof SetAcl> {
  static override summary = 'set the access control list of a znode, or with -R of all below it too';
  static override description =
    `The whole list is replaced. An entry is scheme:id:perms; the permissions are c create, d delete, r read, w write,
a admin. An entry that can't be read refuses the whole command, so that nobody is locked out by a slip. The entry
auth::perms stands for who the session has authenticated as.

With -R more than one znode is shown and asked about first, unless --yes; /zookeeper is never touched; znodes that fail
are listed, the others are set, and the exit code tells. With -v every znode must have that ACL version.

JSON: {path, acl, znodes, set, dryRun, stat}; acl as getAcl's, no stat with -R.`;
  static override examples = [
    '<%= config.bin %> setAcl /app world:anyone:r,auth::cdrwa --auth digest:ops:env:OPS_PASSWORD',
    '<%= config.bin %> setAcl -s -v 2 /app sasl:kafka:cdrwa',
    '<%= config.bin %> setAcl -R /app world:anyone:cdrwa --dry-run',
  ];
  static override dryRun = true;
  static override args = {
    path: Args.string({ required: true, description: 'znode to set it of' }),
    acl: Args.string({ required: true, description: 'entries scheme:id:perms with a comma between them' }),
  };
  static override flags = {
    stat: Flags.boolean({ char: 's', description: 'print the new stat' }),
    version: versionFlag({ description: 'set it only if the ACL has this version' }),
    recursive: Flags.boolean({ char: 'R', description: 'set it of all znodes below too' }),
  };

  protected readonly view: View<Result> = {
    text: ({ path, znodes, dryRun, stat, withStat }, style) => {
      if (dryRun) return `Would set the ACL of ${amount(path, znodes, style.name)}`;
      return withStat && stat !== undefined ? statText(stat) : undefined;
    },
    json: ({ stat, acl, withStat: _, ...result }) => ({ ...result, acl: aclJson(acl), stat: stat && statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const acl = parseAcl(this.args.acl);
    const client = await this.client();
    return this.flags.recursive ? this.#all(client, path, acl) : this.#one(client, path, acl);
  }

  async #one(client: Client, path: string, acl: readonly Acl[]): Promise<Result> {
    const { version, stat: withStat } = this.flags;
    const dryRun = this.flags['dry-run'] === true;
    if (dryRun) return { path, acl, znodes: 1, set: 0, dryRun, withStat };
    await this.#confirm(path, acl, 1);
    const stat = await client.setAcl(path, acl, { version, signal: this.signal });
    return { path, acl, znodes: 1, set: 1, dryRun, withStat, stat };
  }

  async #all(client: Client, path: string, acl: readonly Acl[]): Promise<Result> {
    const { version } = this.flags;
    const dryRun = this.flags['dry-run'] === true;
    const looking = this.progress({ label: `looking at ${path}`, unit: 'znodes' });
    const progress = looking.update;
    const znodes = await planSetAcl(client, path, { signal: this.signal, progress }).finally(looking.done);
    if (dryRun) return { path, acl, znodes, set: 0, dryRun, withStat: false };
    await this.#confirm(path, acl, znodes);
    const bar = this.progress({ label: `setting the ACL of ${path}`, total: znodes, unit: 'znodes' });
    const set = await setAclTree(client, path, acl, { version, signal: this.signal, progress: bar.update }).finally(
      bar.done,
    );
    return { path, acl, znodes, set, dryRun, withStat: false };
  }

  #confirm(path: string, acl: readonly Acl[], znodes: number): Promise<void> {
    const what = `set the ACL of ${amount(path, znodes)}`;
    return this.confirm({ what, details: [`to ${formatAcl(acl)}`], protectedOnly: znodes === 1 });
  }
}

function amount(path: string, znodes: number, name = (text: string) => text): string {
  if (znodes === 1) return name(path);
  return `${name(path)} and ${(znodes - 1).toLocaleString('en-US')} ${znodes === 2 ? 'znode' : 'znodes'} below it`;
}
