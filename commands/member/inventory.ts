import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { contextsFile, updateContexts } from '../../src/cli/contexts.ts';
import { INVENTORY, InventoryCommand, inventoryFlags } from '../../src/cli/inventory-command.ts';
import { initFlags } from '../../src/cli/inventory-init-flags.ts';
import { type InventoryRow, inventoryView } from '../../src/cli/inventory-view.ts';
import { askForInventory } from '../../src/cli/inventory-wizard.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { loadMemberConfig } from '../../src/config/load-config.ts';
import { readableServers } from '../../src/config/member.ts';
import { ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { observeEnsemble } from '../../src/ensemble/observe.ts';
import type { ServerLine } from '../../src/ensemble/server-line.ts';
import { checkInventory } from '../../src/inventory/check.ts';
import { type InventoryReport, inventoryReport } from '../../src/inventory/report.ts';
import { refuseExisting, writeDraft } from '../../src/inventory/write-draft.ts';
import { localInventory } from '../../src/local/inventory.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, UsageError, ZkshError } from '../../src/protocol/errors.ts';

/** A first ensemble file that was written. */
interface Written {
  path: string;
  name: string;
  context: string | undefined;
  members: readonly bigint[];
}

type Result = { kind: 'report'; report: InventoryReport } | { kind: 'written'; written: Written };

/** How long a machine may take for one answer. Milliseconds. */
const LIMIT = 15_000;

export default class MemberInventory extends InventoryCommand<Result, typeof MemberInventory> {
  static override summary = 'show how the machines of the members are reached, or write a first ensemble file';
  static override description = `${INVENTORY}

The committed configuration is asked for, and every difference to the inventory is shown; none is resolved by guessing. With
--check every machine is looked at as well: whether commands run there, the state of the server, its zoo.cfg, whether myid
is the right one, free disk and memory, and how far its clock is from the one here. The exit code is 8 when there is a
difference, or --check finds a problem.

With --init a first ensemble file is written from the committed configuration (or the server lines of --from, on 3.4), and
what it can't tell is asked for; off a terminal give --reach, --service and --zoo-cfg. FILE is NAME.yaml when not given.

What an ensemble file holds, and what the machines must have: zksh help hosts.

JSON: {name, source: {kind, path}, context, fit, configVersion, members, drift: {missing, extra, differing: [{id,
inventory, committed}]}}; a member is {id, server, role, host: {kind, name}, service, files, check}; check is {reachable,
service: {state, pid, since, detail}, dataDir, dataLogDir, free, freeMemory, clock: {time, offset, uncertainty}, problems}
with --check only; drift is absent when no configuration was told. Times are milliseconds, sizes bytes. With --init
{path, name, context, members}.`;
  static override examples = [
    '<%= config.bin %> member inventory -C prod --check',
    '<%= config.bin %> member inventory --init prod.yaml -C prod --reach ssh --ssh-user zk --sudo --service systemd:zookeeper --zoo-cfg /etc/zookeeper/conf/zoo.cfg --save',
    '<%= config.bin %> member inventory --ensemble prod.yaml -o json',
  ];
  static override args = {
    file: Args.string({ description: 'with --init, the file to write; NAME.yaml when not given' }),
  };
  static override flags = {
    ...inventoryFlags,
    check: Flags.boolean({ env: 'ZKSH_MEMBER_INVENTORY_CHECK', description: 'look at every machine as well' }),
    ...initFlags,
  };

  protected readonly findLocal = localInventory;
  protected readonly view: View<Result, InventoryRow> = {
    text: (result, style) => {
      if (result.kind === 'report') return inventoryView.text?.(result.report, style);
      const { path, members } = result.written;
      const count = members.length === 1 ? '1 member' : `${members.length} members`;
      return `${style.paint('good', 'wrote')} ${style.paint('path', style.name(path))}: ${count}`;
    },
    columns: inventoryView.columns,
    rows: (result) => (result.kind === 'report' ? (inventoryView.rows?.(result.report) ?? []) : []),
    json: (result) => (result.kind === 'report' ? inventoryView.json?.(result.report) : result.written),
  };

  protected async execute(): Promise<Result> {
    if (this.flags.init) return { kind: 'written', written: await this.#init() };
    if (this.args.file !== undefined) {
      throw new UsageError('a file is written with --init only', {
        hint: `To show it, give --ensemble ${this.args.file}.`,
      });
    }
    const inventory = await this.inventory();
    const { wanted, asking } = await this.observing();
    const [{ config }, checks] = await Promise.all([
      observeEnsemble(wanted, asking),
      this.flags.check ? checkInventory(inventory, { timeout: LIMIT, signal: this.signal }) : undefined,
    ]);
    const report = inventoryReport(inventory, config, checks);
    if (!report.fit) this.exitCode = ExitCode.unhealthy;
    return { kind: 'report', report };
  }

  async #init(): Promise<Written> {
    const { name: context } = await this.context();
    const name = context ?? 'ensemble';
    const path = resolve(this.args.file ?? `${name}.yaml`);
    if (!this.flags.force) await refuseExisting(path);
    const servers = await this.#servers();
    const draft = { name, context, servers, ...(await askForInventory(this.prompts, this.flags)) };
    await writeDraft(draft, path, { replace: this.flags.force, nearest });
    if (this.flags.save) await this.#save(context, path);
    return { path, name, context, members: servers.map(({ id }) => id) };
  }

  async #servers(): Promise<readonly ServerLine[]> {
    const { from } = this.flags;
    const servers = from === undefined ? await this.#committed() : readableServers(await loadMemberConfig(from));
    if (servers !== undefined && servers.length > 0) return servers;
    throw new ZkshError(
      from === undefined ? 'no member told a committed configuration' : `${from} has no server lines`,
      {
        code: 'NO_CONFIG',
        exitCode: ExitCode.failure,
        hint: 'A standalone server and 3.4 have none: give --from with a zoo.cfg that has the server lines.',
      },
    );
  }

  async #committed(): Promise<readonly ServerLine[] | undefined> {
    const { wanted, asking } = await this.observing();
    const observation = await observeEnsemble(wanted, asking);
    const { members } = ensembleStatus(observation);
    if (members.every(({ role }) => role === 'unreachable')) throw nobodyAnswers(members.map(({ host }) => host));
    return observation.config?.servers;
  }

  async #save(name: string | undefined, path: string): Promise<void> {
    await updateContexts(contextsFile(this.io.env), (before) => {
      const context = name === undefined ? undefined : before.contexts[name];
      if (name === undefined || context === undefined) {
        throw new UsageError('there is no context to name the file in', {
          code: 'NO_CONTEXT',
          hint: `${path} was written. Save a context with: zksh context add NAME --ensemble ${path}`,
        });
      }
      return { ...before, contexts: { ...before.contexts, [name]: { ...context, ensemble: path } } };
    });
  }
}

function nobodyAnswers(hosts: readonly string[]): ZkshError {
  return new ZkshError(`no member answers (${hosts.join(', ')})`, {
    code: 'CANNOT_CONNECT',
    exitCode: ExitCode.connection,
    hint: 'Name the servers with -S, or take the server lines of a zoo.cfg: --from FILE.',
  });
}
