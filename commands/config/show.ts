import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { configShowView, type ShownConfig } from '../../src/cli/config-show-view.ts';
import { memberAnswerFlags } from '../../src/cli/member-answers.ts';
import { OBSERVING, ObservingCommand } from '../../src/cli/observing-command.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { CONFIG_WISHES } from '../../src/config/live/answers.ts';
import { readLiveConfigs } from '../../src/config/live/read.ts';
import { type ConfigRow, configRows } from '../../src/config/live/table.ts';
import { requireParameter } from '../../src/config/parameters/table.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode } from '../../src/protocol/errors.ts';

export default class ConfigShow extends ObservingCommand<ShownConfig, typeof ConfigShow> {
  static override summary = 'show the configuration that each member has in force, and where it comes from';
  static override description = `${OBSERVING}
Asked for besides: the AdminServer's configuration, initial_configuration, system_properties and environment, and envi.

A value is of one of these origins. default: nothing that can be seen sets another. file: zoo.cfg as it was when the
server started. dynamic: the membership. property: a system property, which is a -D flag or a line of zoo.cfg, since a
server makes properties of the lines QuorumPeerConfig does not know. reported: it is in force, and nobody tells what set
it. unknown: it is not told. Only a standalone server from 3.6 on shows its file; a member of an ensemble keeps the keys
of QuorumPeerConfig that conf does not list (autopurge, reconfigEnabled, TLS and SASL between members) to itself, and
system properties are told by AdminServers from 3.6 on alone. Secrets are left out.

Without a PARAMETER and --all, parameters that are told are shown. With several members, one column each; differs is yes
where other values are in force, own where each is to have its own. Exit code: 0, or 5 when a member did not answer.

JSON: {members: [{id, host, role, version, configFile, heap, parameters: [{parameter, value, origin, source, note,
reference}], missing}], differing, silent: [{id, host, reason}]}; a value that is not told or not set is null, heap is
bytes, differing lists the parameters whose values differ and should not.`;
  static override examples = [
    '<%= config.bin %> config show',
    '<%= config.bin %> config show --member 2 --all',
    '<%= config.bin %> config show jute.maxbuffer maxSessionTimeout',
    "<%= config.bin %> config show --set-only -o json | jq -r '.differing[]'",
  ];
  static override args = { parameter: Args.string({ description: 'show this parameter alone; more may follow' }) };
  static override strict = false;
  static override flags = {
    ...memberAnswerFlags,
    all: Flags.boolean({
      env: 'ZKSH_CONFIG_SHOW_ALL',
      description: 'show defaults and what is not told, too',
      exclusive: ['set-only'],
    }),
    'set-only': Flags.boolean({ env: 'ZKSH_CONFIG_SHOW_SET_ONLY', description: 'show no default' }),
  };

  #view: View<ShownConfig, ConfigRow> = configShowView([]);

  protected get view(): View<ShownConfig, ConfigRow> {
    return this.#view;
  }

  protected async execute(): Promise<ShownConfig> {
    for (const name of this.words) requireParameter(name, nearest);
    const { wanted, asking } = await this.observing(CONFIG_WISHES);
    const { all, 'set-only': setOnly, member } = this.flags;
    const live = await readLiveConfigs(wanted, asking, member);
    const rows = configRows(live.members, all ? 'all' : setOnly ? 'set' : 'told', this.words);
    this.#view = configShowView(live.members);
    if (live.silent.length > 0) this.exitCode = ExitCode.connection;
    this.tellSilent(live.silent);
    return { ...live, rows, named: this.words.length > 0 };
  }
}
