import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { contextsFile, loadContexts } from '../../src/cli/contexts.ts';
import type { CommandHost } from '../../src/cli/host.ts';
import { chooseEnsemble } from '../../src/local/choose.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { defaultStateDir, type EnsembleRef } from '../../src/local/spec.ts';
import { type EnsembleStatus, type MemberStatus, status } from '../../src/local/status.ts';
import type { Column, View } from '../../src/output/view.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';

/** The flag with which the commands on one member name the ensemble. */
export const ensembleFlag = {
  name: Flags.string({
    env: 'ZKSH_LOCAL',
    helpValue: '<name>',
    description: 'which local ensemble; if not given that of the context in use, or the only one',
  }),
};

export const memberArg = {
  id: Args.custom<number>({ parse: async (text) => memberId(text) })({
    required: true,
    description: 'id of the member',
  }),
};

export const nameArg = { name: Args.string({ description: 'name of the ensemble' }) };

const STATE_ROLES = { running: 'good', paused: 'warn', stopped: 'dim', dead: 'bad' } as const;

const memberColumns: Column<LocalMember>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'role', value: ({ role }) => role },
  { header: 'state', value: ({ state }) => state, role: ({ state }) => STATE_ROLES[state] },
  { header: 'client', value: ({ host, clientPort }) => `${host}:${clientPort}`, role: () => 'name' },
  { header: 'secure', value: ({ secureClientPort }) => secureClientPort, kind: 'number' },
  { header: 'admin', value: ({ adminPort }) => adminPort, kind: 'number' },
  { header: 'pid', value: ({ pid }) => pid, kind: 'number' },
];

/** How the commands that change a member show the ensemble afterwards. */
export const ensembleView: View<LocalEnsemble, LocalMember> = {
  columns: memberColumns,
  rows: ({ members }) => members,
};

/** The ensemble a command means: the one named, else that of the context in use, else the only one. */
export async function chosenEnsemble(host: CommandHost, named?: string, context?: string): Promise<EnsembleRef> {
  const { env } = host.io;
  const preferred = context ?? host.chosen?.name ?? (await loadContexts(contextsFile(env))).current;
  return chooseEnsemble(defaultStateDir(env), named, preferred);
}

export default class LocalStatus extends ZkshCommand<EnsembleStatus, typeof LocalStatus> {
  static override summary = 'show the members of a local ensemble and what each says of itself';
  static override description =
    `A member is running, paused, stopped (by us) or dead (killed or crashed). The exit code is 8
unless all serve and agree on one leader.

JSON: {name, dir, createdAt, version, source, connectString, secureConnectString, members, superAuth, tls, tlsFiles, sasl,
healthy}; a member is {id, host, clientPort, secureClientPort, adminPort, quorumPort, electionPort, role, pid, state, dir,
log, mode, zxid, connections}.`;
  static override examples = ['<%= config.bin %> local status', '<%= config.bin %> local status dev -o json'];
  static override args = nameArg;

  protected readonly view: View<EnsembleStatus, MemberStatus> = {
    columns: [
      ...memberColumns,
      { header: 'mode', value: ({ mode }) => mode ?? 'not serving', role: ({ mode }) => (mode ? 'good' : 'bad') },
      { header: 'zxid', value: ({ zxid }) => zxid, kind: 'hex' },
      { header: 'connections', value: ({ connections }) => connections, kind: 'number' },
    ],
    rows: ({ members }) => members,
  };

  protected async execute(): Promise<EnsembleStatus> {
    const result = await status(await chosenEnsemble(this.host, this.args.name, this.flags.context), this.signal);
    if (!result.healthy) this.exitCode = ExitCode.unhealthy;
    return result;
  }
}

/** oclif's own integer takes a word for a bug of the program. */
function memberId(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no id of a member`, {
    hint: `Give the id first, the ensemble with --name: zksh local kill ID --name ${/^[\w.-]+$/.test(text) ? text : 'NAME'}`,
  });
}
