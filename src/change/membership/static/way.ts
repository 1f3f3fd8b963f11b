import type { EnsembleStatus } from '../../../ensemble/ensemble-status.ts';
import { formatServerLine } from '../../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../../protocol/errors.ts';
import { Errno, isServerError } from '../../../protocol/server-errors.ts';
import type { ChangeContext } from '../../context.ts';
import { type Acks, isBefore35, refuseUnsafe, releasesOf } from './releases.ts';

/** How the members of an ensemble are changed, and why so. */
export type MembershipWay =
  /** One reconfiguration, which the members agree on. */
  | { way: 'reconfig' }
  /** The list in the file of each member, and a restart of one after the other. */
  | { way: 'static'; why: string; acks: Acks };

/** A version that no ensemble has: versions are zxids, and this is the greatest. */
const NO_VERSION = 2n ** 63n - 1n;

/**
 * Finds out how members are changed. Reconfiguration came with 3.5; from 3.5.3 on it is off unless reconfigEnabled turns it
 * on. That the leader itself is asked: its file may have been changed since it was started.
 *
 * @throws ZkshError `STANDALONE`, `RELEASE_UNKNOWN`, `RELEASES_MIXED`, `RELEASE_UNSAFE`; as a session does
 */
export async function membershipWay(
  status: EnsembleStatus,
  { client, signal }: Pick<ChangeContext, 'client' | 'signal'>,
): Promise<MembershipWay> {
  if (status.members.some(({ role }) => role === 'standalone')) throw standalone();
  // Only a reconfiguration gives a list a version of its own, unless the name of a file does.
  if (status.config !== undefined && !(await isRefused(status, { client, signal }))) return { way: 'reconfig' };
  const members = status.members.filter(
    ({ configured, role }) => role !== 'unreachable' && (status.config === undefined || configured !== undefined),
  );
  const releases = releasesOf({ members });
  if (releases.every(isBefore35))
    return { way: 'static', why: `${releases[0]?.join('.')} has no reconfiguration`, acks: 'all' };
  if (status.config === undefined) throw untold();
  refuseUnsafe(releases);
  return { way: 'static', why: 'reconfiguration is off (reconfigEnabled), as the leader says', acks: 'known' };
}

/** PrepRequestProcessor says that it is off before it looks at anything else; with no version it cannot be taken. */
async function isRefused(
  { config, leader }: EnsembleStatus,
  { client, signal }: Pick<ChangeContext, 'client' | 'signal'>,
): Promise<boolean> {
  const [line] = config?.servers ?? [];
  // Without one leader nobody answers; the gates say so.
  if (line === undefined || leader === undefined) return false;
  try {
    await (await client()).reconfig({ joining: formatServerLine(line), fromVersion: NO_VERSION, signal });
  } catch (error) {
    signal.throwIfAborted();
    return isServerError(error, Errno.reconfigDisabled);
  }
  return false;
}

function standalone(): ZkshError {
  return new ZkshError('a standalone server has no members to change, and becomes one of several by an outage alone', {
    code: 'STANDALONE',
    exitCode: ExitCode.failure,
    hint: 'Write the list of all three into the files of all three, restart this one with it, then start one of the new ones with an empty data directory; the other only when that one follows this one: two empty ones at once could elect one of themselves, and the data would be gone.',
  });
}

function untold(): ZkshError {
  return new ZkshError('nobody told the membership, although the members have one', {
    code: 'NO_CONFIG_VERSION',
    exitCode: ExitCode.failure,
    hint: 'Allow conf (4lw.commands.whitelist), or let sessions read /zookeeper/config.',
  });
}
