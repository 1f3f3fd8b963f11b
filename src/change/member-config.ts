import { type MemberConfig, readConfigFile } from '../config/member.ts';
import type { HostDriver, Limits } from '../hosts/host.ts';
import { memberFiles } from '../inventory/member-files.ts';
import type { FileSettings } from '../inventory/settings.ts';

/** The zoo.cfg of a member as it is on its machine. */
export interface ConfigOnHost {
  path: string;
  /** Latin-1. */
  text: string;
  mode: number;
  /** With the dynamic file and myid, for the rules. Its path names the machine, too. */
  config: MemberConfig;
}

const MAX = { maxBytes: 1024 * 1024 };

/** Reads it, and what lies beside it that the rules look at. @throws HostError */
export async function configOnHost(host: HostDriver, files: FileSettings, limits: Limits): Promise<ConfigOnHost> {
  const { path, dataDir, dynamic } = await memberFiles(host, files, limits);
  const read = async (from: string): Promise<string | undefined> => {
    if ((await host.stat(from, limits))?.kind !== 'file') return undefined;
    return (await host.readFile(from, { ...MAX, ...limits })).toString('latin1');
  };
  const text = (await host.readFile(path, { ...MAX, ...limits })).toString('latin1');
  const mode = (await host.stat(path, limits))?.mode ?? 0o640;
  const membership = dynamic === undefined ? undefined : await read(dynamic);
  const myid = dataDir === undefined ? undefined : await read(`${dataDir}/myid`);
  const config: MemberConfig = {
    file: readConfigFile(`${host.name}: ${path}`, text),
    dynamic: membership === undefined ? undefined : readConfigFile(`${host.name}: ${dynamic}`, membership),
    dynamicMissing: dynamic !== undefined && membership === undefined,
    myid: dataDir === undefined ? undefined : myid === undefined ? 'missing' : { text: myid },
  };
  return { path, text, mode, config };
}
