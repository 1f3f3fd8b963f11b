import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { quorumOf } from './quorum.ts';
import type { ServerLine } from './server-line.ts';

/** Where a participant stands in an ensemble with quorum groups. */
export interface QuorumPlace {
  group: bigint;
  weight: bigint;
}

/** A single group or weight line makes it so: QuorumPeerConfig. */
export function hasGroups({ groups, weights }: Pick<DynamicConfig, 'groups' | 'weights'>): boolean {
  return groups.size > 0 || weights.size > 0;
}

/** Undefined for one that stands in no group. */
export function placeOf({ groups, weights }: DynamicConfig, id: bigint): QuorumPlace | undefined {
  const [group] = [...groups].find(([, ids]) => ids.includes(id)) ?? [];
  return group === undefined ? undefined : { group, weight: weights.get(id) ?? 1n };
}

/**
 * The membership with that server as its line says it, new or not. A participant keeps its place among the groups, or gets
 * the one given.
 *
 * @throws UsageError `GROUP_NEEDED`, `NO_GROUPS`
 */
export function withServer(config: DynamicConfig, line: ServerLine, place?: QuorumPlace): DynamicConfig {
  if (place !== undefined) refusePlace(config, line);
  const rest = withoutServer(config, line.id);
  const next = { ...rest, servers: [...rest.servers, line] };
  if (line.role === 'observer' || !hasGroups(config)) return next;
  const { group, weight } = place ?? placeOf(config, line.id) ?? groupNeeded(config, line.id);
  const ids = [...(rest.groups.get(group) ?? []), line.id];
  return {
    ...next,
    groups: new Map([...rest.groups, [group, ids]]),
    weights: new Map([...rest.weights, [line.id, weight]]),
  };
}

/** The membership without that server. What groups list and weigh counts in their total, also of one that is gone. */
export function withoutServer({ servers, groups, weights }: DynamicConfig, id: bigint): DynamicConfig {
  const left = [...groups].map(([group, ids]) => [group, ids.filter((one) => one !== id)] as const);
  return {
    servers: servers.filter((one) => one.id !== id),
    groups: new Map(left.filter(([, ids]) => ids.length > 0)),
    weights: new Map([...weights].filter(([one]) => one !== id)),
  };
}

/**
 * Refuses what would leave nobody to vote, or a group that counts without anybody whose vote has a weight: then others are
 * fewer groups than they were, and a quorum is another thing than who made the groups meant.
 *
 * @throws UsageError `NO_VOTERS`; ZkshError `GROUP_EMPTY`
 */
export function refuseVoteless(before: DynamicConfig, next: DynamicConfig): void {
  const now = quorumOf(next);
  if (now.voters.length === 0) throw new UsageError('nobody would be left to vote', { code: 'NO_VOTERS' });
  for (const [group, { total }] of quorumOf(before).groups) {
    if (total === 0n || (now.groups.get(group)?.total ?? 0n) > 0n) continue;
    throw new ZkshError(`nobody whose vote has a weight would be left in group ${group}`, {
      code: 'GROUP_EMPTY',
      exitCode: ExitCode.unhealthy,
      hint: 'Add another member to the group first. To give the group up, write the whole membership: zksh reconfig -file.',
    });
  }
}

/** Refuses a group where there is none to be in. @throws UsageError `NO_GROUPS` */
export function refusePlace(config: DynamicConfig, line: ServerLine): void {
  const why = hasGroups(config)
    ? line.role === 'observer' && `member ${line.id} is to observe: it stands in no group`
    : 'the ensemble has no quorum groups';
  if (why) throw new UsageError(why, { code: 'NO_GROUPS', hint: 'Leave --group and --weight out.' });
}

function groupNeeded({ groups }: DynamicConfig, id: bigint): never {
  throw new UsageError(`the ensemble has quorum groups: in which of them member ${id} votes is not said`, {
    code: 'GROUP_NEEDED',
    hint: `Say it with --group N (there are ${[...groups.keys()].join(', ')}), and with --weight N unless its weight is 1.`,
  });
}
