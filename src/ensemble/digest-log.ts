import { fieldsOf, whole } from './fields.ts';
import { metricNumber } from './metrics.ts';
import type { MemberObservation } from './observe-member.ts';
import { hostOf } from './observed-member.ts';

/** What a server's data were at one zxid: the sum over all its znodes, those below /zookeeper left out. */
export interface Digest {
  zxid: bigint;
  /** How it was worked out; digests of different versions can't be compared. */
  version: bigint;
  digest: bigint;
}

/** What one member told of its data. */
export interface MemberDigests {
  id: bigint | undefined;
  host: string;
  /** `unreachable` where nothing answered. */
  role: string;
  /** Oldest first; empty when it can't tell. */
  digests: readonly Digest[];
  /** Why it can't tell; undefined when it can. */
  reason: string | undefined;
  /** Transactions after which its data were not what the leader's were, counted by itself since it was started. */
  mismatches: number | undefined;
}

/** The most a server keeps (DataTree.DIGEST_LOG_LIMIT), with room for releases to come. */
const MAX_DIGESTS = 65_536;

/** Reads what the AdminServer's `hash` brought. */
export function memberDigests(observation: MemberObservation): MemberDigests {
  const { member, facts, metrics, further } = observation;
  const told = parseDigests(further.admin.get('hash')?.digests);
  const disabled = told !== undefined && told.length > 0 && told.every(({ digest }) => digest === 0n);
  return {
    id: member.id,
    host: hostOf(observation),
    role: facts.role?.value ?? 'unreachable',
    digests: disabled ? [] : (told ?? []),
    reason: disabled ? 'its digests are all 0: zookeeper.digest.enabled is false' : reasonOf(observation, told),
    mismatches: metricNumber(metrics, 'digest_mismatches_count'),
  };
}

/** The `digests` of an answer to `hash`, oldest first; undefined when there are none such. */
export function parseDigests(value: unknown): Digest[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const digests = value.slice(-MAX_DIGESTS).flatMap((one: unknown): Digest[] => {
    const fields = fieldsOf(one);
    const [zxid, version, digest] = [whole(fields.zxid), whole(fields.digest_version), whole(fields.digest)];
    return zxid === undefined || version === undefined || digest === undefined ? [] : [{ zxid, version, digest }];
  });
  return digests.sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
}

function reasonOf(observation: MemberObservation, told: readonly Digest[] | undefined): string | undefined {
  const { member, address, facts, missing, adminUrl, further } = observation;
  if (told !== undefined) {
    return told.length > 0 ? undefined : 'it has kept no digest yet: it keeps one every 128 transactions';
  }
  if (address === undefined && facts.role === undefined) {
    return `it is unreachable: ${missing[0]?.reason ?? 'it has no client address'}`;
  }
  const version = facts.version?.value ?? '';
  if (/^3\.[0-5](\.|$)/.test(version)) return `ZooKeeper ${version} keeps no digests, they came with 3.6.0`;
  if (adminUrl === undefined) {
    if (member.admin.length === 0) return 'no AdminServer was asked, with --admin off';
    const why = missing.find(({ source }) => source === 'admin')?.reason;
    return `its AdminServer was not found${why === undefined ? '' : `: ${why}`}`;
  }
  const refusal = further.missing.find(({ source }) => source === 'admin:hash')?.reason;
  if (refusal?.includes('not currently serving') === true) return 'it does not serve';
  if (refusal?.startsWith('Unknown command') === true) return 'it keeps no digests, they came with ZooKeeper 3.6.0';
  return refusal ?? 'its AdminServer told no digests';
}
