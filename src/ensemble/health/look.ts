import { statfs } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Acl } from '../../protocol/acl.ts';
import { ZkshError } from '../../protocol/errors.ts';
import { askClock } from '../ask-clock.ts';
import { lookAtCertificates } from '../certificates.ts';
import { proveCommits } from '../commit-proof.ts';
import { ensembleStatus, type MemberStatus } from '../ensemble-status.ts';
import type { Wishes } from '../further.ts';
import { reasonOf } from '../missing.ts';
import { observeEnsemble, type Wanted } from '../observe.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import type { Disk, HealthView } from './check.ts';
import { setting } from './evidence.ts';
import type { Limits } from './limits.ts';

/** What the checks want to know besides what every look asks; none of it costs a server more than a few microseconds. */
export const HEALTH_WISHES: Wishes = {
  words: ['envi', 'gtmk'],
  admin: ['environment', 'system_properties', 'last_snapshot'],
};

/** What a look for health takes besides the questions. */
export interface HowToLook {
  servers: string;
  limits: Limits;
  now: () => number;
  /**
   * The members speak TLS among themselves, so that their quorum and election ports show certificates. No server of an
   * ensemble tells that: somebody has to know it.
   */
  quorumTls: boolean;
  /** Prove by writes that every member commits; below this znode. */
  proof?: { parent: string; random: () => number } | undefined;
}

/** Milliseconds that the session for the ACL may take longer than all questions. */
const GRACE = 1000;

/** Gathers all that the checks look at; the session that reads the ACL of `/` is opened beside the questions. */
export async function lookForHealth(wanted: Wanted, asking: Asking, how: HowToLook): Promise<HealthView> {
  const enough = new AbortController();
  const signal = asking.signal === undefined ? enough.signal : AbortSignal.any([asking.signal, enough.signal]);
  const acl = readRootAcl(how.servers, { ...asking, signal });
  const observation = await observeEnsemble(wanted, { ...asking, wishes: HEALTH_WISHES });
  // A clock that no AdminServer tells costs a session, so it is asked only where writes are welcome.
  const members = how.proof === undefined ? observation.members : await withClocks(observation.members, asking);
  const status = ensembleStatus({ ...observation, members });
  // A session waits for an election to end; what the members said is not held back for that.
  const timer = setTimeout(() => enough.abort(), status.serving ? GRACE : 0);
  const rootAcl = await acl.finally(() => clearTimeout(timer));
  asking.signal?.throwIfAborted();
  return {
    status,
    limits: how.limits,
    now: how.now(),
    rootAcl,
    busiest: new Map(),
    certificates: await lookAtCertificates(members, asking, {
      between: how.quorumTls ? observation.config : undefined,
    }),
    disks: await disksOf(status.members),
    proof: how.proof && (await proveCommits(members, asking, how.proof)),
  };
}

function withClocks(members: readonly MemberObservation[], asking: Asking): Promise<MemberObservation[]> {
  return Promise.all(
    members.map(async (member) => {
      if (member.clock !== undefined || member.address === undefined) return member;
      const answer = await askClock(member, asking);
      return 'clock' in answer ? { ...member, clock: answer.clock } : member;
    }),
  );
}

async function readRootAcl(
  servers: string,
  { connect, options, limit, signal }: Asking,
): Promise<HealthView['rootAcl']> {
  try {
    const client = await connect(servers.replace(/\/.*$/, ''), {
      ...options,
      readOnly: true,
      sessionTimeout: 4000,
      connectTimeout: limit,
      requestTimeout: limit,
      signal,
    });
    try {
      return (await client.getAcl('/', { signal })).acl as readonly Acl[];
    } finally {
      await client.close({ timeout: Math.min(limit, 1000) }).catch(() => undefined);
    }
  } catch (error) {
    return { reason: error instanceof ZkshError ? `no session: ${reasonOf(error)}` : 'no session' };
  }
}

async function disksOf(members: readonly MemberStatus[]): Promise<HealthView['disks']> {
  const here = ownAddresses();
  const found = new Map<MemberStatus, readonly Disk[]>();
  for (const member of members) {
    const address = member.observation.address?.host;
    if (address === undefined || !here.has(address)) continue;
    const directories = (['dataDir', 'dataLogDir'] as const).flatMap((name) => {
      const told = setting(member, name);
      return 'value' in told ? [told.value] : [];
    });
    const disks = await Promise.all([...new Set(directories)].map(diskOf));
    found.set(
      member,
      disks.filter((disk) => disk !== undefined),
    );
  }
  return found;
}

function ownAddresses(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  return new Set(['localhost', ...addresses.filter((address) => isIP(address) !== 0)]);
}

/** A tunnel or container may show a server at our address whose directories are another machine's: then there are none. */
async function diskOf(directory: string): Promise<Disk | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return { directory, free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}
