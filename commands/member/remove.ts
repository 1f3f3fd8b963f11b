import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../../src/change/context.ts';
import { memberId, planRemoval } from '../../src/change/membership/remove-member.ts';
import { planStaticRemoval } from '../../src/change/membership/static/static-removal.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { lineOf, MEMBERSHIP, MembershipCommand } from '../../src/cli/membership-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class MemberRemove extends MembershipCommand<typeof MemberRemove> {
  static override summary = 'take a member out of the ensemble, then stop its service';
  static override description =
    `A reconfiguration takes its vote, and only when a write was committed without it, through every other member, its service
is stopped. It is refused when the voters left that serve would be no quorum. Where it leads, leadership moves with the
reconfiguration. A member that is down already may be removed; with --keep-service its machine is not touched.

A context that names the member is changed to name it no more. Its data stays where it is.

${MEMBERSHIP}

${CHANGING}

${INVENTORY}

${CHANGE_JSON}`;
  static override examples = [
    '<%= config.bin %> member remove 3 --dry-run',
    '<%= config.bin %> member remove 3 --max-unavailable 5s',
    '<%= config.bin %> member remove 3 --keep-service --yes',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the member' }) };
  static override flags = {
    ...changeFlags,
    'keep-service': Flags.boolean({
      env: 'ZKSH_MEMBER_REMOVE_KEEP_SERVICE',
      description: 'do not stop its service: its machine is gone, or somebody else does it',
    }),
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const id = memberId(this.args.id);
    const keep = this.flags['keep-service'];
    const change = this.changeOf(status, inventory);
    const lists = await this.byLists(change, inventory, context, id);
    const plan = lists === undefined ? planRemoval(change, id, keep) : planStaticRemoval(lists, id, keep);
    if (!keep) this.hostOf(inventory, id);
    return this.serversChange(plan, { left: lineOf(id, status, inventory) });
  }
}
