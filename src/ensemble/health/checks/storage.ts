import { byteSize, shortDuration } from '../../../protocol/measures.ts';
import type { MemberStatus } from '../../ensemble-status.ts';
import { type Check, type Disk, eachMember, type HealthView, type Told } from '../check.ts';
import { metric, nameOf } from '../evidence.ts';

/** A server takes one at snapCount transactions at the latest: so many times that, and it takes none. */
const SNAPSHOTS_MISSED = 3;
/** The AdminServer's -1: no snapshot is known. */
const NO_SNAPSHOT = 0xffff_ffff_ffff_ffffn;

/** Checks about what servers write to their disks. */
export const STORAGE_CHECKS: readonly Check[] = [
  {
    code: 'snapshot-old',
    title: 'many transactions since the last snapshot',
    severity: 'warning',
    why: 'A member that starts replays every transaction since its snapshot before it serves. Snapshots that do not come any more are a disk that is full or cannot be written.',
    todo: 'Look for snapshot errors in the log, and at the space of dataDir.',
    judge: (view) =>
      eachMember(view, snapshotTold, ({ behind, at, every }, source, member) =>
        behind <= BigInt(Math.floor(Math.max(view.limits.snapshot, SNAPSHOTS_MISSED * every)))
          ? undefined
          : {
              message: `${behind} transactions at ${nameOf(member)} since its last snapshot`,
              evidence: `last_snapshot ${shortDuration(Math.max(0, view.now - at))} ago, ${source}`,
            },
      ),
  },
  {
    code: 'snapshot-errors',
    title: 'snapshots asked of the AdminServer that failed',
    severity: 'warning',
    why: 'Whoever makes backups with its snapshot command lacks them. What made them fail may also end the server: one that cannot take its own snapshots stops.',
    todo: 'Look at the log of the server, and at the space and the permissions of dataDir.',
    judge: (view) =>
      eachMember(
        view,
        (member) => metric(member, 'snapshot_error_count', '3.9'),
        (value, source, member) =>
          value === 0
            ? undefined
            : {
                message: `${value} snapshots asked of ${nameOf(member)} failed since its process started`,
                evidence: `${value} ${source}`,
              },
      ),
  },
  {
    code: 'disk-tight',
    title: 'a disk of a server is nearly full',
    severity: 'critical',
    why: 'A server that cannot write its log or snapshot stops.',
    todo: 'Remove old snapshots and logs with zkCleanup.sh or autopurge, never by hand the newest; then give it more space.',
    judge: (view) => eachMember(view, (member) => diskTold(view, member), judgeDisk(view)),
  },
];

function snapshotTold({ observation, facts }: MemberStatus): Told<{ behind: bigint; at: number; every: number }> {
  const fields = observation.further.admin.get('last_snapshot');
  const zxid =
    typeof fields?.zxid === 'string' && /^[0-9a-f]{1,16}$/i.test(fields.zxid) ? BigInt(`0x${fields.zxid}`) : undefined;
  if (fields === undefined || zxid === undefined || facts.zxid === undefined) {
    return { reason: 'no AdminServer tells its last snapshot (3.5 and later do)' };
  }
  if (zxid === NO_SNAPSHOT) return { reason: 'it has neither read nor taken a snapshot since its start' };
  const every = Number(observation.further.admin.get('system_properties')?.['zookeeper.snapCount']);
  const sameEpoch = zxid >> 32n === facts.zxid.value >> 32n;
  const behind = BigInt.asUintN(32, facts.zxid.value) - (sameEpoch ? BigInt.asUintN(32, zxid) : 0n);
  return {
    value: {
      behind: behind > 0n ? behind : 0n,
      at: Number(fields.timestamp) * 1000 || 0,
      every: Number.isSafeInteger(every) ? every : 0,
    },
    source: 'admin:last_snapshot',
  };
}

/** Free space is told by no server: it is seen only where the member runs on this machine. */
function diskTold({ disks }: HealthView, member: MemberStatus): Told<readonly Disk[]> {
  const seen = disks.get(member);
  if (seen === undefined || seen.length === 0)
    return { reason: 'no server tells the space of its disks; seen only on the machine it runs on' };
  return { value: seen, source: 'seen on this machine' };
}

function judgeDisk({ limits }: HealthView) {
  return (disks: readonly Disk[], source: string, member: MemberStatus) => {
    const tight = disks.find(({ free, size }) => free * 100 < size * limits.disk);
    if (tight === undefined) return undefined;
    return {
      severity: tight.free * 100 < tight.size * (limits.disk / 2) ? ('critical' as const) : ('warning' as const),
      message: `${byteSize(tight.free)} of ${byteSize(tight.size)} left for ${tight.directory} of ${nameOf(member)}`,
      evidence: source,
    };
  };
}
