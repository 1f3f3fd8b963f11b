import type { ServerLine } from '../ensemble/server-line.ts';
import { parseServerValue } from '../ensemble/server-line.ts';
import type { Release } from './parameters/release.ts';
import { defaultOf, findParameter } from './parameters/table.ts';
import { entriesOf, type PropertiesFile, type PropertyEntry, parseProperties } from './properties-file.ts';
import { readInteger } from './value.ts';

/** A key of a configuration file with the value that counts: the last one, trimmed, as QuorumPeerConfig takes it. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  readonly entry: PropertyEntry;
}

/** A configuration file, read. */
export interface ConfigFile {
  readonly path: string;
  readonly pieces: PropertiesFile;
  /** Every entry, in the order of the file; a key may stand there twice. */
  readonly settings: readonly Setting[];
}

/** The machine a server is on; sizes are bytes, and absent is what cannot be seen. */
export interface Machine {
  readonly memory?: number | undefined;
  /** What -Xmx or ZK_SERVER_HEAP beside zoo.cfg give the JVM. */
  readonly heap?: number | undefined;
  /** Whether dataDir and dataLogDir are on one device. */
  readonly oneDevice?: boolean | undefined;
  /** The newest snapshot, when it is not compressed. */
  readonly snapshot?: number | undefined;
}

/** What the disk of a member says besides its zoo.cfg, where it can be seen. */
export interface Surroundings {
  /** The file that dynamicConfigFile names. */
  readonly dynamic?: ConfigFile | undefined;
  /** Whether the dynamic file is known to be missing, rather than out of sight. */
  readonly dynamicMissing?: boolean | undefined;
  /** System properties that a java.env beside zoo.cfg sets. */
  readonly properties?: ReadonlyMap<string, string> | undefined;
  /** The machine, where dataDir is on this one. */
  readonly machine?: Machine | undefined;
  /** The content of dataDir/myid; `missing` when dataDir is there without it, undefined when dataDir cannot be seen. */
  readonly myid?: { readonly text: string } | 'missing' | undefined;
}

/** What can be seen of the configuration of a running server, which tells only part of it. */
export interface Sight {
  /** Whether the value in force of a key, or that none is set, can be told. */
  tells(key: string): boolean;
  /** Whether it takes part in an ensemble: its role says so, whatever is not told of the file. */
  readonly ensemble: boolean | undefined;
  /** Whether the text of its zoo.cfg is shown. */
  readonly text: boolean;
  /** Whether every name that was set and QuorumPeerConfig does not know is told. */
  readonly names: boolean;
  /** Keys that were looked at and are not told; emptied and read by who wants to know. */
  readonly blind: Set<string>;
}

/** The configuration of one member of an ensemble, or of a standalone server. */
export interface MemberConfig extends Surroundings {
  readonly file: ConfigFile;
  /** The release it runs; undefined for a file, which does not say. */
  readonly release?: Release | undefined;
  /** Undefined for a file, of which all is seen. */
  readonly sight?: Sight | undefined;
}

/** A `server.N` setting: the line, or why it cannot be read. */
export type ServerSetting = { readonly setting: Setting } & (
  | { readonly server: ServerLine }
  | { readonly problem: string }
);

/** Reads the text of a configuration file, which is Latin-1. */
export function readConfigFile(path: string, text: string): ConfigFile {
  const pieces = parseProperties(text);
  const settings = entriesOf(pieces).map((entry) => ({
    key: entry.key.trim(),
    value: entry.value.trim(),
    file: path,
    line: entry.line,
    entry,
  }));
  return { path, pieces, settings };
}

/** The setting of a key that counts; the dynamic file is looked at for the membership alone. */
export function settingOf({ file, sight }: MemberConfig, key: string): Setting | undefined {
  noteBlind(sight, key);
  return file.settings.findLast((one) => one.key === key);
}

/** The value of a parameter: as set in zoo.cfg or java.env, else the default of the release. */
export function valueIn(member: MemberConfig, key: string, release: Release): string | undefined {
  const parameter = findParameter(key);
  const property = parameter?.property === undefined ? undefined : member.properties?.get(parameter.property);
  // QuorumPeerConfig overwrites the system property with the line of zoo.cfg.
  const set = parameter?.readBy === 'property' ? undefined : settingOf(member, key)?.value;
  noteBlind(member.sight, key);
  return set ?? property ?? (parameter && defaultOf(parameter, member.release ?? release));
}

function noteBlind(sight: Sight | undefined, key: string): void {
  if (sight?.tells(key) === false) sight.blind.add(key);
}

/** A parameter that is a whole number; undefined where it has none or one that cannot be read. */
export function numberOf(member: MemberConfig, key: string, release: Release): number | undefined {
  const parameter = findParameter(key);
  const value = valueIn(member, key, release);
  const read = parameter === undefined || value === undefined ? undefined : readInteger(parameter, value);
  return read === undefined ? undefined : Number(read);
}

/** A parameter that is on or off. */
export function isOn(member: MemberConfig, key: string, release: Release): boolean {
  return valueIn(member, key, release)?.toLowerCase() === 'true';
}

/** A value as a message may hold it: passwords and digests stay where they are. */
export function shown(key: string, value: string): string {
  return /(?:passw(?:or)?d|superDigest|secret|passphrase|token)$/i.test(key) ? '(a secret)' : value;
}

/** The membership lines, from the dynamic file where there is one: server, group and weight; each key once. */
export function membershipOf({ file, dynamic, sight }: MemberConfig): Setting[] {
  noteBlind(sight, 'server.N');
  const lines = [...file.settings, ...(dynamic?.settings ?? [])].filter(({ key }) =>
    /^(?:server\.|group|weight)/.test(key),
  );
  return [...new Map(lines.map((setting) => [setting.key, setting])).values()];
}

/** The server lines, each read by itself. */
export function serversOf(member: MemberConfig): ServerSetting[] {
  return membershipOf(member)
    .filter(({ key }) => key.startsWith('server.'))
    .map((setting) => {
      const id = setting.key.slice('server.'.length);
      if (!/^[+-]?\d{1,19}$/.test(id)) return { setting, problem: `"${id}" is no server id: ids are numbers` };
      try {
        return { setting, server: parseServerValue(BigInt(id.replace('+', '')), setting.value) };
      } catch (error) {
        return { setting, problem: error instanceof Error ? error.message : String(error) };
      }
    });
}

/** The server lines that can be read. */
export function readableServers(member: MemberConfig): ServerLine[] {
  return serversOf(member).flatMap((one) => ('server' in one ? [one.server] : []));
}

/** Whether a server with this configuration takes part in an ensemble (QuorumPeerConfig.isDistributed). */
export function isEnsemble(member: MemberConfig, release: Release): boolean {
  if (member.sight?.ensemble !== undefined) return member.sight.ensemble;
  const voters = readableServers(member).filter(({ role }) => role === 'participant').length;
  return voters > 1 || (!isOn(member, 'standaloneEnabled', release) && voters > 0);
}

/** The id in dataDir/myid, where it can be seen and is one. */
export function idOf({ myid }: MemberConfig): bigint | undefined {
  const line = typeof myid === 'object' ? (myid.text.split(/\r?\n/)[0] ?? '') : '';
  return /^[+-]?\d{1,19}$/.test(line) ? BigInt(line.replace('+', '')) : undefined;
}

/** The server line of the member itself, where its id is known. */
export function ownLine(member: MemberConfig): ServerLine | undefined {
  const id = idOf(member);
  return readableServers(member).find((server) => server.id === id);
}
