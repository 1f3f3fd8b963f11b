import { INVENTORY, InventoryCommand, inventoryFlags } from '../../src/cli/inventory-command.ts';
import { OBSERVING } from '../../src/cli/observing-command.ts';
import { ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { observeEnsemble } from '../../src/ensemble/observe.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { type ListedMember, listMembers } from '../../src/inventory/membership-report.ts';
import { localInventory } from '../../src/local/inventory.ts';
import type { Column, View } from '../../src/output/view.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';

const DOWN = /^un|^not/;

const COLUMNS: readonly Column<ListedMember>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'role', value: ({ configured }) => configured },
  {
    header: 'seen',
    value: ({ seen }) => seen,
    role: ({ seen }) => (seen === undefined || DOWN.test(seen) ? 'bad' : 'good'),
  },
  { header: 'address', value: ({ address }) => address, role: () => 'name' },
  { header: 'server', value: ({ server }) => server },
  { header: 'host', value: ({ host }) => host && (host.kind === 'local' ? host.name : `${host.kind} ${host.name}`) },
  { header: 'problems', value: ({ problems }) => problems.join('; '), role: () => 'warn' },
];

export default class MemberList extends InventoryCommand<ListedMember[], typeof MemberList> {
  static override summary = 'list the members: role in the configuration, role as seen, address, machine';
  static override description =
    `The committed configuration, what was seen of each member just now, and the inventory are brought together: who is in one
and not in another is listed, too, with what does not fit. The exit code is 8 when a member of the configuration does not
serve, or serves as something else than it is configured as.

${OBSERVING}

${INVENTORY} Without one, the machines are left out.

JSON: an array of {id, configured, seen, address, server, host: {kind, name}, problems}; configured is participant or observer
in the committed configuration, seen the role as status has it. What is not known is absent.`;
  static override examples = [
    '<%= config.bin %> member list',
    '<%= config.bin %> member list --ensemble prod.yaml -o json',
  ];
  static override flags = inventoryFlags;

  protected readonly findLocal = localInventory;
  protected readonly view: View<ListedMember[], ListedMember> = { columns: COLUMNS, rows: (members) => members };

  protected async execute(): Promise<ListedMember[]> {
    const inventory = await this.#known();
    const { wanted, asking } = await this.observing();
    const status = ensembleStatus(await observeEnsemble(wanted, asking));
    const members = listMembers(status, inventory);
    const wrong = ({ configured, seen, problems }: ListedMember): boolean =>
      configured !== undefined && (seen === undefined || problems.some((problem) => problem.startsWith('is ')));
    const silent = status.members.every(({ role }) => role === 'unreachable');
    if (silent) this.note('note: no member answers: these are the servers that were named');
    if (silent || members.some(wrong)) this.exitCode = ExitCode.unhealthy;
    return members;
  }

  async #known(): Promise<Inventory | undefined> {
    try {
      return await this.inventory();
    } catch (error) {
      // One that is named and cannot be read is an error; that none is named is not.
      if (this.typed('ensemble') || !(error instanceof ZkshError && error.code === 'NO_ENSEMBLE_FILE')) throw error;
      if ((await this.context()).context.ensemble !== undefined) throw error;
      return undefined;
    }
  }
}
