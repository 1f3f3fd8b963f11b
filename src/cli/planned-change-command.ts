import type { Command } from '@oclif/core/command';
import { applyPlan, refuseBusy } from '../change/apply.ts';
import type { ChangeContext } from '../change/context.ts';
import { type Foreseen, foresee } from '../change/foresee.ts';
import type { Verdict } from '../change/gates/gate.ts';
import type { GateName } from '../change/gates/gates.ts';
import { GateShut } from '../change/hold-gates.ts';
import type { Plan } from '../change/plan.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { AnyView } from '../output/view.ts';
import { ChangeCommand } from './change-command.ts';
import { type ChangeResult, changeView, planLines } from './change-view.ts';

/** The base of the commands that change an ensemble by a plan: look, plan, show, ask, make. */
export abstract class PlannedChangeCommand<C extends typeof Command> extends ChangeCommand<ChangeResult, C> {
  static override dryRun = true;
  protected readonly view: AnyView<ChangeResult> = changeView;

  /** Works the change out, without steps where nothing is to be done; throws where it can't be meant. */
  protected abstract plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan>;

  protected async execute(): Promise<ChangeResult> {
    const inventory = await this.inventory();
    return this.withContext(inventory, async (context) => {
      const status = await context.observe();
      // Without a quorum nobody holds a lock, and there is no session to look for one with.
      if (!this.change['dry-run'] && status.quorum?.quorum !== false) {
        await refuseBusy(inventory.name, context, this.underLock);
      }
      const plan = await this.plan(status, inventory, context);
      if (plan.steps.length === 0) return { kind: 'plan', plan, gates: [] };
      const gates = await foresee(plan, context);
      const shut = gates.filter(({ verdict }) => !verdict.pass);
      if (this.change['dry-run']) {
        if (shut.length > 0) this.exitCode = refusal(shut, plan).exitCode;
        return { kind: 'plan', plan, gates };
      }
      if (shut.length > 0) throw refusal(shut, plan);
      await this.confirm({ what: `make the ${plan.kind} of ${plan.ensemble}`, details: planLines(plan) });
      return this.carryOut(context, plan, applyPlan, inventory);
    });
  }
}

/** Each with the step it stands before, unless that is the first. */
function refusal(shut: readonly Foreseen[], { steps }: Plan): GateShut {
  const said = shut.map(({ step, gate, verdict }): [GateName, Verdict] => {
    const when = step === steps[0] ? '' : ` (before ${step.id})`;
    return [gate, { ...verdict, evidence: `${verdict.evidence}${when}` }];
  });
  return new GateShut(said, new Map(said));
}
