import { statfs } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { MemberStatus } from '../ensemble-status.ts';
import type { Disk, HealthView } from './check.ts';
import { setting } from './evidence.ts';

/** The disks of members that run on this machine: no server tells how full its disks are. */
export async function disksOf(members: readonly MemberStatus[]): Promise<HealthView['disks']> {
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
