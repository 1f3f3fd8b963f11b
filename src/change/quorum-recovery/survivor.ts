import { type ConfigFile, readConfigFile } from '../../config/member.ts';
import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { ExitCode, UsageError, ZkshError } from '../../protocol/errors.ts';
import { type DataDirectory, readDataDirectory } from '../../storage/data-directory.ts';
import { factsIfThere, isNothing, readSmall, type StorageReader, whyUnreadable } from '../../storage/storage-reader.ts';
import { parseMembership, readSurvivorConfig, type SurvivorConfig } from './survivor-config.ts';

/** Where what is left of a member is. */
export interface SurvivorPlace {
  /** As it was named. */
  readonly text: string;
  readonly id: bigint | undefined;
  readonly paths: readonly string[];
}

/** What is left of a member. */
export interface Survivor {
  readonly id: bigint;
  readonly data: DataDirectory;
  /** Undefined when its zoo.cfg was not named. */
  readonly config: SurvivorConfig | undefined;
  /** What /zookeeper/config would hold; undefined when there is none or it cannot be read. */
  readonly committed: DynamicConfig | undefined;
}

const HINT =
  'Name what is left of each member: ID=DATADIR, ID=DATADIR,LOGDIR or ID=ZOO.CFG, several of these behind one ID.';
/** Larger is no zoo.cfg. */
const MAX_CONFIG = 1024 * 1024;

/** Takes `[ID=]PATH[,PATH…]` apart. @throws UsageError */
export function parseSurvivorPlace(text: string): SurvivorPlace {
  const [, id, rest = ''] = /^(?:(\d{1,18})=)?(.*)$/s.exec(text) ?? [];
  const paths = rest.split(',').filter((path) => path !== '');
  if (paths.length === 0 || paths.length > 3) {
    throw new UsageError(`"${text}" does not say where the data of a member is`, { hint: HINT });
  }
  return { text, id: id === undefined ? undefined : BigInt(id), paths };
}

/**
 * Reads what is left of a member: directories are its dataDir and dataLogDir, a file is its zoo.cfg, which tells the
 * directories when they are not named.
 *
 * @throws ZkshError `NO_PATH` for what is not there, `UNREADABLE` for what cannot be looked at, UsageError
 */
export async function readSurvivor(reader: StorageReader, place: SurvivorPlace): Promise<Survivor> {
  const directories: string[] = [];
  let file: ConfigFile | undefined;
  for (const path of place.paths) {
    const facts = await look(path, () => factsIfThere(reader, path));
    if (facts === undefined) throw noPath(path);
    if (facts.kind === 'directory') directories.push(path);
    else file = readConfigFile(path, (await look(path, () => readSmall(reader, path, MAX_CONFIG))).toString('latin1'));
  }
  const setting = (key: string): string | undefined => file?.settings.findLast((one) => one.key === key)?.value;
  const dataDir = directories[0] ?? setting('dataDir');
  if (dataDir === undefined) throw new UsageError(`${place.text} names no dataDir`, { hint: HINT });
  const dataLogDir = directories[1] ?? (directories.length === 0 ? setting('dataLogDir') : undefined);
  for (const path of [dataDir, dataLogDir]) {
    if (path !== undefined && (await look(path, () => factsIfThere(reader, path))) === undefined) throw noPath(path);
  }
  const data = await look(dataDir, () => readDataDirectory(reader, { dataDir, dataLogDir }));
  const config = file && (await readSurvivorConfig(reader, file));
  return { id: idOf(place, data), data, config, committed: parseMembership(data.restored.config) };
}

/** Its id as named and as its myid says: they have to be one. */
function idOf({ text, id }: SurvivorPlace, { myid, dataDir }: DataDirectory): bigint {
  const written = myid?.value;
  if (id !== undefined && written !== undefined && id !== written) {
    throw new UsageError(`${text} names member ${id}, but ${myid?.path} says ${written}`, {
      code: 'WRONG_ID',
      hint: 'Give each directory the id it has: another member with its data would corrupt the ensemble.',
    });
  }
  const known = id ?? written;
  if (known !== undefined) return known;
  throw new UsageError(`it is not known which member ${dataDir} is of: it has no readable myid`, { hint: HINT });
}

async function look<T>(path: string, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    if (isNothing(error)) throw noPath(path);
    throw new ZkshError(`cannot look at ${path}: ${whyUnreadable(error)}`, {
      code: 'UNREADABLE',
      exitCode: ExitCode.failure,
      hint: 'Run zksh as the user the server runs as, or as root; nothing is written.',
      cause: error,
    });
  }
}

function noPath(path: string): ZkshError {
  return new ZkshError(`there is no ${path}`, { code: 'NO_PATH', exitCode: ExitCode.notFound, hint: HINT });
}
