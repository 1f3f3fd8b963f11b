import { compareReleases, parseRelease, type Release } from '../../../config/parameters/release.ts';
import type { EnsembleStatus, MemberStatus } from '../../../ensemble/ensemble-status.ts';
import { ExitCode, ZkshError } from '../../../protocol/errors.ts';

/** Whose acknowledgements a leader counts: of every follower (3.4), or of the voters in its own list alone. */
export type Acks = 'all' | 'known';

/** Releases on which members must not be restarted with another list, the first and the last of each range, and why. */
const UNSAFE: readonly { from: Release; to: Release; why: string }[] = [
  {
    from: [3, 5, 0],
    to: [3, 5, 8],
    why: 'ZOOKEEPER-3829: although reconfiguration is off, its servers take over the list that a leader last saw, and a leader may be elected that commits nothing',
  },
  {
    from: [3, 6, 0],
    to: [3, 6, 1],
    why: 'ZOOKEEPER-3829: as in 3.5 before 3.5.9, a leader may be elected that commits nothing',
  },
];

/** Why lists must not be changed by rolling restarts on a release; undefined where they may. */
export function unsafeBecause(release: Release): string | undefined {
  return UNSAFE.find(({ from, to }) => compareReleases(release, from) >= 0 && compareReleases(release, to) <= 0)?.why;
}

/**
 * The one release branch all members run.
 *
 * @throws ZkshError `RELEASE_UNKNOWN` where a member does not tell its own, `RELEASES_MIXED` where some have
 * reconfiguration and some have not
 */
export function releasesOf({ members }: Pick<EnsembleStatus, 'members'>): Release[] {
  const told = members.map((member) => ({ member, release: parseRelease(member.facts.version?.value ?? '') }));
  const silent = told.filter(({ release }) => release === undefined).map(({ member }) => nameOf(member));
  if (silent.length > 0 || told.length === 0) throw unknown(silent);
  const releases = told.flatMap(({ release }) => (release === undefined ? [] : [release]));
  const old = releases.filter(isBefore35);
  if (old.length > 0 && old.length < releases.length) throw mixed(told);
  return releases;
}

export function isBefore35([major, minor]: Release): boolean {
  return major < 3 || (major === 3 && minor < 5);
}

/** @throws ZkshError `RELEASE_UNSAFE` */
export function refuseUnsafe(releases: readonly Release[]): void {
  for (const release of releases) {
    const why = unsafeBecause(release);
    if (why === undefined) continue;
    throw new ZkshError(`the lists of members cannot be changed one by one on ${release.join('.')}: ${why}`, {
      code: 'RELEASE_UNSAFE',
      exitCode: ExitCode.unhealthy,
      hint: 'Upgrade first (3.5.9, 3.6.2 and later are safe), or turn reconfiguration on by a rolling restart with reconfigEnabled=true, and change the members by it.',
    });
  }
}

function nameOf({ id, host }: MemberStatus): string {
  return id === undefined ? host : `member ${id}`;
}

function unknown(silent: readonly string[]): ZkshError {
  return new ZkshError(`the release of ${silent.join(', ') || 'the members'} is not known`, {
    code: 'RELEASE_UNKNOWN',
    exitCode: ExitCode.unhealthy,
    hint: 'How members are changed depends on it. Bring those that are down up, and let them answer srvr (4lw.commands.whitelist).',
  });
}

function mixed(told: readonly { member: MemberStatus; release: Release | undefined }[]): ZkshError {
  const each = told.map(({ member, release }) => `${nameOf(member)} runs ${release?.join('.')}`);
  return new ZkshError(`an ensemble in the middle of an upgrade from 3.4 keeps its members: ${each.join(', ')}`, {
    code: 'RELEASES_MIXED',
    exitCode: ExitCode.unhealthy,
    hint: 'Finish the upgrade, then change the members.',
  });
}
