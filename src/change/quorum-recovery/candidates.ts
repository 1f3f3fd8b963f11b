import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { isQuorum, type Quorum, quorumOf } from '../../ensemble/quorum.ts';
import { hex64 } from '../../protocol/zxid.ts';
import { type Condition, conditionOf } from './repair.ts';
import type { Survivor } from './survivor.ts';

/** A survivor as the plan sees it. */
export interface Candidate extends Survivor, Condition {
  /** Its part in the configuration in force; undefined when it is not in it. */
  readonly role: 'participant' | 'observer' | undefined;
}

/** Which configuration was in force, and where that is known from. */
export interface InForce {
  readonly config: DynamicConfig;
  readonly source: string;
  /** A later one that was proposed, and that the lost members may have committed. */
  readonly proposed: DynamicConfig | undefined;
}

/** What of the ensemble is lost, and what that means for what clients were told. */
export interface Loss {
  readonly voters: readonly bigint[];
  readonly alive: readonly bigint[];
  readonly lost: readonly bigint[];
  /** The lost voters alone were a quorum: they may have acknowledged what no survivor has. */
  readonly mayBeMissing: boolean;
  /** The survivors alone are a quorum: nothing has to be recovered. */
  readonly quorum: boolean;
}

/** The newest configuration that any survivor knows to be agreed on; undefined when none knows any. */
export function inForce(survivors: readonly Survivor[]): InForce | undefined {
  const known = survivors.flatMap(({ id, config, committed }) => [
    ...(committed === undefined
      ? []
      : [{ config: committed, source: `/zookeeper/config in the data of member ${id}`, file: false }]),
    ...(config?.membership === undefined
      ? []
      : [{ config: config.membership, source: config.dynamic ?? config.path, file: true }]),
  ]);
  // A server goes by its files; where those have no version, nothing was ever reconfigured.
  const fixed = known.filter(({ file, config }) => file && versionOf(config) === 0n);
  const newest = (list: typeof known) =>
    list.reduce(
      (best, one) => (best === undefined || versionOf(one.config) > versionOf(best.config) ? one : best),
      list[0],
    );
  const found =
    survivors.some(({ config }) => config?.dynamic !== undefined) || fixed.length === 0 ? newest(known) : fixed[0];
  if (found === undefined) return undefined;
  const proposals = survivors.flatMap(({ config }) => config?.next?.membership ?? []);
  const proposed = proposals.find((one) => versionOf(one) > versionOf(found.config));
  return { config: found.config, source: found.source, proposed };
}

export function versionOf({ version }: DynamicConfig): bigint {
  return version ?? 0n;
}

export function candidatesOf(survivors: readonly Survivor[], { servers }: DynamicConfig, old: boolean): Candidate[] {
  return survivors.map((survivor) => ({
    ...survivor,
    ...conditionOf(survivor.data, old),
    role: servers.find(({ id }) => id === survivor.id)?.role,
  }));
}

/**
 * Those that can be started, the best first, as FastLeaderElection orders them: by epoch, last zxid, id
 * (totalOrderPredicate).
 */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  const able = candidates.filter(({ peerEpoch, role }) => peerEpoch !== undefined && role !== undefined);
  return able.sort(
    (a, b) =>
      descending(a.peerEpoch ?? -1n, b.peerEpoch ?? -1n) ||
      descending(a.data.restored.zxid, b.data.restored.zxid) ||
      descending(a.id, b.id),
  );
}

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : Number(a < b);
}

/** Counts in the configuration in force, and in the one proposed after it, for that may have been agreed on. */
export function lossOf({ config, proposed }: InForce, able: readonly Candidate[]): Loss {
  const quorum = quorumOf(config);
  const alive = new Set(able.map(({ id }) => id));
  const lost = quorum.voters.filter((id) => !alive.has(id));
  const later = proposed === undefined ? undefined : quorumOf(proposed);
  const without = ({ voters }: Quorum): Set<bigint> => new Set(voters.filter((id) => !alive.has(id)));
  return {
    voters: quorum.voters,
    alive: quorum.voters.filter((id) => alive.has(id)),
    lost,
    mayBeMissing: isQuorum(quorum, without(quorum)) || (later !== undefined && isQuorum(later, without(later))),
    quorum: isQuorum(quorum, alive) && (later === undefined || isQuorum(later, alive)),
  };
}

/**
 * Transactions that two survivors have under the same zxid and that are not the same: they are not of one ensemble, or
 * two leaders wrote at once. Only the last ones are compared.
 */
export function contradictionsOf(candidates: readonly Candidate[]): string[] {
  const found: string[] = [];
  for (const [index, one] of candidates.entries()) {
    const known = new Map(one.data.history.recent.map((header) => [header.zxid, header]));
    for (const other of candidates.slice(index + 1)) {
      const odd = other.data.history.recent.find((header) => {
        const same = known.get(header.zxid);
        return (
          same !== undefined &&
          (same.clientId !== header.clientId || same.time !== header.time || same.type !== header.type)
        );
      });
      if (odd !== undefined)
        found.push(`members ${one.id} and ${other.id} have different transactions ${hex64(odd.zxid)}`);
    }
  }
  return found;
}
