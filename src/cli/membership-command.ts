import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { MembershipChange } from '../change/membership/membership.ts';
import { prepareJoiner } from '../change/membership/prepare-joiner.ts';
import type { Plan } from '../change/plan.ts';
import { clientConnectString } from '../ensemble/committed-config.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import { formatServerLine, parseServerLine, type ServerLine } from '../ensemble/server-line.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { UsageError } from '../protocol/errors.ts';
import type { ChangeResult } from './change-view.ts';
import { contextsFile, updateContexts } from './contexts.ts';
import type { Io } from './io.ts';
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
unavailable, longest, worst, latency: {p50, p99, max}}. Times are milliseconds.`;

/** Said in the help of every such command. */
export const RECONFIGURING = `The reconfiguration is made against the version the plan was worked out for: when somebody else has changed the membership,
nothing is done and the exit code is 6. It needs 3.5.3 or later with reconfigEnabled=true, and write permission on
/zookeeper/config, usually the super user's: --auth digest:super:file:PATH.`;

/** The base of the commands that change who the members are. */
export abstract class MembershipCommand<C extends typeof Command> extends PlannedChangeCommand<C> {
  protected changeOf(status: EnsembleStatus, { name }: Inventory): MembershipChange {
    return { ensemble: name, status, limits: this.limits, made: this.io.now(), random: Math.random };
  }

  /** Looks at the machine of a new server. @throws as `prepareJoiner` does */
  protected joiner(change: MembershipChange, inventory: Inventory, id: bigint, observer: boolean) {
    const { set = [] } = this.flags as unknown as { set?: string[] };
    return prepareJoiner(change, {
      id,
      inventory,
      host: (one) => this.hostOf(inventory, one),
      observer,
      set: set.map(parseSetting),
      limits: { timeout: LIMIT, signal: this.signal },
    });
  }

  /** Whom the context shall name from now on, and whom no more: also when another process makes the end of the change. */
  protected serversChange(
    plan: Plan,
    { joined, left }: { joined?: ServerLine | undefined; left?: ServerLine | undefined },
  ): Plan {
    return { ...plan, servers: { joined: joined && formatServerLine(joined), left: left && formatServerLine(left) } };
  }

  protected override async execute(): Promise<ChangeResult> {
    const result = await super.execute();
    if (result.kind === 'made')
      await followServers(await this.context(), result.plan, this.io, (line) => this.note(line));
    return result;
  }
}

/** Lets a context name the servers as they are after a change, and says so. */
export async function followServers(
  { name }: { name: string | undefined },
  { servers: change }: Plan,
  { env }: Pick<Io, 'env'>,
  note: (line: string) => void,
): Promise<void> {
  if (name === undefined || change === undefined) return;
  const lines = { joined: parsed(change.joined), left: parsed(change.left) };
  let changed: string | undefined;
  await updateContexts(contextsFile(env), (before) => {
    const context = before.contexts[name];
    if (context === undefined) return before;
    const servers = serversAfter(context.servers, lines);
    if (servers === context.servers) return before;
    changed = servers;
    return { ...before, contexts: { ...before.contexts, [name]: { ...context, servers } } };
  });
  if (changed !== undefined) note(`note: the context ${name} connects to ${changed} from now on`);
}

function parsed(line: string | undefined): ServerLine | undefined {
  return line === undefined ? undefined : parseServerLine(line);
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
