import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { aclJson } from '../src/output/acl.ts';
import { statJson, statText } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import { type Acl, formatPerms } from '../src/protocol/acl.ts';
import type { Stat } from '../src/protocol/records.ts';

interface Result {
  path: string;
  acl: readonly Acl[];
  stat: Stat;
  withStat: boolean;
}

export default class GetAcl extends ZkshCommand<Result, typeof GetAcl> {
  static override summary = 'print the access control list of a znode';
  static override description =
    `Each entry is printed as zkCli does, on two lines. The permissions are c create, d delete, r read, w write, a admin.
A server shows the hash of a digest entry only to sessions that may read or administer the znode.

JSON: {path, acl, stat}; acl is a list of {scheme, id, perms}, perms as letters of cdrwa.`;
  static override examples = [
    '<%= config.bin %> getAcl /app',
    '<%= config.bin %> getAcl /app -o json | jq -r \'.acl[] | "\\(.scheme):\\(.id):\\(.perms)"\'',
  ];
  static override args = { path: Args.string({ required: true, description: 'znode to look at' }) };
  static override flags = { stat: Flags.boolean({ char: 's', description: 'print the stat too' }) };

  protected readonly view: View<Result, Acl> = {
    text: ({ acl, stat, withStat }, style) => {
      const entries = acl.map(
        ({ scheme, id, perms }) => `'${style.name(scheme)},'${style.name(id)}\n: ${formatPerms(perms)}`,
      );
      return [...entries, ...(withStat ? [statText(stat)] : [])].join('\n');
    },
    columns: [
      { header: 'scheme', value: (entry) => entry.scheme },
      { header: 'id', value: (entry) => entry.id },
      { header: 'perms', value: (entry) => formatPerms(entry.perms) },
    ],
    rows: ({ acl }) => acl,
    json: ({ path, acl, stat }) => ({ path, acl: aclJson(acl), stat: statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    return { path, ...(await client.getAcl(path, { signal: this.signal })), withStat: this.flags.stat };
  }
}
