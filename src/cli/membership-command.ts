import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Joining } from '../change/membership/add-member.ts';
import type { MembershipChange } from '../change/membership/membership.ts';
import { type Joiner, prepareJoiner } from '../change/membership/prepare-joiner.ts';
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

/** Said in the help of every such command. */
export const RECONFIGURING = `The reconfiguration is made against the version the plan was worked out for: when somebody else has changed the membership,
nothing is done and the exit code is 6. It needs 3.5.3 or later with reconfigEnabled=true, and write permission on
/zookeeper/config, usually the super user's: --auth digest:super:file:PATH. Both are asked for before anything is begun, by a
reconfiguration and a write of versions that there are none of; an audit log shows these as refused.`;

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

  /** Looks at the machine of a new server. @throws as `prepareJoiner` does */
  protected joiner(
    change: MembershipChange,
    inventory: Inventory,
    id: bigint,
    { observer, place }: Pick<Joiner, 'observer' | 'place'>,
  ): Promise<Joining> {
    const { set = [] } = this.flags as unknown as { set?: string[] };
    return prepareJoiner(change, {
      id,
      inventory,
      host: (one) => this.hostOf(inventory, one),
      observer,
      place,
      set: set.map(parseSetting),
      limits: { ...HOST_LIMITS, signal: this.signal },
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

function parseSetting(text: string): readonly [string, string] {
  const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value.trim()];
  throw new UsageError(`${JSON.stringify(text)} is no setting`, { hint: 'Give it as key=value, as in zoo.cfg.' });
}

function wholeNumber(flag: string, text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new UsageError(`--${flag} ${JSON.stringify(text)} is no whole number`, { code: 'BAD_PLACE' });
}
