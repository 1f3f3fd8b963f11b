import { formatHostPort } from '../../client/connect-string.ts';
import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { MemberObservation } from '../../ensemble/observe-member.ts';
import { type ConfigFile, readConfigFile } from '../member.ts';
import type { Parameter } from '../parameters/parameter.ts';
import { NEWEST, parseRelease, type Release } from '../parameters/release.ts';
import { defaultOf, findParameter, knownTo, PARAMETERS } from '../parameters/table.ts';
import { readInteger } from '../value.ts';
import { type ConfigAnswers, configAnswers } from './answers.ts';

/**
 * Where a value comes from. `default`: the server takes its default, and nothing that can be seen sets another; `file`:
 * its zoo.cfg as it was at the start; `dynamic`: the membership; `property`: a system property, which is a -D flag or a
 * line of zoo.cfg that the server made one of; `reported`: it is in force, and nobody tells what set it; `unknown`: it
 * is not told.
 */
export type Origin = 'default' | 'file' | 'dynamic' | 'property' | 'reported' | 'unknown';

/** A parameter of one member as it is in force. */
export interface EffectiveParameter {
  readonly key: string;
  /** Undefined for a name that no release knows. */
  readonly parameter: Parameter | undefined;
  /** Undefined where it is not told, or where nothing is set and there is no default. */
  readonly value: string | undefined;
  readonly origin: Origin;
  /** Who told it: `admin:COMMAND`, `4lw:WORD`, `client`; undefined for `default` and `unknown`. */
  readonly source: string | undefined;
  readonly note: string | undefined;
  /** A value that stands in zoo.cfg, where it does nothing. */
  readonly idle?: string | undefined;
}

/** The configuration of one member as far as it tells it. */
export interface EffectiveConfig {
  readonly id: bigint | undefined;
  readonly host: string;
  /** `member 2 (zk2:2181)`: stands where a file has its path. */
  readonly name: string;
  readonly release: Release;
  /** Undefined when nobody told it; the newest is meant then. */
  readonly version: string | undefined;
  readonly role: string | undefined;
  readonly parameters: ReadonlyMap<string, EffectiveParameter>;
  readonly answers: ConfigAnswers;
  /** Its zoo.cfg as it was at the start, where it shows it. */
  readonly file: ConfigFile | undefined;
  /** What its JVM was started with, where that tells the path of zoo.cfg. */
  readonly configPath: string | undefined;
  readonly observation: MemberObservation;
}

/** System properties of the launcher and of the logging, which no server reads. */
const NOT_THE_SERVERS =
  /^(?:log\.|logger\.|root\.logger$|console\.threshold$|tracelog\.|auditlog\.|jmx\.(?!log4j)|disableAutoWatchReset$)/;

/** Works out the configuration in force of one member. */
export function effectiveConfig(observation: MemberObservation, committed: DynamicConfig | undefined): EffectiveConfig {
  const answers = configAnswers(observation, committed);
  const version = observation.facts.version?.value;
  const release = parseRelease(version ?? '') ?? NEWEST;
  const host = observation.address === undefined ? observation.member.name : formatHostPort(observation.address);
  const { id } = observation.member;
  const name = id === undefined ? host : `member ${id} (${host})`;
  // Java decodes the file as text; the characters it was made of are what counts here.
  const file =
    answers.fileText === undefined
      ? undefined
      : readConfigFile(name, Buffer.from(answers.fileText, 'utf8').toString('latin1'));
  const seen: Seen = { answers, release, lines: file && linesOf(file), own: ownLine(answers) };
  const known = PARAMETERS.filter((parameter) => knownTo(parameter, release)).map((one) => inForce(one, seen));
  const all = [...known, ...others(seen), ...membership(seen)];
  return {
    id,
    host,
    name,
    release,
    version,
    role: observation.facts.role?.value,
    parameters: new Map(all.map((one) => [one.key, one])),
    answers,
    file,
    configPath: /QuorumPeerMain (\S.*)$/.exec(answers.properties?.get('sun.java.command') ?? '')?.[1],
    observation,
  };
}

