import { dirname, join } from 'node:path/posix';
import {
  entriesOf,
  type PropertiesFile,
  parseProperties,
  printProperties,
  removeProperty,
  setProperty,
} from '../../config/properties-file.ts';
import { type DynamicConfig, formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { FileToWrite } from '../actions/action.ts';
import { saysClients, withList } from './static/list-file.ts';
import { type ListFile, versionIn } from './static/member-lists.ts';

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
  /** The file with the list of another member, where members are changed by their lists and not by reconfiguration. */
  like?: ListFile | undefined;
}

/** What the server line says, or the server makes of the dynamic file. */
const MEMBERSHIP_KEY = /^(?:(?:server|group|weight)\.\d+|peerType|clientPort|clientPortAddress)$/;
/** What is the list, in a zoo.cfg. */
const LISTING = /^(?:server|group|weight)\.\d+$/;
/** Addresses of the machine itself. */
const OWN_ADDRESS = /(?:Address|\.httpHost)$/;

/**
 * Its dynamic file with the members and itself, where it has one, its zoo.cfg, and myid. Not the file `initialize`, which is for the
 * first servers of an ensemble: it makes an empty data directory count as complete (FileTxnSnapLog.restore, 3.6 and later),
 * and lies in wait where its server never starts. A joiner must get everything from the leader, and does so without it, also
 * where db.autocreate=false.
 */
export function joinerFiles(source: JoinerSource): FileToWrite[] {
  const { line, members, path, dataDir, like } = source;
  const myid = { path: join(dataDir, 'myid'), text: `${line.id}\n`, mode: 0o640 };
  if (like === undefined) {
    const dynamic = `${path}.dynamic`;
    const settings = { dynamicConfigFile: dynamic, standaloneEnabled: 'false' };
    const zooCfg = printProperties(zooCfgWith(source, settings));
    return [
      { path: dynamic, text: formatDynamicConfig(members), mode: 0o640 },
      { path, text: zooCfg, mode: 0o640 },
      myid,
    ];
  }
  const client = likeClient(like, line);
  if (like.dynamic) {
    // A server takes the version of its list from the name of the file: the same as the others have.
    const version = versionIn(like);
    const dynamic = `${path}.dynamic${version === '0' ? '' : `.${version}`}`;
    const zooCfg = printProperties(zooCfgWith(source, { ...client, dynamicConfigFile: dynamic }));
    return [
      { path: dynamic, text: withList(like.text, members, line.id), mode: 0o640 },
      { path, text: zooCfg, mode: 0o640 },
      myid,
    ];
  }
  const own = removeProperty(zooCfgWith(source, client), 'dynamicConfigFile');
  const listing = entriesOf(parseProperties(like.text)).filter(({ key }) => LISTING.test(key.trim()));
  const alike = listing.reduce((file, { key, value }) => setProperty(file, key.trim(), value.trim()), own);
  return [{ path, text: withList(printProperties(alike), members, line.id), mode: 0o640 }, myid];
}

/** Its client port, where the lines of the others do not say theirs. */
function likeClient({ text }: ListFile, { client }: ServerLine): Record<string, string> {
  if (saysClients(text) || client === undefined) return {};
  const anywhere = client.host === undefined || /^(0\.0\.0\.0|[0:]+)$/.test(client.host);
  return { clientPort: `${client.port}`, ...(anywhere ? {} : { clientPortAddress: client.host ?? '' }) };
}

function zooCfgWith(
  { line, base, dataDir, dataLogDir, set }: JoinerSource,
  settings: Readonly<Record<string, string>>,
): PropertiesFile {
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
    ...Object.entries(settings),
    ...set,
  ];
  for (const [key, value] of mine) file = setProperty(file, key, value);
  return file;
}

/** The directories it needs, the one of zoo.cfg first. */
export function joinerDirectories({ path, dataDir, dataLogDir }: JoinerSource): string[] {
  return [...new Set([dirname(path), dataDir, ...(dataLogDir === undefined ? [] : [dataLogDir])])];
}
