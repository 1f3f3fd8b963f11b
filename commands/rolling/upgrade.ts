import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../../src/change/context.ts';
import type { Plan } from '../../src/change/plan.ts';
import { lintForRelease } from '../../src/change/upgrade/lint-release.ts';
import { upgradeMachine } from '../../src/change/upgrade/machine.ts';
import { planRollingUpgrade, UPGRADE_PLACEHOLDERS, wholeRelease } from '../../src/change/upgrade/plan-upgrade.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { oneFirstFlags } from '../../src/cli/one-first-flags.ts';
import { PlannedChangeCommand } from '../../src/cli/planned-change-command.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { findRule } from '../../src/config/lint.ts';
import { compareReleases, parseRelease } from '../../src/config/parameters/release.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { parseIds } from '../../src/ensemble/quorum-scenarios.ts';
import { checkTemplate } from '../../src/hosts/template.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';

export default class RollingUpgrade extends PlannedChangeCommand<typeof RollingUpgrade> {
  static override summary =
    'bring the members to another release, one first, and take it back where one does not return';
  static override description =
    `For each member the service is stopped, --service-command is run by /bin/sh on its machine, and the service is started. Then,
besides the gates of a restart, the member itself must say that it runs the release. One member, a follower, tries it first;
then the others, the leader last. Members that run it already are left out: an upgrade that was broken off is begun again with
the same line. In the commands {id}, {host} and {version} are put in, quoted: write them outside quotes.

Where a member does not come back with the release, its --undo-command is run with the release it had, it is started again, and
the change stops with exit code 8; "rolling abort" takes the others back as well. Without an --undo-command a member that fails
is left as it is, and the others are not touched. A command must do no harm when it is run twice, the first still running
perhaps: so it is when a zksh that was killed is resumed.

Before anything is begun each step is judged by what is known of the releases: one minor release at a time, no way back, what
needs a snapshot, what changes the protocol between servers, and from where on the old release cannot read what the new one
wrote. The zoo.cfg of each member is judged by the rules of config lint for the new release; what is wrong there and was not
before refuses the upgrade. Containers have the release of their image, and are refused.

${CHANGING}

${INVENTORY}

${CHANGE_JSON} Of a plan with nothing to do, steps is empty.`;
  static override examples = [
    "<%= config.bin %> rolling upgrade --to 3.9.5 --service-command 'ln -sfn /opt/zookeeper-{version} /opt/zookeeper' --dry-run",
    "<%= config.bin %> rolling upgrade --to 3.9.5 --service-command 'apt-get install -y zookeeper={version}' --undo-command 'apt-get install -y --allow-downgrades zookeeper={version}'",
  ];
  static override flags = {
    ...changeFlags,
    to: Flags.string({
      env: 'ZKSH_UPGRADE_TO',
      helpValue: '<release>',
      required: true,
      description: 'release that all shall run, whole: 3.9.5',
    }),
    'service-command': Flags.string({
      env: 'ZKSH_UPGRADE_COMMAND',
      helpValue: '<line>',
      required: true,
      description: 'what brings the release to a machine, run there while its service is stopped',
    }),
    'undo-command': Flags.string({
      env: 'ZKSH_UPGRADE_UNDO',
      helpValue: '<line>',
      description: 'what brings the old release back there, {version} being that one',
    }),
    ...oneFirstFlags,
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const { to, only, first, ignore = [], 'service-command': command, 'undo-command': undo } = this.flags;
    const release = wholeRelease(to);
    for (const template of [command, ...(undo === undefined ? [] : [undo])])
      checkTemplate(template, UPGRADE_PLACEHOLDERS);
    for (const id of ignore) findRule(id, nearest);
    const read = inventory.members.map(async ({ id, line, files }) => {
      const machine = await upgradeMachine(context.host(id), files, { signal: this.signal });
      return [id, { ...machine, host: line.addresses[0]?.host ?? `${id}` }] as const;
    });
    const machines = new Map(await Promise.all(read));
    const plan = planRollingUpgrade({
      ensemble: inventory.name,
      status,
      only: only === undefined ? [] : parseIds(only),
      first: first === undefined ? undefined : parseIds(first)[0],
      to,
      command,
      undo,
      machines,
      limits: this.limits,
      made: this.io.now(),
      random: Math.random,
    });
    const told = status.members.map(({ facts }) => parseRelease(facts.version?.value ?? ''));
    const [oldest] = told.filter((one) => one !== undefined).sort(compareReleases);
    const configs = [...machines.values()].map(({ config }) => config.config);
    for (const text of lintForRelease(configs, oldest ?? release, release, { nearest, ignore }))
      this.note(`warning: ${text}`);
    return plan;
  }
}