interface Seen {
  readonly answers: ConfigAnswers;
  readonly release: Release;
  /** What zoo.cfg said at the start; undefined where it is not shown. */
  readonly lines: ReadonlyMap<string, string> | undefined;
  /** What the member's own server line says, by the names of zoo.cfg. */
  readonly own: ReadonlyMap<string, string>;
}

function inForce(parameter: Parameter, seen: Seen): EffectiveParameter {
  if (parameter.readBy === 'config') return ofConfig(parameter, seen);
  if (parameter.readBy === 'passed') return ofPassed(parameter, seen);
  return ofProperty(parameter, seen);
}

/** A key of QuorumPeerConfig: what the server reports is in force, whatever the file says. */
function ofConfig(parameter: Parameter, seen: Seen): EffectiveParameter {
  const { answers, lines, own } = seen;
  const key = parameter.name;
  const line = lines?.get(key);
  const told = answers.reported.get(key);
  const usual = usualOf(parameter, seen);
  const row = rowOf(parameter, parameter.name);
  if (told === undefined) {
    if (own.has(key)) return row(own.get(key), 'dynamic', answers.membership?.source);
    if (lines === undefined) return row(undefined, 'unknown', undefined, unseenNote(key));
    return line === undefined
      ? row(usual.value, 'default', undefined, usual.note)
      : row(line, 'file', 'admin:initial_configuration');
  }
  if (/ClientPort$|^clientPort$/.test(key) && told.value === '-1') return row(undefined, 'default', undefined);
  if (line !== undefined && (same(parameter, line, told.value) || line === '-1')) {
    return row(told.value, 'file', told.source, line === '-1' ? usual.note : undefined);
  }
  if (line !== undefined) return row(told.value, 'reported', told.source, `zoo.cfg said ${line} at the start`);
  if (same(parameter, own.get(key), told.value)) return row(told.value, 'dynamic', told.source);
  if (same(parameter, usual.value, told.value)) return row(told.value, 'default', told.source, usual.note);
  return row(told.value, 'reported', told.source);
}

/** A key that the server turns into the system property `zookeeper.KEY`; its line of zoo.cfg beats a -D flag. */
function ofPassed(parameter: Parameter, { answers, lines, release }: Seen): EffectiveParameter {
  const row = rowOf(parameter, parameter.name);
  const line = lines?.get(parameter.name);
  if (line !== undefined) return row(line, 'file', 'admin:initial_configuration');
  if (answers.properties === undefined) return row(undefined, 'unknown', undefined, unseenProperty(release));
  const value = answers.properties.get(parameter.property ?? '');
  if (value === undefined) return row(defaultOf(parameter, release), 'default', undefined);
  return row(value.trim(), 'property', 'admin:system_properties');
}

/** A system property that no line of zoo.cfg can set. */
function ofProperty(parameter: Parameter, { answers, lines, release }: Seen): EffectiveParameter {
  const row = rowOf(parameter, parameter.name);
  if (answers.properties === undefined) return row(undefined, 'unknown', undefined, unseenProperty(release));
  const value = answers.properties.get(parameter.property ?? '');
  const idle = lines?.get(parameter.name) ?? answers.properties.get(`zookeeper.${parameter.name}`);
  const note = idle === undefined ? undefined : `${idle} in zoo.cfg does nothing`;
  if (value === undefined) return { ...row(defaultOf(parameter, release), 'default', undefined, note), idle };
  return { ...row(value.trim(), 'property', 'admin:system_properties', note), idle };
}

