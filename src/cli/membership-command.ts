import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../change/context.ts';
import type { MembershipChange } from '../change/membership/membership.ts';
import { prepareJoiner } from '../change/membership/prepare-joiner.ts';
import { changeByLists } from '../change/membership/static/by-lists.ts';
import type { StaticChange } from '../change/membership/static/static-change.ts';
import type { Plan } from '../change/plan.ts';
import { clientConnectString } from '../ensemble/committed-config.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import type { ServerLine } from '../ensemble/server-line.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { UsageError } from '../protocol/errors.ts';
import type { ChangeResult } from './change-view.ts';
import { contextsFile, updateContexts } from './contexts.ts';
import { PlannedChangeCommand } from './planned-change-command.ts';

/** Flags of the commands that bring a new server. */
export const joiningFlags = {
  set: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    env: 'ZKSH_MEMBER_SET',
    helpValue: '<key=value>',
    description: 'a line of the zoo.cfg of the new server; may be repeated',
  }),
};

/** How long a machine may take for one answer. Milliseconds. */
const LIMIT = 15_000;

/** The JSON of every such command, for its help. */
export const CHANGE_JSON = `JSON: {id, kind, ensemble, made, order, configVersion, voters, tolerance, steps, expected, risks, limits}, with --dry-run and
gates: [{gate, pass, evidence, reason}], else and {done, took, journal, canary}; a step is {id, title, why, member, before,
after, expected}, canary {before, during, after, sessions, lost, wrong, problem}, each of its spans {writes, failed,
unavailable, worst, latency: {p50, p99, max}}. Times are milliseconds.`;

/** Said in the help of every such command. */
export const RECONFIGURING = `The reconfiguration is made against the version the plan was worked out for: when somebody else has changed the membership,
nothing is done and the exit code is 6. It needs write permission on /zookeeper/config, usually the super user's:
--auth digest:super:file:PATH.

Without reconfiguration (3.4, and later releases unless reconfigEnabled=true; the leader is asked) the list of servers in the
file of every member is changed, byte for byte otherwise, and one member after the other is restarted with it, the leader
last. The plan says so, and why. The lists must agree, and every machine be reachable. What could not be made safely is
refused with the reason: any restart of one of two voters, or beside one of three that is down, stops the ensemble. It is
refused on 3.5.0 to 3.5.8, 3.6.0 and 3.6.1 (ZOOKEEPER-3829), where a leader could be elected that commits nothing.`;

/** The base of the commands that change who the members are. */
export abstract class MembershipCommand<C extends typeof Command> extends PlannedChangeCommand<C> {
  #joined: ServerLine | undefined;
  #left: ServerLine | undefined;

  protected changeOf(status: EnsembleStatus, { name }: Inventory): MembershipChange {
    return { ensemble: name, status, limits: this.limits, made: this.io.now(), random: Math.random };
  }

  /** The change as it is made without reconfiguration; undefined where there is one. @throws as `changeByLists` does */
  protected byLists(
    change: MembershipChange,
    inventory: Inventory,
    context: ChangeContext,
    leaving?: bigint,
  ): Promise<StaticChange | undefined> {
    const limits = { timeout: LIMIT, signal: this.signal };
    return changeByLists(change, context, { inventory, host: context.host, limits, leaving });
  }

  /** Looks at the machine of a new server. @throws as `prepareJoiner` does */
  protected joiner(change: MembershipChange | StaticChange, inventory: Inventory, id: bigint, observer: boolean) {
    const { set = [] } = this.flags as unknown as { set?: string[] };
    return prepareJoiner(change, {
      id,
      inventory,
      host: (one) => this.hostOf(inventory, one),
      observer,
      set: set.map(parseSetting),
      limits: { timeout: LIMIT, signal: this.signal },
      lists: 'lists' in change ? change.lists : undefined,
    });
  }

  /** Whom the context shall name from now on, and whom no more. */
  protected serversChange(
    plan: Plan,
    change: { joined?: ServerLine | undefined; left?: ServerLine | undefined },
  ): Plan {
    this.#joined = change.joined;
    this.#left = change.left;
    return plan;
  }

  protected override async execute(): Promise<ChangeResult> {
    const result = await super.execute();
    if (result.kind === 'made') await this.#updateContext();
    return result;
  }

  async #updateContext(): Promise<void> {
    const { name } = await this.context();
    if (name === undefined) return;
    let changed: string | undefined;
    await updateContexts(contextsFile(this.io.env), (before) => {
      const context = before.contexts[name];
      if (context === undefined) return before;
      const servers = serversAfter(context.servers, { joined: this.#joined, left: this.#left });
      if (servers === context.servers) return before;
      changed = servers;
      return { ...before, contexts: { ...before.contexts, [name]: { ...context, servers } } };
    });
    if (changed !== undefined) this.note(`note: the context ${name} connects to ${changed} from now on`);
  }
}

/** The line of a member with its client port: 3.4 has that in the inventory alone. */
export function lineOf(id: bigint, { config }: EnsembleStatus, { members }: Inventory): ServerLine | undefined {
  const told = config?.servers.find((line) => line.id === id);
  return told?.client === undefined ? (members.find((member) => member.id === id)?.line ?? told) : told;
}

/** A connection string with one server more, or one less; one that names but that server stays as it is. */
export function serversAfter(
  text: string,
  { joined, left }: { joined: ServerLine | undefined; left: ServerLine | undefined },
): string {
  const at = text.indexOf('/');
  const [list, chroot] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  const servers = list.split(',').map((server) => server.trim());
  const [come, gone] = [addressOf(joined), addressOf(left)];
  const kept = servers.filter((server) => server !== gone);
  const after = come === undefined || kept.includes(come) ? kept : [...kept, come];
  return after.length === 0 || after.join() === servers.join() ? text : `${after.join(',')}${chroot}`;
}

function addressOf(line: ServerLine | undefined): string | undefined {
  if (line === undefined) return undefined;
  const text = clientConnectString({ servers: [line], groups: new Map(), weights: new Map() });
  return text === '' ? undefined : text;
}

function parseSetting(text: string): readonly [string, string] {
  const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value.trim()];
  throw new UsageError(`${JSON.stringify(text)} is no setting`, { hint: 'Give it as key=value, as in zoo.cfg.' });
}
