import type { QuorumPlace } from '../../ensemble/next-membership.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { HostDriver, Limits } from '../../hosts/host.ts';
import type { Inventory, InventoryMember } from '../../inventory/inventory.ts';
import { type MemberFiles, memberFiles } from '../../inventory/member-files.ts';
import { ExitCode, UsageError, ZkshError } from '../../protocol/errors.ts';
import type { FileToWrite } from '../actions/action.ts';
import { type Joining, joiningMembership, refuseKnownId } from './add-member.ts';
import { examineJoiner } from './examine-joiner.ts';
import { type JoinerSource, joinerDirectories, joinerFiles } from './joiner-files.ts';
import { committedConfig, type MembershipChange } from './membership.ts';
import type { ListFile, MemberLists } from './static/member-lists.ts';

/** How a new server is to be. */
export interface Joiner {
  id: bigint;
  inventory: Inventory;
  /** The machine of a member. @throws ZkshError `NO_MEMBER` for one that the inventory does not have */
  host(id: bigint): HostDriver;
  observer: boolean;
  /** Where it votes, in an ensemble with quorum groups. */
  place?: QuorumPlace | undefined;
  /** Keys of its zoo.cfg that differ from those of the others. */
  set: readonly (readonly [key: string, value: string])[];
  limits: Limits;
  /** The lists of the members, where they are changed by these and not by reconfiguration. */
  lists?: MemberLists | undefined;
}

interface Other {
  id: bigint;
  entry: InventoryMember;
  host: HostDriver;
  files: MemberFiles;
  dataLogDir: string | undefined;
}

/** A server that may join, what is written on its machine, and the file of it that lists the members. */
export interface Prepared extends Joining {
  list: ListFile;
}

/**
 * Looks at the machine of a new server and at those of the members, and works out the files it begins with.
 *
 * @throws ZkshError `ID_IN_USE`, `JOINER_REFUSED`, `NO_MEMBER`, `NO_TEMPLATE`, `NO_DATA_DIR`, `OWN_QUORUM`; UsageError
 * `GROUP_NEEDED`, `NO_GROUPS`; HostError
 */
export async function prepareJoiner(change: MembershipChange, joiner: Joiner): Promise<Prepared> {
  const { id, inventory, observer, place, set, limits, lists } = joiner;
  const host = joiner.host(id);
  const entry = inventory.members.find((one) => one.id === id);
  if (entry === undefined) throw new Error('a machine that is known has an entry');
  refuseKnownId(change, id);
  const line: ServerLine = { ...entry.line, role: observer ? 'observer' : entry.line.role };
  refuseNoClient(line);
  const config = committedConfig(change.status);
  const members = joiningMembership(config, line, place);
  const { others, failures } = await membersToAsk(change, joiner);
  const template = others[0];
  if (template === undefined) throw noTemplate(inventory, failures);
  const source: JoinerSource = {
    line,
    members,
    set,
    ...(await startingPoint(entry, host, template, limits)),
    like: lists?.files.get(template.id),
  };
  const { dataDir, dataLogDir } = source;
  await examineJoiner({ line, host, dataDir, dataLogDir, config, status: change.status, others, limits });
  const files = joinerFiles(source);
  const owner = await ownerOf(template, limits);
  return {
    line,
    place,
    files: { directories: joinerDirectories(source), files, owner },
    list: listFileOf(files, source),
  };
}

/** The first of them has the list, unless it is its zoo.cfg that has. */
function listFileOf([first]: readonly FileToWrite[], { path }: JoinerSource): ListFile {
  if (first === undefined) throw new Error('a server that joins has files');
  return { ...first, dynamic: first.path !== path };
}

/** Members that serve and whose machines and files can be reached, the leader first. */
async function membersToAsk(
  { status }: MembershipChange,
  { inventory, host, id, limits }: Joiner,
): Promise<{ others: Other[]; failures: string[] }> {
  const failures: string[] = [];
  const serving = status.members.filter(({ configured, role }) => configured !== undefined && role !== 'unreachable');
  const entries = inventory.members.filter((entry) => entry.id !== id && serving.some((one) => one.id === entry.id));
  entries.sort((a, b) => Number(b.id === status.leader?.id) - Number(a.id === status.leader?.id));
  const found = await Promise.all(
    entries.map(async (entry): Promise<Other[]> => {
      try {
        const there = host(entry.id);
        const files = await memberFiles(there, entry.files, limits);
        return [{ id: entry.id, entry, host: there, files, dataLogDir: files.dataLogDir }];
      } catch (error) {
        limits.signal?.throwIfAborted();
        // What one cannot tell, another does.
        if (!(error instanceof ZkshError)) throw error;
        failures.push(`member ${entry.id}: ${error.message}`);
        return [];
      }
    }),
  );
  return { others: found.flat(), failures };
}

/** Its own zoo.cfg where somebody laid one down, else that of another member. */
async function startingPoint(
  entry: InventoryMember,
  host: HostDriver,
  template: Other,
  limits: Limits,
): Promise<Pick<JoinerSource, 'base' | 'path' | 'dataDir' | 'dataLogDir'>> {
  const path = entry.files.config;
  const own = (await host.stat(path, limits)) === undefined ? undefined : await memberFiles(host, entry.files, limits);
  const shared = hostNameOf(entry) === hostNameOf(template.entry);
  // On one machine the directories of the other are the other's.
  const like = own ?? (shared ? undefined : template.files);
  const dataDir = entry.files.dataDir ?? like?.dataDir;
  if (dataDir === undefined) throw noDataDir(entry);
  const logs = entry.files.dataLogDir ?? like?.dataLogDir;
  return {
    base: {
      pieces: (own ?? template.files).config.file.pieces,
      host: own === undefined ? hostNameOf(template.entry) : undefined,
    },
    path,
    dataDir,
    dataLogDir: logs === undefined || logs === like?.dataDir ? undefined : logs,
  };
}

function hostNameOf({ line }: InventoryMember): string | undefined {
  return line.addresses[0]?.host;
}

/** The user that the servers of the members run as. */
async function ownerOf({ host, files: { dataDir } }: Other, limits: Limits): Promise<string | undefined> {
  const stat = dataDir === undefined ? undefined : await host.stat(dataDir, limits);
  return stat && `${stat.owner}:${stat.group}`;
}

function refuseNoClient(line: ServerLine): void {
  if (line.client !== undefined || line.secureClient !== undefined) return;
  throw new UsageError(`server.${line.id} has no client port`, {
    code: 'BAD_SERVER_LINE',
    hint: 'Name it after a semicolon in the ensemble file: …:participant;2181',
  });
}

function noTemplate({ source }: Inventory, failures: readonly string[]): ZkshError {
  const why = failures.length === 0 ? 'none that serves is in the inventory' : failures.join('; ');
  return new ZkshError(`there is no zoo.cfg of a member to take the settings from: ${why}`, {
    code: 'NO_TEMPLATE',
    exitCode: ExitCode.failure,
    hint: `See what is wrong with: zksh member inventory --check. The inventory is ${source.path}.`,
  });
}

function noDataDir({ id }: InventoryMember): ZkshError {
  return new ZkshError(`where the data of member ${id} shall be is not known`, {
    code: 'NO_DATA_DIR',
    exitCode: ExitCode.usage,
    hint: 'Give files.dataDir in its entry of the ensemble file: it shares its machine with another member.',
  });
}
