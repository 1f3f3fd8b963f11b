import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../../src/change/context.ts';
import { planAddition } from '../../src/change/membership/add-member.ts';
import { memberId } from '../../src/change/membership/remove-member.ts';
import { planStaticAddition } from '../../src/change/membership/static/static-addition.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { joiningFlags, MEMBERSHIP, MembershipCommand } from '../../src/cli/membership-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class MemberAdd extends MembershipCommand<typeof MemberAdd> {
  static override summary = 'prepare a new server, let it catch up without a vote, then take it into the ensemble';
  static override description =
    `The ensemble file must have an entry for it, with its id. Its machine gets a data directory, myid, a dynamic file with the
committed members and itself as an observer, and a zoo.cfg: the one that is there already, else that of another member, in
which what each has for itself is replaced (--set for what this can't know, such as a port on a shared machine). It is
started, and when the leader counts it as caught up, a reconfiguration takes it in.

It is refused when its id or address is in use, its server runs already, its data directory is not empty or its myid is
another's, names do not resolve or ports are not reachable from the machines of the others, its clock is over 2 s off, or
less than twice the data is free. A release over one minor away from the leader's is seen when it runs, before it is taken
in. A local ensemble grows by "local add".

In an ensemble with quorum groups --group says in which it votes. A context that lists servers is changed to name it, too.

${MEMBERSHIP}

${CHANGING}

${INVENTORY}

${CHANGE_JSON}`;
  static override examples = [
    '<%= config.bin %> member add 4 --ensemble prod.yaml --dry-run',
    '<%= config.bin %> member add 4 --observer --yes',
    '<%= config.bin %> member add 4 --group 2 --weight 1',
    '<%= config.bin %> member add 4 --set admin.serverPort=8081',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the new member' }) };
  static override flags = {
    ...changeFlags,
    ...joiningFlags,
    observer: Flags.boolean({ env: 'ZKSH_MEMBER_ADD_OBSERVER', description: 'take it in without a vote' }),
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const change = this.changeOf(status, inventory);
    const lists = await this.byLists(change, inventory, context);
    const how = { observer: this.flags.observer, place: this.place };
    const joining = await this.joiner(lists ?? change, inventory, memberId(this.args.id), how);
    const plan = lists === undefined ? planAddition(change, joining) : planStaticAddition(lists, joining);
    return this.serversChange(plan, { joined: joining.line });
  }
}
