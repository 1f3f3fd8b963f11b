import { posix } from 'node:path';
import type { HostDriver, Limits } from '../../hosts/host.ts';
import { memberFiles } from '../../inventory/member-files.ts';
import type { FileSettings } from '../../inventory/settings.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { type ConfigOnHost, configOnHost } from '../member-config.ts';

/** What the machine of a member tells before its release is changed. */
export interface UpgradeMachine {
  config: ConfigOnHost;
  /** Whether its data directory has a snapshot; undefined where zoo.cfg names none. */
  snapshot: boolean | undefined;
}

/** Looks at it. @throws HostError; ZkshError `HOST_CANNOT` for a container, which has the release of its image */
export async function upgradeMachine(host: HostDriver, files: FileSettings, limits: Limits): Promise<UpgradeMachine> {
  if (host.kind === 'docker' || host.kind === 'kubernetes') {
    throw new ZkshError(`${host.name} is a container: no command can be run in it while its service is stopped`, {
      code: 'HOST_CANNOT',
      exitCode: ExitCode.usage,
      hint: 'It has the release of its image: change that where the container is described, one member at a time.',
    });
  }
  const { dataDir } = await memberFiles(host, files, limits);
  return {
    config: await configOnHost(host, files, limits),
    snapshot: dataDir === undefined ? undefined : await hasSnapshot(host, posix.join(dataDir, 'version-2'), limits),
  };
}

async function hasSnapshot(host: HostDriver, directory: string, limits: Limits): Promise<boolean> {
  if ((await host.stat(directory, limits))?.kind !== 'directory') return false;
  return (await host.list(directory, limits)).some((name) => /^snapshot\.[0-9a-f]+(\.(gz|snappy))?$/.test(name));
}
