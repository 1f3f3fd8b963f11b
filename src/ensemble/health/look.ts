import { formatHostPort } from '../../client/connect-string.ts';
import type { Acl } from '../../protocol/acl.ts';
import { ZkshError } from '../../protocol/errors.ts';
import { askClock } from '../ask-clock.ts';
import { updateBaseline } from '../baseline/file.ts';
import { lookAtCertificates } from '../certificates.ts';
import { proveCommits } from '../commit-proof.ts';
import { type EnsembleStatus, ensembleStatus, type MemberStatus } from '../ensemble-status.ts';
import type { Wishes } from '../further.ts';
import { reasonOf } from '../missing.ts';
import { observeEnsemble, type Wanted } from '../observe.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import { withListedVoters } from '../quorum-report.ts';
import { askFor, CONNECTIONS } from '../sessions/lists.ts';
import type { HealthView } from './check.ts';
import { hasManyConnections } from './checks/resources.ts';
import { disksOf } from './disks.ts';
import type { Limits } from './limits.ts';

/** What the checks want to know besides what every look asks; none of it costs a server more than a few microseconds. */
const HEALTH_WISHES: Wishes = {
  words: ['envi', 'gtmk'],
  admin: ['environment', 'system_properties', 'last_snapshot'],
};

/** What a look for health takes besides the questions. */
export interface HowToLook {
  limits: Limits;
  now: () => number;
  /**
   * The members speak TLS among themselves, so that their quorum and election ports show certificates. No server of an
   * ensemble tells that: somebody has to know it.
   */
  quorumTls: boolean;
  /** A file that learns what is usual. */
  baseline?: string | undefined;
  /** Prove by writes that every member commits; below this znode. */
  proof?: { parent: string; random: () => number } | undefined;
}

/** Milliseconds that the session for the ACL may take longer than all questions. */
const GRACE = 1000;

/** Gathers all that the checks look at; the session that reads the ACL of `/` is opened beside the questions. */
export async function lookForHealth(wanted: Wanted, asking: Asking, how: HowToLook): Promise<HealthView> {
  const enough = new AbortController();
  const signal = asking.signal === undefined ? enough.signal : AbortSignal.any([asking.signal, enough.signal]);
  const acl = readRootAcl(wanted, { ...asking, signal });
  const observation = await observeEnsemble(wanted, { ...asking, wishes: HEALTH_WISHES });
  // A clock that no AdminServer tells costs a session, so it is asked only where writes are welcome.
  const members = how.proof === undefined ? observation.members : await withClocks(observation.members, asking);
  const seen = ensembleStatus({ ...observation, members });
  // On 3.4 nobody tells who votes; who names the members alone says so.
  const status = wanted.only ? withListedVoters(seen) : seen;
  // A session waits for an election to end; what the members said is not held back for that.
  const timer = setTimeout(() => enough.abort(), status.serving ? GRACE : 0);
  const now = how.now();
  const [rootAcl, busiest, certificates, disks, proof, usual] = await Promise.all([
    acl.finally(() => clearTimeout(timer)),
    busiestOf(status.members, how.limits, asking),
    lookAtCertificates(members, asking, { between: how.quorumTls ? observation.config : undefined }),
    disksOf(status.members),
    how.proof && proveCommits(members, asking, how.proof),
    how.baseline === undefined ? undefined : usualOf(how.baseline, status, now),
  ]);
  asking.signal?.throwIfAborted();
  return { status, limits: how.limits, now, rootAcl, busiest, certificates, disks, proof, usual };
}

/** Who holds the most connections is asked only of members that have as many as one address may hold, or nearly. */
async function busiestOf(
  members: readonly MemberStatus[],
  limits: Limits,
  asking: Asking,
): Promise<HealthView['busiest']> {
  const found = new Map<MemberStatus, { address: string; count: number }>();
  await Promise.all(
    members.map(async (member) => {
      if (!hasManyConnections(member, limits)) return;
      const reply = await askFor(CONNECTIONS, member.observation, asking);
      if (!('value' in reply)) return;
      const counts = new Map<string, number>();
      for (const { client } of reply.value)
        if (client !== undefined) counts.set(client.host, (counts.get(client.host) ?? 0) + 1);
      const [most] = [...counts].sort(([, a], [, b]) => b - a);
      if (most !== undefined) found.set(member, { address: most[0], count: most[1] });
    }),
  );
  return found;
}

/** A file that cannot be used must not hide what is wrong with the ensemble. */
async function usualOf(file: string, status: EnsembleStatus, now: number): Promise<HealthView['usual']> {
  try {
    return await updateBaseline(file, status, now);
  } catch (error) {
    if (error instanceof ZkshError) return { failure: error.message };
    throw error;
  }
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
  { listed }: Wanted,
  { connect, options, limit, signal }: Asking,
): Promise<HealthView['rootAcl']> {
  try {
    const client = await connect(listed.map(({ server }) => formatHostPort(server)).join(','), {
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
