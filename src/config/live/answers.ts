import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { Wishes } from '../../ensemble/further.ts';
import { maxHeapOf } from '../../ensemble/heap.ts';
import type { MemberObservation } from '../../ensemble/observe-member.ts';

/** What is asked of a member for its configuration. `initial_configuration` and `system_properties` came with 3.6. */
export const CONFIG_WISHES: Wishes = {
  words: ['conf', 'envi'],
  admin: ['configuration', 'initial_configuration', 'system_properties', 'environment'],
};

/** A value and who told it: `admin:COMMAND` or `4lw:WORD`. */
interface Told {
  readonly value: string;
  readonly source: string;
}

/** What a member answered about its configuration; undefined where it did not. */
export interface ConfigAnswers {
  /** What it has in force, by the names of zoo.cfg. */
  readonly reported: ReadonlyMap<string, Told>;
  /** Its zoo.cfg as it was when the server started: a standalone server from 3.6 on shows it. */
  readonly fileText: string | undefined;
  /** The system properties of its JVM; lines of zoo.cfg that QuorumPeerConfig does not know are among them. */
  readonly properties: ReadonlyMap<string, string> | undefined;
  /** The membership it has in force, and who told it. */
  readonly membership: { readonly config: DynamicConfig; readonly source: string } | undefined;
  readonly serverId: bigint | undefined;
  /** Bytes the JVM may use for its heap; about -Xmx, less what some garbage collectors keep for themselves. */
  readonly heap: number | undefined;
}

/** The fields of `configuration`, by the names of zoo.cfg. */
const FIELDS: Readonly<Record<string, string>> = {
  client_port: 'clientPort',
  data_dir: 'dataDir',
  data_log_dir: 'dataLogDir',
  tick_time: 'tickTime',
  max_client_cnxns: 'maxClientCnxns',
  min_session_timeout: 'minSessionTimeout',
  max_session_timeout: 'maxSessionTimeout',
  client_port_listen_backlog: 'clientPortListenBacklog',
};
/** The lines of `conf` that are parameters; the others are sizes, the id and ports of the membership. */
const LINES: readonly string[] = [
  ...Object.values(FIELDS),
  'secureClientPort',
  'initLimit',
  'syncLimit',
  'electionAlg',
  'peerType',
];
const NUMBERS: readonly string[] = LINES.filter((key) => key !== 'dataDir' && key !== 'dataLogDir');
/** A server of 3.9 has about 70; no more than this is believed. */
const MAX_PROPERTIES = 10_000;
const MAX_FILE = 1024 * 1024;

/** Reads what a member answered to {@link CONFIG_WISHES}; what makes no sense is passed over. */
export function configAnswers(observation: MemberObservation, committed: DynamicConfig | undefined): ConfigAnswers {
  const { words, admin } = observation.further;
  const conf = linesOf(words.get('conf') ?? '');
  const configuration = admin.get('configuration') ?? {};
  const text = admin.get('initial_configuration')?.initial_configuration;
  return {
    reported: reportedBy(configuration, conf),
    fileText: typeof text === 'string' && text.length <= MAX_FILE ? text : undefined,
    properties: propertiesOf(admin.get('system_properties')),
    membership: membershipIn(observation, committed),
    serverId: observation.facts.serverId?.value ?? observation.member.id,
    heap: maxHeapOf(observation.further)?.value,
  };
}

function reportedBy(
  configuration: Readonly<Record<string, unknown>>,
  conf: ReadonlyMap<string, string>,
): ReadonlyMap<string, Told> {
  const found = new Map<string, Told>();
  for (const key of LINES) {
    const field = Object.keys(FIELDS).find((name) => FIELDS[name] === key);
    const told: [unknown, string][] = [
      [field === undefined ? undefined : configuration[field], 'admin:configuration'],
      [conf.get(key), '4lw:conf'],
    ];
    for (const [raw, source] of told) {
      const value = typeof raw === 'number' || typeof raw === 'bigint' ? `${raw}` : raw;
      if (found.has(key) || typeof value !== 'string' || !makesSense(key, value)) continue;
      found.set(key, { value: spelled(key, value), source });
    }
  }
  return found;
}

function makesSense(key: string, value: string): boolean {
  if (!NUMBERS.includes(key)) return value !== '';
  // Without a factory of connections, as while it does not serve, a server reports -1 for what it allows.
  return /^-?\d{1,10}$/.test(value) && !(key === 'maxClientCnxns' && value.startsWith('-'));
}

/** As zoo.cfg spells it: a server tells the directory below dataDir, and the ordinal of LearnerType. */
function spelled(key: string, value: string): string {
  if (key === 'dataDir' || key === 'dataLogDir') return value.replace(/(.)[/\\]version-2$/, '$1');
  if (key === 'peerType') return value === '1' ? 'observer' : 'participant';
  return value;
}

function propertiesOf(fields: Readonly<Record<string, unknown>> | undefined): ReadonlyMap<string, string> | undefined {
  const pairs = Object.entries(fields ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return pairs.length === 0 ? undefined : new Map(pairs.slice(0, MAX_PROPERTIES));
}

/** Its own word first; a member in quorum has what the ensemble has committed. */
function membershipIn(
  { config, facts, further }: MemberObservation,
  committed: DynamicConfig | undefined,
): ConfigAnswers['membership'] {
  if (config !== undefined) return { config, source: further.words.has('conf') ? '4lw:conf' : 'client' };
  const inQuorum = ['leader', 'follower', 'observer', 'serving'].includes(facts.role?.value ?? '');
  return committed !== undefined && inQuorum ? { config: committed, source: 'client' } : undefined;
}

function linesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/^([A-Za-z][\w.]*)=(.*)$/gm)].map(([, key = '', value = '']): [string, string] => [
      key,
      value.trim(),
    ]),
  );
}
