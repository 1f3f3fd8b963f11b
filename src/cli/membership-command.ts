import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../change/context.ts';
import type { MembershipChange } from '../change/membership/membership.ts';
import { type Joiner, type Prepared, prepareJoiner } from '../change/membership/prepare-joiner.ts';
import { changeByLists } from '../change/membership/static/by-lists.ts';
import type { StaticChange } from '../change/membership/static/static-change.ts';
import type { Plan } from '../change/plan.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import type { QuorumPlace } from '../ensemble/next-membership.ts';
import { formatServerLine, type ServerLine } from '../ensemble/server-line.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { UsageError } from '../protocol/errors.ts';
import { PlannedChangeCommand } from './planned-change-command.ts';

/** Flags of the commands that give a vote. */
export const placeFlags = {
  group: Flags.string({
    env: 'ZKSH_MEMBER_GROUP',
    helpValue: '<number>',
    description: 'the quorum group in which it votes, in an ensemble that has groups',
  }),
  weight: Flags.string({
    env: 'ZKSH_MEMBER_WEIGHT',
    helpValue: '<number>',
    dependsOn: ['group'],
    description: 'what its vote weighs in its group; 1 when not given',
  }),
};

/** Flags of the commands that bring a new server. */
export const joiningFlags = {
  ...placeFlags,
  set: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    env: 'ZKSH_MEMBER_SET',
    helpValue: '<key=value>',
    description: 'a line of the zoo.cfg of the new server; may be repeated',
  }),
};

/** How long a machine may take for one answer. Milliseconds. */
export const HOST_LIMITS = { timeout: 15_000 };

/** Said in the help of every command that reconfigures. */
export const RECONFIGURING = `The reconfiguration is made against the version the plan was worked out for: when somebody else has changed the membership,
nothing is done and the exit code is 6. It needs write permission on /zookeeper/config, usually the super user's:
--auth digest:super:file:PATH, which is asked for before anything is begun by a reconfiguration and a write of versions that
there are none of; an audit log shows these as refused.`;

/** Said in the help of every command that changes who the members are. */
export const MEMBERSHIP = `${RECONFIGURING}

Without reconfiguration (3.4, and later releases unless reconfigEnabled=true; the leader is asked) the list of servers in the
file of every member is changed, byte for byte otherwise, and one member after the other is restarted with it, the leader
last. The plan says so, and why. The lists must agree, and every machine be reachable. What could not be made safely is
refused with the reason: any restart of one of two voters, or beside one of three that is down, stops the ensemble. It is
refused on 3.5.0 to 3.5.8, 3.6.0 and 3.6.1 (ZOOKEEPER-3829), where a leader could be elected that commits nothing.`;

/** The base of the commands that change who the members are. */
export abstract class MembershipCommand<C extends typeof Command> extends PlannedChangeCommand<C> {
  protected changeOf(status: EnsembleStatus, { name }: Inventory): MembershipChange {
    return { ensemble: name, status, limits: this.limits, made: this.io.now(), random: Math.random };
  }

  /** Where a server is to vote by the flags. @throws UsageError `BAD_PLACE` */
  protected get place(): QuorumPlace | undefined {
    const { group, weight = '1' } = this.flags as unknown as { group?: string; weight?: string };
    return group === undefined
      ? undefined
      : { group: wholeNumber('group', group), weight: wholeNumber('weight', weight) };
  }

  /** The change as it is made without reconfiguration; undefined where there is one. @throws as `changeByLists` does */
  protected byLists(
    change: MembershipChange,
    inventory: Inventory,
    context: ChangeContext,
    leaving?: bigint,
  ): Promise<StaticChange | undefined> {
    const limits = { ...HOST_LIMITS, signal: this.signal };
    return changeByLists(change, context, { inventory, host: context.host, limits, leaving });
  }

  /** Looks at the machine of a new server. @throws as `prepareJoiner` does */
  protected joiner(
    change: MembershipChange | StaticChange,
    inventory: Inventory,
    id: bigint,
    { observer, place }: Pick<Joiner, 'observer' | 'place'>,
  ): Promise<Prepared> {
    const { set = [] } = this.flags as unknown as { set?: string[] };
    return prepareJoiner(change, {
      id,
      inventory,
      host: (one) => this.hostOf(inventory, one),
      observer,
      place,
      set: set.map(parseSetting),
      limits: { ...HOST_LIMITS, signal: this.signal },
      lists: 'lists' in change ? change.lists : undefined,
    });
  }

  /** Writes into the plan whom the context shall name from then on, and whom no more. */
  protected serversChange(
    plan: Plan,
    { joined, left }: { joined?: ServerLine | undefined; left?: ServerLine | undefined },
  ): Plan {
    return {
      ...plan,
      ...(joined === undefined ? {} : { joined: formatServerLine(joined) }),
      ...(left === undefined ? {} : { left: formatServerLine(left) }),
    };
  }
}

/** The line of a member with its client port: 3.4 has that in the inventory alone. */
export function lineOf(id: bigint, { config }: EnsembleStatus, { members }: Inventory): ServerLine | undefined {
  const told = config?.servers.find((line) => line.id === id);
  return told?.client === undefined ? (members.find((member) => member.id === id)?.line ?? told) : told;
}

function parseSetting(text: string): readonly [string, string] {
  const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value.trim()];
  throw new UsageError(`${JSON.stringify(text)} is no setting`, { hint: 'Give it as key=value, as in zoo.cfg.' });
}

function wholeNumber(flag: string, text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new UsageError(`--${flag} ${JSON.stringify(text)} is no whole number`, { code: 'BAD_PLACE' });
}
