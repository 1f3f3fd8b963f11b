import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { abortPlan } from '../../src/change/apply.ts';
import type { ChangeState } from '../../src/change/change-state.ts';
import { leavesListsApart } from '../../src/change/membership/static/lists-of-plan.ts';
import { ChangeCommand, changeFlags } from '../../src/cli/change-command.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { howFar, stoppedChange } from '../../src/cli/stopped-change.ts';
import { localInventory } from '../../src/local/inventory.ts';
import type { View } from '../../src/output/view.ts';
import { wrap } from '../../src/output/wrap.ts';

/** Nothing of zksh goes on with it, so a person must. */
const APART =
  'The members have different lists of who votes: until these are the same, an election may have no winner. Make them the same by hand (zksh config diff shows them), and restart those that run with another, one by one.';

interface Result {
  state: ChangeState;
  journal: string;
}

export default class RollingAbort extends ChangeCommand<Result, typeof RollingAbort> {
  static override summary = 'end a change that was stopped, and take back what can be taken back';
  static override description =
    `A member that a restart left down is started; what was done and proven by restarts stays as it is. Configurations, lists of
members, releases (with --undo-command) and reconfigurations are taken back, the last first, with the gates of a step where
a member is restarted. With one change that has not ended its id may be left out. Ctrl-C stops after the member that is under
way, twice at once; what was stopped or killed is gone on with by the same command, and cannot be resumed any more.

Until a change has ended no other is begun from here. When what it did cannot be taken back, since a machine is gone, --as-is
ends it and touches nothing: look at the ensemble first (zksh health, zksh config diff).

${INVENTORY}

JSON: {id, kind, ensemble, done, begun, listsApart, journal}; done are the steps that stay done, begun is the one that was left
in the middle, listsApart whether members are left with different lists of who votes: a person has to make them the same.`;
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
        ...(leavesListsApart(state) ? wrap(APART, style.width).map((line) => style.paint('bad', line)) : []),
        style.paint('dim', `journal ${style.name(journal)}`),
      ].join('\n'),
    json: ({ state, journal }) => ({
      id: state.plan.id,
      kind: state.plan.kind,
      ensemble: state.plan.ensemble,
      done: state.done.map(({ id }) => id),
      begun: state.current?.id,
      listsApart: leavesListsApart(state),
      journal,
    }),
  };

  protected async execute(): Promise<Result> {
    const inventory = await this.inventory();
    const stopped = await stoppedChange(this.journals, this.args.id, inventory);
    const { plan } = stopped;
    const asIs = this.flags['as-is'];
    const what = `end the ${plan.kind} of ${plan.ensemble}`;
    await this.confirm({
      what: asIs ? `${what} where it is, with nothing taken back` : `${what}, and take back what can be`,
      details: howFar(stopped),
    });
    const how = asIs ? 'as-is' : 'take-back';
    return this.withContext(inventory, (context) => this.make(context, (applying) => abortPlan(plan, applying, how)));
  }
}
