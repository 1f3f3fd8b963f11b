import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../../src/change/context.ts';
import { committedConfig, memberLine } from '../../src/change/membership/membership.ts';
import { memberId } from '../../src/change/membership/remove-member.ts';
import { planReplacement } from '../../src/change/membership/replace-member.ts';
import { planStaticReplacement } from '../../src/change/membership/static/static-replacement.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { joiningFlags, lineOf, MEMBERSHIP, MembershipCommand } from '../../src/cli/membership-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { placeOf } from '../../src/ensemble/next-membership.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class MemberReplace extends MembershipCommand<typeof MemberReplace> {
  static override summary = 'put a new server in the place of a member';
  static override description =
    `As member add and then member remove, in one plan: the new server, which has an id and a machine of its own, joins before
the old one leaves, so that as many failures are borne as before. A member that is down is taken out first, since its vote
only counts against the others. The new one takes the part of the old: participant or observer, its group and weight.

What is refused, and what is made on the machine of the new server, is said by: zksh member add --help

A context that names the old one is changed to name the new one.

${MEMBERSHIP}

${CHANGING}

${INVENTORY}

${CHANGE_JSON}`;
  static override examples = [
    '<%= config.bin %> member replace 3 --with 6 --dry-run',
    '<%= config.bin %> member replace 3 --with 6 --keep-service --ensemble prod.yaml',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the member that leaves' }) };
  static override flags = {
    ...changeFlags,
    ...joiningFlags,
    with: Flags.string({
      required: true,
      env: 'ZKSH_MEMBER_REPLACE_WITH',
      helpValue: '<id>',
      description: 'id of the new server in the ensemble file',
    }),
    'keep-service': Flags.boolean({
      env: 'ZKSH_MEMBER_REPLACE_KEEP_SERVICE',
      description: 'do not stop the service of the old one: its machine is gone, or somebody else does it',
    }),
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const change = this.changeOf(status, inventory);
    const id = memberId(this.args.id);
    const { with: other, 'keep-service': keep } = this.flags;
    const lists = await this.byLists(change, inventory, context, id);
    const config = committedConfig((lists ?? change).status);
    const observer = memberLine(config, id).role === 'observer';
    const how = { observer, place: this.place ?? (observer ? undefined : placeOf(config, id)) };
    const joiner = await this.joiner(lists ?? change, inventory, memberId(other), how);
    if (!keep) this.hostOf(inventory, id);
    const plan =
      lists === undefined ? planReplacement(change, id, joiner, keep) : planStaticReplacement(lists, id, joiner, keep);
    return this.serversChange(plan, { joined: joiner.line, left: lineOf(id, status, inventory) });
  }
}
