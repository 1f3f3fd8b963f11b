import { UsageError } from '../../protocol/errors.ts';

/** A release of ZooKeeper, `[3, 9, 4]`. */
export type Release = readonly [number, number, number];

/** The releases that the table of parameters covers, and what is meant where nobody says which. */
export const OLDEST: Release = [3, 4, 0];
export const NEWEST: Release = [3, 9, 5];

/** Reads `3.8`, `3.8.0` or `3.5.3-beta`; a branch alone means its last release. Undefined for anything else. */
export function parseRelease(text: string): Release | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:-[\w.-]+)?$/.exec(text.trim());
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), match[3] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[3])];
}

/** The release somebody typed. @throws UsageError for one whose parameters are not in the table */
export function requireRelease(text: string): Release {
  const release = parseRelease(text);
  if (release !== undefined && release[0] === 3 && release[1] >= 4 && release[1] <= 9) return release;
  throw new UsageError(`"${text}" is no release that this zksh knows the parameters of`, {
    hint: 'Give it as 3.8 or 3.8.4; 3.4 to 3.9 are known.',
  });
}

export function compareReleases(a: Release, b: Release): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Whether a release is this one or a later one. */
export function isAtLeast(release: Release, since: string): boolean {
  return compareReleases(release, fixed(since)) >= 0;
}

/**
 * Whether something that came with these releases, one a branch it was ported to, is in this release: a branch of which
 * none is named has it from its start when an earlier branch has it.
 */
export function came(release: Release, since: readonly string[]): boolean {
  const own = since.map(fixed).find(([, minor]) => minor === release[1]);
  if (own !== undefined) return compareReleases(release, own) >= 0;
  return since.some((one) => compareReleases(fixed(one), release) < 0);
}

function fixed(text: string): Release {
  return parseRelease(text) ?? OLDEST;
}
