import * as Args from '@oclif/core/args';
import type { ChangeContext } from '../../src/change/context.ts';
import { planRole } from '../../src/change/membership/change-role.ts';
import { memberId } from '../../src/change/membership/remove-member.ts';
import { planStaticRole } from '../../src/change/membership/static/static-role.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { MEMBERSHIP, MembershipCommand } from '../../src/cli/membership-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class MemberDemote extends MembershipCommand<typeof MemberDemote> {
  static override summary = 'take the vote of a member; it goes on as an observer';
  static override description =
    `It is refused when the other voters that serve would be no quorum. Where it leads, leadership moves with the reconfiguration.
Afterwards a write is committed and read back through every member.

${MEMBERSHIP}

${CHANGING}

${INVENTORY}

${CHANGE_JSON}`;
  static override examples = ['<%= config.bin %> member demote 4 --dry-run', '<%= config.bin %> member demote 4 --yes'];
  static override args = { id: Args.string({ required: true, description: 'id of the member' }) };
  static override flags = changeFlags;

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const id = memberId(this.args.id);
    const change = this.changeOf(status, inventory);
    const lists = await this.byLists(change, inventory, context);
    return lists === undefined ? planRole(change, id, 'observer') : planStaticRole(lists, id, 'observer');
  }
}
