import * as Args from '@oclif/core/args';
import { abortPlan } from '../../src/change/apply.ts';
import type { ChangeState } from '../../src/change/change-state.ts';
import { ChangeCommand, changeFlags } from '../../src/cli/change-command.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { stoppedChange } from '../../src/cli/stopped-change.ts';
import { localInventory } from '../../src/local/inventory.ts';
import type { View } from '../../src/output/view.ts';

interface Result {
  state: ChangeState;
  journal: string;
}

export default class RollingAbort extends ChangeCommand<Result, typeof RollingAbort> {
  static override summary = 'end a change that was stopped, and take back what can be taken back';
  static override description =
    `A member that a restart left down is started. What was done and proven by restarts stays as it is. With one change that has
not ended its id may be left out.

${INVENTORY}

JSON: {id, kind, ensemble, done, journal}; done are the steps that stay done.`;
  static override examples = [
    '<%= config.bin %> rolling abort',
    '<%= config.bin %> rolling abort 20261130-082143-rolling-restart-zipq --yes',
  ];
  static override args = { id: Args.string({ description: 'id of the change' }) };
  static override flags = changeFlags;

  protected readonly findLocal = localInventory;
  protected readonly view: View<Result> = {
    text: ({ state, journal }, style) =>
      [
        `${style.paint('good', 'ended')} ${state.plan.kind} of ${style.name(state.plan.ensemble)}: ${state.done.length} of ${state.plan.steps.length} steps stay done`,
        style.paint('dim', `journal ${style.name(journal)}`),
      ].join('\n'),
    json: ({ state, journal }) => ({
      id: state.plan.id,
      kind: state.plan.kind,
      ensemble: state.plan.ensemble,
      done: state.done.map(({ id }) => id),
      journal,
    }),
  };

  protected async execute(): Promise<Result> {
    const inventory = await this.inventory();
    const plan = await stoppedChange(this.journals, this.args.id, inventory);
    await this.confirm({ what: `end the ${plan.kind} of ${plan.ensemble} where it is` });
    return this.withContext(inventory, (context) => this.make(context, (applying) => abortPlan(plan, applying)));
  }
}
