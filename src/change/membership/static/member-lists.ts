import { basename } from 'node:path/posix';
import { settingOf } from '../../../config/member.ts';
import type { DynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { formatServerLine, type ServerLine } from '../../../ensemble/server-line.ts';
import type { HostDriver, Limits } from '../../../hosts/host.ts';
import type { Inventory } from '../../../inventory/inventory.ts';
import { memberFiles } from '../../../inventory/member-files.ts';
import { ExitCode, ZkshError } from '../../../protocol/errors.ts';
import { listIn, sameLine } from './list-file.ts';

/** The file in which a member has its list. */
export interface ListFile {
  path: string;
  /** Latin-1. */
  text: string;
  mode: number;
  /** That dynamicConfigFile names it: it is not its zoo.cfg. */
  dynamic: boolean;
}

/** The lists of all members, which agree. */
export interface MemberLists {
  config: DynamicConfig;
  files: ReadonlyMap<bigint, ListFile>;
}

const MAX = { maxBytes: 1024 * 1024 };

/** Where the lists are. */
export interface ListPlaces {
  inventory: Inventory;
  /** The machine of a member. @throws ZkshError `NO_MEMBER` for one that the inventory does not have */
  host(id: bigint): HostDriver;
  /** Who serves; the list of the first says whose are read. */
  serving: readonly bigint[];
  /** A member whose machine is not asked: it leaves, and may be gone. */
  without?: bigint | undefined;
  limits: Limits;
}

/**
 * Reads the list of every member from its machine.
 *
 * @throws ZkshError `NO_LIST`, `LISTS_DIFFER`, `NO_MEMBER`; HostError for a machine that cannot be reached: its list could
 * not be changed either
 */
export async function readMemberLists({ inventory, host, serving, without, limits }: ListPlaces): Promise<MemberLists> {
  const read = async (id: bigint): Promise<ReadList> => {
    const there = host(id);
    const entry = inventory.members.find((member) => member.id === id);
    if (entry === undefined) throw new Error('a machine that is known has an entry');
    return { id, host: there, ...(await readOne(there, entry.files, limits)) };
  };
  const known = inventory.members.map(({ id }) => id);
  const witness = serving.find((id) => id !== without && known.includes(id));
  if (witness === undefined) throw noWitness(inventory);
  const first = await read(witness);
  const others = first.list.servers.map(({ id }) => id).filter((id) => id !== witness && id !== without);
  const all = [first, ...(await Promise.all(others.map(read)))];
  return { config: agreed(all), files: new Map(all.map(({ id, file }) => [id, file])) };
}

interface ReadList {
  id: bigint;
  host: HostDriver;
  file: ListFile;
  list: DynamicConfig;
}

async function readOne(
  host: HostDriver,
  settings: Inventory['members'][number]['files'],
  limits: Limits,
): Promise<Pick<ReadList, 'file' | 'list'>> {
  const { config, path: zooCfg, dynamic } = await memberFiles(host, settings, limits);
  const on = settingOf(config, 'reconfigEnabled');
  if (on?.value.toLowerCase() === 'true')
    throw differ(host.name, `line ${on.line} of ${zooCfg} turns reconfiguration on`);
  const path = dynamic ?? zooCfg;
  const text = (await host.readFile(path, { ...MAX, ...limits })).toString('latin1');
  const list = listIn(text);
  if (list.servers.length === 0) throw noList(host.name, path);
  const mode = (await host.stat(path, limits))?.mode ?? 0o640;
  return { file: { path, text, mode, dynamic: dynamic !== undefined }, list };
}

/** What all of them hold for the membership: each line as the others have it, since a server may know itself otherwise. */
function agreed(read: readonly ReadList[]): DynamicConfig {
  const [first] = read;
  if (first === undefined) throw new Error('an ensemble has members');
  const servers = first.list.servers.map(
    (line) => (line.id === first.id ? lineOf(read.find(({ id }) => id !== line.id)?.list, line.id) : undefined) ?? line,
  );
  // QuorumPeerConfig takes a list whose file has no version in its name for version 0.
  const config = { ...first.list, servers, version: BigInt(`0x${versionIn(first.file)}`) };
  const other = read.flatMap((one) => driftOf(one, config, read));
  if (other.length > 0) throw differ('the members', other.join('; '));
  return config;
}

function lineOf(list: DynamicConfig | undefined, id: bigint): ServerLine | undefined {
  return list?.servers.find((line) => line.id === id);
}

function driftOf({ id, host, file, list }: ReadList, config: DynamicConfig, read: readonly ReadList[]): string[] {
  const where = `${host.name} (${file.path})`;
  const ids = [...new Set([...list.servers, ...config.servers].map((line) => line.id))];
  const lines = ids.flatMap((one) => {
    const [own, theirs] = [lineOf(list, one), lineOf(config, one)];
    if (own === undefined) return [`${where} lacks server.${one}`];
    if (theirs === undefined) return [`${where} has ${formatServerLine(own)}, which others have not`];
    if (sameLine(own, theirs, one === id)) return [];
    return [`${where} has ${formatServerLine(own)}, others ${formatServerLine(theirs)}`];
  });
  const groups = ({ groups: some, weights }: DynamicConfig): string => `${[...some].join()} ${[...weights].join()}`;
  const version = versionIn(file);
  return [
    ...lines,
    ...(groups(list) === groups(config) ? [] : [`${where} has other groups or weights`]),
    // A server takes the version of its list from the name of the file, and a leader refuses one that has a later one.
    ...(version === versionIn(read[0]?.file) ? [] : [`${where} has version ${version} in its name`]),
  ];
}

/** The version that a server reads off the name of its dynamic file (QuorumPeerConfig.getVersionFromFilename). */
export function versionIn(file: ListFile | undefined): string {
  const suffix = file?.dynamic === true ? basename(file.path).split('.').at(-1) : undefined;
  return suffix !== undefined && /^[0-9a-f]{1,16}$/i.test(suffix) ? suffix.toLowerCase() : '0';
}

function noList(host: string, path: string): ZkshError {
  return new ZkshError(`${path} on ${host} lists no servers`, {
    code: 'NO_LIST',
    exitCode: ExitCode.unhealthy,
    hint: 'A member of an ensemble has server lines in its zoo.cfg, or in the file that dynamicConfigFile names. Is files.config in the ensemble file the one it runs with?',
  });
}

function noWitness({ source }: Inventory): ZkshError {
  return new ZkshError('no member that serves is in the inventory: who the members are cannot be read', {
    code: 'NO_LIST',
    exitCode: ExitCode.unhealthy,
    hint: `See what is wrong with: zksh member inventory --check. The inventory is ${source.path}.`,
  });
}

function differ(who: string, how: string): ZkshError {
  return new ZkshError(`${who} do not agree on who the members are: ${how}`, {
    code: 'LISTS_DIFFER',
    exitCode: ExitCode.unhealthy,
    hint: 'Nothing was changed. A change that was stopped is gone on with by rolling resume, or ended by rolling abort; else make the files the same first, and restart those that run with another one.',
  });
}
