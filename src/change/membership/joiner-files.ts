import { dirname, join } from 'node:path/posix';
import {
  entriesOf,
  type PropertiesFile,
  printProperties,
  removeProperty,
  setProperty,
} from '../../config/properties-file.ts';
import { type DynamicConfig, formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { FileToWrite } from '../actions/action.ts';

/** What the files of a server that joins are made from. */
export interface JoinerSource {
  line: ServerLine;
  /** The membership as it shall know it until it is a member, itself among them. */
  members: DynamicConfig;
  /** Its own zoo.cfg where there is one, else that of another member, whose host is `host`. */
  base: { pieces: PropertiesFile; host: string | undefined };
  /** Where its zoo.cfg shall be. */
  path: string;
  dataDir: string;
  dataLogDir: string | undefined;
  /** Keys of zoo.cfg a person wants otherwise. */
  set: readonly (readonly [key: string, value: string])[];
}

/** What the server line says, or the server makes of the dynamic file. */
const MEMBERSHIP_KEY = /^(?:(?:server|group|weight)\.\d+|peerType|clientPort|clientPortAddress)$/;
/** Addresses of the machine itself. */
const OWN_ADDRESS = /(?:Address|\.httpHost)$/;

/**
 * Its dynamic file with the committed members and itself, its zoo.cfg, and myid. Not the file `initialize`, which is for the
 * first servers of an ensemble: it makes an empty data directory count as complete (FileTxnSnapLog.restore, 3.6 and later),
 * and lies in wait where its server never starts. A joiner must get everything from the leader, and does so without it, also
 * where db.autocreate=false.
 */
export function joinerFiles(source: JoinerSource): FileToWrite[] {
  const { line, members, path, dataDir } = source;
  const dynamic = `${path}.dynamic`;
  return [
    { path: dynamic, text: formatDynamicConfig(members), mode: 0o640 },
    { path, text: printProperties(zooCfg(source, dynamic)), mode: 0o640 },
    { path: join(dataDir, 'myid'), text: `${line.id}\n`, mode: 0o640 },
  ];
}

function zooCfg({ line, base, dataDir, dataLogDir, set }: JoinerSource, dynamic: string): PropertiesFile {
  const own = line.addresses[0]?.host ?? '';
  const keys = entriesOf(base.pieces).map(({ key, value }) => ({ key: key.trim(), value: value.trim() }));
  let file = base.pieces;
  for (const { key, value } of keys) {
    if (MEMBERSHIP_KEY.test(key)) file = removeProperty(file, key);
    else if (OWN_ADDRESS.test(key) && value === base.host) file = setProperty(file, key, own);
  }
  const mine: readonly (readonly [string, string])[] = [
    ['dataDir', dataDir],
    ...(dataLogDir === undefined ? [] : [['dataLogDir', dataLogDir] as const]),
    ['dynamicConfigFile', dynamic],
    ['standaloneEnabled', 'false'],
    ...set,
  ];
  for (const [key, value] of mine) file = setProperty(file, key, value);
  return file;
}

/** The directories it needs, the one of zoo.cfg first. */
export function joinerDirectories({ path, dataDir, dataLogDir }: JoinerSource): string[] {
  return [...new Set([dirname(path), dataDir, ...(dataLogDir === undefined ? [] : [dataLogDir])])];
}
