import { type DynamicConfig, formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import { type Candidate, type InForce, versionOf } from './candidates.ts';

/** The smaller ensemble that the survivors are to form. */
export interface NewMembership {
  /** Majority quorums, and the version that outranks every configuration the survivors know. */
  readonly config: DynamicConfig & { readonly version: bigint };
  /** Who takes part, the best first. */
  readonly members: readonly Candidate[];
  readonly voters: readonly bigint[];
  /** Servers keep their membership in a file of its own and can change it while they run: 3.5.3 and later. */
  readonly reconfig: boolean;
  /** A single voter that runs as a standalone server, as 3.4 insists. */
  readonly standalone: boolean;
}

/** The counter of zxids has 32 bits; no transaction gets the last of them, so no reconfiguration gets this version. */
const LAST_COUNTER = 0xffff_ffffn;

/**
 * Every survivor that voted votes. An observer that has more than all of them must vote, too, or it would not be
 * elected; other observers stay what they are.
 *
 * @param able those that can be started, the best first
 */
export function newMembership(able: readonly Candidate[], known: InForce, old: boolean): NewMembership {
  const [best] = able;
  if (best === undefined) throw new Error('somebody must survive');
  const votes = ({ id, role }: Candidate): boolean => role === 'participant' || id === best.id;
  const voters = able.filter(votes);
  // 3.4 takes a single voter for a standalone server and refuses observers beside it.
  const standalone = old && voters.length === 1;
  const members = standalone ? voters : able;
  const servers = members.flatMap((one) => {
    const line = known.config.servers.find(({ id }) => id === one.id);
    return line === undefined ? [] : [{ ...line, role: votes(one) ? ('participant' as const) : ('observer' as const) }];
  });
  return {
    config: { servers, groups: new Map(), weights: new Map(), version: versionAbove(able, known) },
    members,
    voters: voters.map(({ id }) => id),
    reconfig:
      !old &&
      able.every(({ config }) => config === undefined || (config.reconfigEnabled && config.dynamic !== undefined)),
    standalone,
  };
}

/**
 * Above every configuration that a survivor knows, for members take the higher version of each other while they elect;
 * and below the first transaction of the next epoch, for a later reconfiguration has its zxid as its version.
 */
function versionAbove(able: readonly Candidate[], known: InForce): bigint {
  const [best] = able;
  const epoch = best?.data.acceptedEpoch?.value ?? best?.peerEpoch ?? 0n;
  const last = (epoch << 32n) | LAST_COUNTER;
  const highest = [versionOf(known.config), known.proposed === undefined ? 0n : versionOf(known.proposed)].reduce(
    (a, b) => (a > b ? a : b),
  );
  return last > highest ? last : highest + 1n;
}

/** The dynamic file: the version is in its name, never inside. */
export function dynamicText(servers: readonly ServerLine[]): string {
  return formatDynamicConfig({ servers, groups: new Map(), weights: new Map() });
}

/** The lines of a zoo.cfg that holds the membership itself. */
export function staticLines(servers: readonly ServerLine[]): Record<string, string> {
  return Object.fromEntries(
    servers.map((server) => {
      const [key = '', ...value] = formatServerLine(server).split('=');
      return [key, value.join('=')];
    }),
  );
}
