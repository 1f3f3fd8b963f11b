import { setTimeout as sleep } from 'node:timers/promises';
import { type MemberDigests, memberDigests } from './digest-log.ts';
import type { MemberObservation } from './observe-member.ts';

/** What members had at one zxid. */
export interface ComparedZxid {
  zxid: bigint;
  same: boolean;
  digests: readonly { member: MemberDigests; digest: bigint }[];
}

/**
 * - `same`: all have the same data, at a zxid that all of them know.
 * - `different`: at some zxid, two have different data.
 * - `incomplete`: those that were compared have the same data, and some member was not compared with them.
 * - `nothing compared`: no zxid was known to two members.
 */
type DigestVerdict = 'same' | 'different' | 'incomplete' | 'nothing compared';

/** The data of members beside one another. */
export interface DigestComparison {
  verdict: DigestVerdict;
  members: readonly MemberDigests[];
  /** Every zxid known to at least two members, oldest first. */
  compared: readonly ComparedZxid[];
  /** The newest zxid known to all members that can tell. */
  newest: bigint | undefined;
  /** Milliseconds. */
  took: number;
}

/** How long until members are asked again for a zxid in common, in milliseconds. */
const AGAIN = 1000;

/**
 * Compares members' digests, and as long as some that can tell have no zxid in common asks again.
 *
 * @param observe looks at the members, AdminServer command `hash` included
 * @param waitCommon milliseconds it may take until there is one; 0 asks once
 */
export async function sampleDigests(
  observe: () => Promise<readonly MemberObservation[]>,
  { waitCommon, signal }: { waitCommon: number; signal: AbortSignal },
): Promise<DigestComparison> {
  const started = performance.now();
  for (;;) {
    const found = compareDigests((await observe()).map(memberDigests));
    const took = performance.now() - started;
    const settled = found.newest !== undefined || found.verdict === 'different';
    if (settled || took + AGAIN > waitCommon) return { ...found, took };
    await sleep(AGAIN, undefined, { signal });
  }
}

/** Works out at which zxids members have the same data. */
export function compareDigests(members: readonly MemberDigests[]): Omit<DigestComparison, 'took'> {
  const known = new Map<string, ComparedZxid['digests'][number][]>();
  for (const member of members) {
    for (const { zxid, version, digest } of member.digests) {
      const key = `${zxid} ${version}`;
      const there = known.get(key) ?? [];
      // A zxid told twice is one.
      if (!there.some((one) => one.member === member)) known.set(key, [...there, { member, digest }]);
    }
  }
  const compared = [...known]
    .flatMap(([key, digests]): ComparedZxid[] => {
      if (digests.length < 2) return [];
      const same = digests.every(({ digest }) => digest === digests[0]?.digest);
      return [{ zxid: BigInt(key.split(' ')[0] ?? 0), same, digests }];
    })
    .sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
  const telling = members.filter(({ digests }) => digests.length > 0);
  const newest = compared.findLast(({ digests }) => digests.length === telling.length)?.zxid;
  const judged = members.map((member) => ({
    ...member,
    reason: member.reason ?? loneliness(member, telling, compared),
  }));
  return { verdict: verdictOf(members, compared, newest), members: judged, compared, newest };
}

function verdictOf(
  members: readonly MemberDigests[],
  compared: readonly ComparedZxid[],
  newest: bigint | undefined,
): DigestVerdict {
  if (compared.length === 0) return 'nothing compared';
  if (compared.some(({ same }) => !same)) return 'different';
  return newest !== undefined && members.every(({ digests }) => digests.length > 0) ? 'same' : 'incomplete';
}

/** Why a member that tells its digests was compared with nobody. */
function loneliness(
  member: MemberDigests,
  telling: readonly MemberDigests[],
  compared: readonly ComparedZxid[],
): string | undefined {
  if (compared.some(({ digests }) => digests.some((one) => one.member === member))) return undefined;
  const others = telling.filter((other) => other !== member);
  if (others.length === 0) return 'no other member tells its digests';
  const versions = (of: MemberDigests) => of.digests.map(({ version }) => version);
  const own = new Set(versions(member));
  if (!others.some((other) => versions(other).some((version) => own.has(version)))) {
    return `its digests are of version ${[...own].join(', ')}, and no other member's are`;
  }
  return 'it has no zxid in common with another member';
}
