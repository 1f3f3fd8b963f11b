import { foresee } from '../../src/change/foresee.ts';
import { leadershipOf } from '../../src/change/leader/leadership.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../src/change/plan.ts';
import { ChangeCommand } from '../../src/cli/change-command.ts';
import { INVENTORY, inventoryFlags } from '../../src/cli/inventory-command.ts';
import { type LeaderShown, leaderView } from '../../src/cli/leader-view.ts';
import { OBSERVING } from '../../src/cli/observing-command.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';

export default class LeaderShow extends ChangeCommand<LeaderShown, typeof LeaderShow> {
  static override summary = 'show who leads, since when, who could take over, and what a hand-over would cost now';
  static override description =
    `Whether "leader move" would be made here is worked out as that does it, with its gates as they are now. The last of them ask
for a write and a reconfiguration from versions that cannot be: both are refused, and how tells whether we may, and whether
the leader takes any. Nothing is changed. The exit code is 8 when no one member leads.

${OBSERVING}

${INVENTORY} It needs none: nothing is asked of machines.

JSON: {leader, candidates, tolerance, move}; leader is {id, host, source, ledFor, epoch, synced}: ledFor milliseconds, which
servers tell from 3.6 on, synced the followers it counts; candidates a list of {id, host, role, lag, ready}, the voters that do
not lead; tolerance {now, least, after}; move {possible, way, heir, reason, hint, gates}: way is reconfiguration, or election
where that is what remains, heir who would commonly take over, gates a list of {step, gate, pass, evidence, reason}. What is not
known is absent.`;
  static override examples = ['<%= config.bin %> leader show', '<%= config.bin %> leader show -o json | jq .move'];
  static override flags = inventoryFlags;

  protected readonly findLocal = localInventory;
  protected readonly view = leaderView;

  protected async execute(): Promise<LeaderShown> {
    const inventory = await this.#known();
    return this.withContext(inventory, async (context) => {
      const change = {
        ensemble: inventory.name,
        status: await context.observe(),
        limits: DEFAULT_CHANGE_LIMITS,
        made: this.io.now(),
        random: Math.random,
      };
      const leadership = leadershipOf(change);
      if (leadership.leader === undefined) this.exitCode = ExitCode.unhealthy;
      const gates = 'plan' in leadership.move ? await foresee(leadership.move.plan, context) : [];
      return { ...leadership, gates };
    });
  }

  /** Machines are of no use here: an ensemble without an ensemble file is shown as well. */
  async #known(): Promise<Inventory> {
    try {
      return await this.inventory();
    } catch (error) {
      if (!(error instanceof ZkshError && error.code === 'NO_ENSEMBLE_FILE')) throw error;
      const { name, context } = await this.context();
      return { name: name ?? context.servers, source: { kind: 'file', path: '' }, context: name, members: [] };
    }
  }
}
