import * as Flags from '@oclif/core/flags';
import { planLeaderMove } from '../../src/change/leader/move-leader.ts';
import { memberId } from '../../src/change/membership/remove-member.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import type { ChangeResult } from '../../src/cli/change-view.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { MembershipCommand, RECONFIGURING } from '../../src/cli/membership-command.ts';
import { type EnsembleStatus, ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { observeEnsemble } from '../../src/ensemble/observe.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class LeaderMove extends MembershipCommand<typeof LeaderMove> {
  static override summary = 'hand leadership over to another member, and measure how long nobody could write';
  static override description =
    `The vote of the leader is taken by a reconfiguration: with it the leader names the next one, and there is no election. When it
has caught up as an observer its vote is given back: in the end the membership is what it was, but for its version. What is
stopped in between is brought back by "rolling resume" or "rolling abort".

It is not quicker than a restart of the leader: measured with 3 and 5 servers that had just been started, nobody could write
for 0.2 to 2.4 seconds, and for 0.6 to 1.2 seconds when the leader was stopped. It spares the restart, not the pause.

The server chooses who takes over: the first of those that acknowledged the reconfiguration, which commonly is the lowest id.
With --to the change succeeds only when that member leads at its end; where it takes a second hand-over, by way of the lowest
id, the plan says so, and a member that cannot be reached that way is refused. When another leads all the same, the change
stops with every vote in its place and exit code 8; it is not tried again by itself, since each try is a pause for writers.

It is refused where the other voters could not give the vote back: with two voters, or with one that is down. There, on 3.4
and where reconfiguration is disabled, what remains is an election: "rolling restart --only ID" of the leader; nobody can
choose its winner.

${RECONFIGURING}

${CHANGING}

${INVENTORY}

${CHANGE_JSON} When it is made there is moved: {from, to}, who led and who leads.`;
  static override examples = [
    '<%= config.bin %> leader move --dry-run',
    '<%= config.bin %> leader move --yes --auth digest:super:file:PATH',
    '<%= config.bin %> leader move --to 1',
  ];
  static override flags = {
    ...changeFlags,
    to: Flags.string({ env: 'ZKSH_LEADER_TO', helpValue: '<id>', description: 'member that shall lead' }),
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory): Promise<Plan> {
    const { to } = this.flags;
    return planLeaderMove(this.changeOf(status, inventory), to === undefined ? undefined : memberId(to));
  }

  protected override async execute(): Promise<ChangeResult> {
    const result = await super.execute();
    if (result.kind === 'plan') return result;
    const { wanted, asking } = await this.observing();
    const { leader } = ensembleStatus(await observeEnsemble(wanted, asking));
    return { ...result, moved: { from: result.plan.steps[0]?.member, to: leader?.id } };
  }
}