/** Names that are in no table: families such as authProvider.1, and what no release knows. */
function others({ answers, lines }: Seen): EffectiveParameter[] {
  const fromLines = [...(lines ?? [])].map(([key, value]): [string, string, Origin, string] => [
    key,
    value,
    'file',
    'admin:initial_configuration',
  ]);
  const fromProperties = [...(answers.properties ?? [])].flatMap(
    ([property, value]): [string, string, Origin, string][] => {
      const key = property.startsWith('zookeeper.') ? property.slice('zookeeper.'.length) : undefined;
      if (key === undefined || lines?.has(key) === true || NOT_THE_SERVERS.test(key)) return [];
      return [[key, value, 'property', 'admin:system_properties']];
    },
  );
  return [...fromProperties, ...fromLines].flatMap(([key, value, origin, source]) => {
    const parameter = findParameter(key);
    if (PARAMETERS.some(({ name }) => name === key) || parameter?.change === 'reconfig') return [];
    const note = parameter === undefined ? 'no server knows it' : undefined;
    return [rowOf(parameter, key)(value.trim(), origin, source, note)];
  });
}

/** The lines of the membership, each a parameter. */
function membership({ answers, lines }: Seen): EffectiveParameter[] {
  const { membership: told } = answers;
  const text = told === undefined ? '' : formatDynamicConfig(told.config);
  const dynamic = [...linesOf(readConfigFile('', text))].filter(([key]) => key !== 'version');
  if (dynamic.length > 0) {
    return dynamic.map(([key, value]) => rowOf(findParameter(key), key)(value, 'dynamic', told?.source));
  }
  return [...(lines ?? [])]
    .filter(([key]) => findParameter(key)?.change === 'reconfig')
    .map(([key, value]) => rowOf(findParameter(key), key)(value, 'file', 'admin:initial_configuration'));
}

/** What is in force where nothing is set: the default, or what the server works out of others. */
function usualOf(
  parameter: Parameter,
  { answers, lines, release }: Seen,
): { value: string | undefined; note?: string } {
  const ticks = { minSessionTimeout: 2, maxSessionTimeout: 20 }[parameter.name];
  if (ticks !== undefined) {
    const tick = Number(answers.reported.get('tickTime')?.value ?? lines?.get('tickTime') ?? '3000');
    return { value: `${ticks * tick}`, note: `${ticks} × tickTime` };
  }
  if (parameter.name === 'dataLogDir') {
    return { value: answers.reported.get('dataDir')?.value ?? lines?.get('dataDir'), note: 'as dataDir' };
  }
  return { value: defaultOf(parameter, release) };
}

function ownLine({ membership: told, serverId }: ConfigAnswers): ReadonlyMap<string, string> {
  const line = told?.config.servers.find(({ id }) => id === serverId);
  if (line === undefined) return new Map();
  const { client, role } = line;
  return new Map([
    ['peerType', role],
    ...(client === undefined ? [] : ([['clientPort', `${client.port}`]] as const)),
    ...(client?.host === undefined ? [] : ([['clientPortAddress', client.host]] as const)),
  ]);
}

function rowOf(parameter: Parameter | undefined, key: string) {
  return (value: string | undefined, origin: Origin, source?: string, note?: string): EffectiveParameter => ({
    key,
    parameter,
    value,
    origin,
    source,
    note,
  });
}

function linesOf({ settings }: ConfigFile): ReadonlyMap<string, string> {
  return new Map(settings.map(({ key, value }) => [key, value]));
}

/** Whether two values come to the same for a server. */
function same(parameter: Parameter, a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [one, other] = [readInteger(parameter, a), readInteger(parameter, b)];
  if (one !== undefined && other !== undefined) return one === other;
  const plain = (text: string): string => text.toLowerCase().replace(/(.)\/+$/, '$1');
  return plain(a) === plain(b);
}

function unseenNote(key: string): string {
  return findParameter(key)?.change === 'reconfig'
    ? 'the membership was not told'
    : 'a member of an ensemble does not tell it; see its zoo.cfg';
}

function unseenProperty([, minor]: Release): string {
  return minor < 6 ? 'no server before 3.6 tells its system properties' : 'only the AdminServer tells it';
}
