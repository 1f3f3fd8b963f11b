import * as Args from '@oclif/core/args';
import type { ChangeContext } from '../../src/change/context.ts';
import { planRole } from '../../src/change/membership/change-role.ts';
import { memberId } from '../../src/change/membership/remove-member.ts';
import { planStaticRole } from '../../src/change/membership/static/static-role.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { MEMBERSHIP, MembershipCommand, placeFlags } from '../../src/cli/membership-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class MemberPromote extends MembershipCommand<typeof MemberPromote> {
  static override summary = 'give an observer a vote';
  static override description =
    `It must have caught up: it serves, the leader counts it, and it keeps up with it. Afterwards a write is committed and read back
through every member. In an ensemble with quorum groups --group says in which it votes.

${MEMBERSHIP}

${CHANGING}

${INVENTORY}

${CHANGE_JSON}`;
  static override examples = [
    '<%= config.bin %> member promote 4 --dry-run',
    '<%= config.bin %> member promote 4 --yes',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the member' }) };
  static override flags = { ...changeFlags, ...placeFlags };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const id = memberId(this.args.id);
    const change = this.changeOf(status, inventory);
    const lists = await this.byLists(change, inventory, context);
    return lists === undefined
      ? planRole(change, id, 'participant', this.place)
      : planStaticRole(lists, id, 'participant', this.place);
  }
}
