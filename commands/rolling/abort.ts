import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
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

Until a change has ended no other is begun from here. When what it did cannot be taken back, since a machine is gone, --as-is
ends it and touches nothing: look at the ensemble first (zksh health, zksh config diff).

${INVENTORY}

JSON: {id, kind, ensemble, done, begun, journal}; done are the steps that stay done, begun is the one that was left in the middle.`;
  static override examples = [
    '<%= config.bin %> rolling abort',
    '<%= config.bin %> rolling abort 20261130-082143-rolling-restart-zipq --yes',
    '<%= config.bin %> rolling abort --as-is',
  ];
  static override args = { id: Args.string({ description: 'id of the change' }) };
  static override flags = {
    ...changeFlags,
    'as-is': Flags.boolean({
      env: 'ZKSH_ROLLING_ABORT_AS_IS',
      description: 'take nothing back: the change ends where it is',
    }),
  };

  protected readonly findLocal = localInventory;
  protected readonly view: View<Result> = {
    text: ({ state, journal }, style) =>
      [
        `${style.paint('good', 'ended')} ${state.plan.kind} of ${style.name(state.plan.ensemble)}: ${state.done.length} of ${state.plan.steps.length} steps stay done`,
        ...(state.current === undefined ? [] : [style.paint('warn', `left in the middle: ${state.current.title}`)]),
        style.paint('dim', `journal ${style.name(journal)}`),
      ].join('\n'),
    json: ({ state, journal }) => ({
      id: state.plan.id,
      kind: state.plan.kind,
      ensemble: state.plan.ensemble,
      done: state.done.map(({ id }) => id),
      begun: state.current?.id,
      journal,
    }),
  };

  protected async execute(): Promise<Result> {
    const inventory = await this.inventory();
    const plan = await stoppedChange(this.journals, this.args.id, inventory);
    const asIs = this.flags['as-is'];
    const what = `end the ${plan.kind} of ${plan.ensemble}`;
    await this.confirm({
      what: asIs ? `${what} where it is, with nothing taken back` : `${what}, and take back what can be`,
    });
    const how = asIs ? 'as-is' : 'take-back';
    return this.withContext(inventory, (context) => this.make(context, (applying) => abortPlan(plan, applying, how)));
  }
}
