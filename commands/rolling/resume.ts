import * as Args from '@oclif/core/args';
import { resumePlan } from '../../src/change/apply.ts';
import { CHANGING, ChangeCommand, changeFlags } from '../../src/cli/change-command.ts';
import { type ChangeResult, changeView } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { howFar, stoppedChange } from '../../src/cli/stopped-change.ts';
import { localInventory } from '../../src/local/inventory.ts';
import type { AnyView } from '../../src/output/view.ts';

export default class RollingResume extends ChangeCommand<ChangeResult, typeof RollingResume> {
  static override summary = 'go on with a change that was stopped or killed';
  static override description =
    `Goes on from the last step that was proven. What a zksh that was killed had under way is looked at first: done, not done, or
not to be told, which is for a person. Limits are those it was begun with, unless they are given anew. With one change that can be resumed its id may be left out.
A context that lists servers is changed when the members did.

${CHANGING}

${INVENTORY}

JSON: as of the change that is resumed.`;
  static override examples = [
    '<%= config.bin %> rolling resume',
    '<%= config.bin %> rolling resume 20261130-082143-rolling-restart-zipq',
  ];
  static override args = { id: Args.string({ description: 'id of the change' }) };
  static override flags = changeFlags;

  protected readonly findLocal = localInventory;
  protected readonly view: AnyView<ChangeResult> = changeView;

  protected async execute(): Promise<ChangeResult> {
    const inventory = await this.inventory();
    const stopped = await stoppedChange(this.journals, this.args.id, inventory);
    const plan = { ...stopped.plan, limits: this.limitsOver(stopped.plan.limits) };
    await this.confirm({ what: `go on with the ${plan.kind} of ${plan.ensemble}`, details: howFar(stopped) });
    return this.withContext(inventory, (context) => this.carryOut(context, plan, resumePlan, inventory));
  }
}
