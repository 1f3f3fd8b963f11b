import * as Flags from '@oclif/core/flags';
import type { Plan } from '../../src/change/plan.ts';
import { planRollingRestart } from '../../src/change/rolling-restart.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { PlannedChangeCommand } from '../../src/cli/planned-change-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { parseIds } from '../../src/ensemble/quorum-scenarios.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class RollingRestart extends PlannedChangeCommand<typeof RollingRestart> {
  static override summary = 'restart the members one by one, the leader last, and prove each before the next';
  static override description =
    `Who leads is asked again before every step: whoever leads then comes last. Members that are down or cut off come first, then
observers, then followers.

${CHANGING}

${INVENTORY}

JSON: {id, kind, ensemble, made, order, configVersion, voters, tolerance, steps, expected, risks, limits}, with --dry-run and
gates: [{step, gate, pass, evidence, reason}], else and {done, took, journal, canary}; a step is {id, title, why, member, before,
after, expected}, canary {before, during, after, sessions, lost, wrong, problem}, each of its spans {writes, failed,
unavailable, worst, latency: {p50, p99, max}}. Times are milliseconds.`;
  static override examples = [
    '<%= config.bin %> rolling restart --dry-run',
    '<%= config.bin %> rolling restart --ensemble prod.yaml --max-unavailable 5s',
    '<%= config.bin %> rolling restart --only 2,3 --yes',
  ];
  static override flags = {
    ...changeFlags,
    only: Flags.string({ env: 'ZKSH_ROLLING_ONLY', helpValue: '<id,…>', description: 'restart these members alone' }),
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory): Promise<Plan> {
    const { only } = this.flags;
    return planRollingRestart({
      ensemble: inventory.name,
      status,
      only: only === undefined ? [] : parseIds(only),
      limits: this.limits,
      made: this.io.now(),
      random: Math.random,
    });
  }
}
