import * as Flags from '@oclif/core/flags';
import { OBSERVING, ObservingCommand, observingFlags } from '../src/cli/observing-command.ts';
import { quorumView } from '../src/cli/quorum-view.ts';
import { ensembleStatus } from '../src/ensemble/ensemble-status.ts';
import { observeEnsemble } from '../src/ensemble/observe.ts';
import { type QuorumReport, quorumReport } from '../src/ensemble/quorum-report.ts';
import { parseIds, parseJoiners } from '../src/ensemble/quorum-scenarios.ts';
import { ExitCode } from '../src/protocol/errors.ts';

export default class Quorum extends ObservingCommand<QuorumReport, typeof Quorum> {
  static override summary = 'show who votes, how many more may fail, and which loss is fatal';
  static override description =
    `Counts as ZooKeeper does: a majority of the voters, or with quorum groups a majority of the groups, in each a majority
of the weight. --without shows what is left when these members stop, as by a crash or with their rack (their votes still
count), and when they are removed from the ensemble; --with adds voters that serve; both together replace. Nothing is
changed. The exit code is 8 when there is no quorum, or would be none.

${OBSERVING}

JSON: {kind, assumed, members, synced, scenarios}; a member is {id, host, role, votes, group, weight}, a scenario {what,
voters, live, quorum, tolerance, fatal, critical}: what is now, stopped, removed, added or replaced, tolerance how many more
may fail whichever they are, fatal the fewest losses that end the quorum (an example), critical the members each of whose
loss alone ends it. assumed is true where nobody told the configuration, as on 3.4: the servers listed are taken for the
voters. A quorum that an oracle decides (oraclePath, two members) is not seen from outside.`;
  static override examples = [
    '<%= config.bin %> quorum',
    '<%= config.bin %> quorum --without 2,3',
    '<%= config.bin %> quorum --without 1 --with 4',
    '<%= config.bin %> quorum --without 3 -q && ssh zk3 systemctl stop zookeeper',
  ];
  static override flags = {
    ...observingFlags,
    without: Flags.string({
      env: 'ZKSH_QUORUM_WITHOUT',
      helpValue: '<id,…>',
      description: 'members that stop, or are removed',
    }),
    with: Flags.string({
      env: 'ZKSH_QUORUM_WITH',
      helpValue: '<id[:group[:weight]],…>',
      description: 'voters that are added; with quorum groups, each with its group',
    }),
  };

  protected readonly view = quorumView;

  protected async execute(): Promise<QuorumReport> {
    const change = {
      without: this.flags.without === undefined ? [] : parseIds(this.flags.without),
      with: this.flags.with === undefined ? [] : parseJoiners(this.flags.with),
    };
    const { wanted, asking } = await this.observing();
    const report = quorumReport(ensembleStatus(await observeEnsemble(wanted, asking)), change);
    if (report.scenarios.some(({ quorum }) => !quorum)) this.exitCode = ExitCode.unhealthy;
    return report;
  }
}
