import type { Command } from '@oclif/core/command';
import { applyPlan } from '../change/apply.ts';
import type { ChangeContext } from '../change/context.ts';
import { GateShut, holdGates, type Verdicts } from '../change/hold-gates.ts';
import { listsAround } from '../change/membership/static/lists-of-plan.ts';
import type { Plan } from '../change/plan.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { AnyView } from '../output/view.ts';
import { ExitCode } from '../protocol/errors.ts';
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
      const plan = await this.plan(await context.observe(), inventory, context);
      if (plan.steps.length === 0) return { kind: 'plan', plan, gates: new Map() };
      const gates = await gatesNow(plan, context);
      const shut = [...gates].filter(([, { pass }]) => !pass);
      if (this.change['dry-run']) {
        if (shut.length > 0) this.exitCode = ExitCode.unhealthy;
        return { kind: 'plan', plan, gates };
      }
      if (shut.length > 0) throw new GateShut(shut, gates);
      await this.confirm({ what: `make the ${plan.kind} of ${plan.ensemble}`, details: planLines(plan) });
      return { kind: 'made', plan, report: await this.make(context, (applying) => applyPlan(plan, applying)) };
    });
  }
}

/** The gates before the first step: what can be checked before anything was done. */
async function gatesNow(plan: Plan, context: ChangeContext): Promise<Verdicts> {
  const { steps, limits, configVersion, outsiders } = plan;
  const [first] = steps;
  if (first === undefined) return new Map();
  try {
    return await holdGates(first.before, context, {
      limits,
      target: first.member,
      configVersion,
      outsiders,
      lists: listsAround(plan, [], first, 'before'),
      within: 0,
      stable: 0,
    });
  } catch (error) {
    if (error instanceof GateShut) return error.verdicts;
    throw error;
  }
}
