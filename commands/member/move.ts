import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../../src/change/context.ts';
import { examineMove } from '../../src/change/membership/examine-move.ts';
import { committedConfig, memberLine } from '../../src/change/membership/membership.ts';
import { planMove } from '../../src/change/membership/move-member.ts';
import { memberId } from '../../src/change/membership/remove-member.ts';
import { planStaticMove } from '../../src/change/membership/static/static-move.ts';
import type { Plan } from '../../src/change/plan.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { HOST_LIMITS, lineOf, MEMBERSHIP, MembershipCommand } from '../../src/cli/membership-command.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { parseServerLineOf, type ServerLine } from '../../src/ensemble/server-line.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';
import { ExitCode, UsageError, ZkshError } from '../../src/protocol/errors.ts';

export default class MemberMove extends MembershipCommand<typeof MemberMove> {
  static override summary = 'give a member other ports, or other addresses of its machine';
  static override description =
    `The new line is that of the ensemble file where it differs from the committed one, or that of --line. A server takes other
ports while it runs, and its clients stay connected. Before, the new ports must be free on its machine and the way to them
from the others open; after, they are open from the others, and a write is committed through the new client address. Where
it leads and its quorum address changes, leadership moves with the reconfiguration. Where its client port stays and only the
address changes, it is restarted as well, since not every server can bind that while it runs.

Another machine is refused: there a new server takes its place, by member replace. Another secure client port is a matter
of zoo.cfg before 3.10. A context that names the old client address is changed to name the new one; an ensemble file is not.

${MEMBERSHIP}

${CHANGING}

${INVENTORY}

${CHANGE_JSON}`;
  static override examples = [
    "<%= config.bin %> member move 3 --line 'zk3:2889:3889:participant;2182' --dry-run",
    '<%= config.bin %> member move 3 --ensemble prod.yaml --yes',
  ];
  static override args = { id: Args.string({ required: true, description: 'id of the member' }) };
  static override flags = {
    ...changeFlags,
    line: Flags.string({
      env: 'ZKSH_MEMBER_MOVE_LINE',
      helpValue: '<server line>',
      description: 'its new line, with or without server.ID=; that of the ensemble file when not given',
    }),
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const id = memberId(this.args.id);
    const change = this.changeOf(status, inventory);
    const lists = await this.byLists(change, inventory, context);
    const config = committedConfig((lists ?? change).status);
    const now = memberLine(config, id);
    const line = this.#line(id, inventory, lineOf(id, status, inventory));
    // On 3.4 the list has no client ports: the inventory knows those of the others.
    const known = { ...config, servers: config.servers.map((one) => withClient(one, inventory)) };
    if (lists !== undefined) refuseLocalClient(now, line, inventory);
    await examineMove(known, now, line, this.hostOf(inventory, id), { ...HOST_LIMITS, signal: this.signal });
    const plan = lists === undefined ? planMove(change, line) : planStaticMove(lists, line);
    return this.serversChange(plan, { joined: line, left: lineOf(id, status, inventory) });
  }

  #line(id: bigint, { members }: Inventory, now: ServerLine | undefined): ServerLine {
    const { line: text } = this.flags;
    if (text !== undefined) {
      const line = parseServerLineOf(id, text);
      // In the words of a zoo.cfg of 3.4 a line has no client port: it keeps the one it has.
      return line.client === undefined && line.secureClient === undefined ? { ...line, client: now?.client } : line;
    }
    const entry = members.find((one) => one.id === id);
    if (entry !== undefined) return entry.line;
    throw new UsageError(`where member ${id} shall be is not said`, {
      code: 'NO_LINE',
      hint: 'Give --line HOST:PORT:PORT;PORT, or write its new line into the ensemble file.',
    });
  }
}

function withClient(line: ServerLine, { members }: Inventory): ServerLine {
  if (line.client !== undefined) return line;
  return { ...line, client: members.find(({ id }) => id === line.id)?.line.client };
}

/** A local ensemble waits for a server where it recorded it. */
function refuseLocalClient({ id }: ServerLine, { client }: ServerLine, { source, members }: Inventory): void {
  const recorded = members.find((member) => member.id === id)?.line.client;
  if (source.kind !== 'local' || client?.port === recorded?.port) return;
  throw new ZkshError(`the client port of member ${id} stays in a local ensemble without reconfiguration`, {
    code: 'MOVE_REFUSED',
    exitCode: ExitCode.unhealthy,
    hint: `Give --line with the client port it has: ${recorded?.port}.`,
  });
}
