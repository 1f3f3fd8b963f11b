import { dirname, join } from 'node:path/posix';
import { type MemberConfig, readConfigFile, settingOf } from '../config/member.ts';
import type { HostDriver, Limits } from '../hosts/host.ts';
import type { FileSettings } from './settings.ts';

/** A zoo.cfg is a few kilobytes. */
const MAX_CONFIG = { maxBytes: 1024 * 1024 };

/** Where everything of a member is, its zoo.cfg having been read. */
export interface MemberFiles {
  config: MemberConfig;
  path: string;
  /** Undefined when neither the inventory nor zoo.cfg says it. */
  dataDir: string | undefined;
  /** The data directory where nothing else is said. */
  dataLogDir: string | undefined;
  /** The file that dynamicConfigFile names, if one is named. */
  dynamic: string | undefined;
  log: string | undefined;
}

/** Reads zoo.cfg on a member's machine, and takes from it what the inventory does not say. @throws HostError */
export async function memberFiles(host: HostDriver, files: FileSettings, limits: Limits = {}): Promise<MemberFiles> {
  const { config: path, log } = files;
  const text = await host.readFile(path, { ...MAX_CONFIG, ...limits });
  const config: MemberConfig = { file: readConfigFile(path, text.toString('latin1')) };
  const absolute = (value: string | undefined): string | undefined =>
    value === undefined || value === '' ? undefined : value.startsWith('/') ? value : join(dirname(path), value);
  const dataDir = files.dataDir ?? absolute(settingOf(config, 'dataDir')?.value);
  const dataLogDir = files.dataLogDir ?? absolute(settingOf(config, 'dataLogDir')?.value) ?? dataDir;
  return { config, path, dataDir, dataLogDir, dynamic: absolute(settingOf(config, 'dynamicConfigFile')?.value), log };
}
