import type { DynamicConfig } from './dynamic-config.ts';
import { parseDynamicConfig } from './dynamic-config.ts';
import { fieldsOf, whole } from './fields.ts';
import { type Metrics, metricNumber } from './metrics.ts';
import type { ServerStatus } from './server-status.ts';

/** Who told something. `admin:` is a command of the AdminServer, `4lw:` a four-letter word, `client` a session. */
type Source =
  | 'admin:monitor'
  | 'admin:server_stats'
  | 'admin:configuration'
  | '4lw:mntr'
  | '4lw:srvr'
  | '4lw:conf'
  | 'client';

/** Something known of a member, and from whom. */
export interface Fact<T> {
  value: T;
  source: Source;
}

/** What a member is at present; `serving` where only a session could tell, and not which role it has. */
export type Role = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only' | 'serving' | 'not serving';

/** What a session alone brought. */
export interface ClientAnswer {
  readOnly: boolean;
  lastZxid: bigint;
  /** The id of the server that made the session: its lowest 8 bits, all that a session id holds. */
  serverId: bigint;
  config: DynamicConfig | undefined;
}

/** What each source answered; absent where it did not. */
export interface Answers {
  monitor?: Metrics | undefined;
  serverStats?: Readonly<Record<string, unknown>> | undefined;
  configuration?: Readonly<Record<string, unknown>> | undefined;
  mntr?: Metrics | undefined;
  srvr?: ServerStatus | undefined;
  conf?: ReadonlyMap<string, string> | undefined;
  client?: ClientAnswer | undefined;
  /** Who said that the server is up and does not serve. */
  notServing?: Source | undefined;
}

const ROLES: readonly string[] = ['leader', 'follower', 'observer', 'standalone', 'read-only'];

/** Everything known of a member. Sizes are bytes, latencies and uptime milliseconds. */
export type Facts = ReturnType<typeof factsOf>;

/** Takes each fact from the first source that has it. */
export function factsOf(answers: Answers) {
  const { monitor, mntr, srvr, serverStats, client } = answers;
  const stats = fieldsOf(serverStats?.server_stats);
  const metric = (name: string) =>
    first(['admin:monitor', metricNumber(monitor, name)], ['4lw:mntr', metricNumber(mntr, name)]);
  const counted = (name: string, ofStats: string, ofSrvr: number | undefined) =>
    metric(name) ?? first(['admin:server_stats', number(stats[ofStats])], ['4lw:srvr', ofSrvr]);
  return {
    role: roleOf(answers),
    serverId: serverIdOf(answers),
    version: first<string>(
      ['admin:monitor', version(monitor?.get('version'))],
      ['admin:server_stats', version(serverStats?.version)],
      ['4lw:mntr', version(mntr?.get('version'))],
      ['4lw:srvr', srvr?.version],
    ),
    zxid: first<bigint>(
      ['4lw:srvr', srvr?.zxid],
      ['admin:server_stats', whole(stats.last_processed_zxid)],
      ['client', client?.lastZxid],
    ),
    connections: counted('num_alive_connections', 'num_alive_client_connections', srvr?.connections),
    outstanding: counted('outstanding_requests', 'outstanding_requests', srvr?.outstanding),
    received: counted('packets_received', 'packets_received', count(srvr?.received)),
    sent: counted('packets_sent', 'packets_sent', count(srvr?.sent)),
    latencyMin: counted('min_latency', 'min_latency', srvr?.latency?.min),
    latencyAvg: counted('avg_latency', 'avg_latency', srvr?.latency?.avg),
    latencyMax: counted('max_latency', 'max_latency', srvr?.latency?.max),
    latencyP99: larger(metric('p99_readlatency'), metric('p99_updatelatency')),
    znodes:
      metric('znode_count') ??
      first(['admin:server_stats', number(serverStats?.node_count)], ['4lw:srvr', srvr?.nodeCount]),
    dataSize: metric('approximate_data_size'),
    uptime: metric('uptime') ?? first(['admin:server_stats', number(stats.uptime)]),
    watches: metric('watch_count'),
    ephemerals: metric('ephemerals_count'),
    sessions: metric('global_sessions'),
    openFiles: metric('open_file_descriptor_count'),
    maxFiles: metric('max_file_descriptor_count'),
    syncedFollowers: metric('synced_followers'),
    pendingSyncs: metric('pending_syncs'),
  };
}

/** The membership a server told without a session: `conf`, from 3.5 on. */
export function configOfConf(text: string): DynamicConfig | undefined {
  const lines = text.split('\n').filter((line) => /^(server|group|weight)\.\d+=|^version=/.test(line));
  if (lines.length === 0) return undefined;
  try {
    return parseDynamicConfig(lines.join('\n'));
  } catch {
    return undefined;
  }
}

function roleOf({ monitor, mntr, srvr, serverStats, client, notServing }: Answers): Fact<Role> | undefined {
  const { server_state: state } = fieldsOf(serverStats?.server_stats);
  const served = first<Role>(
    // Asked of the server that serves clients, and known to every release.
    ['4lw:srvr', role(srvr?.mode)],
    ['admin:server_stats', serverStats?.read_only === true ? 'read-only' : role(state)],
    ['admin:monitor', role(monitor?.get('server_state'))],
    ['4lw:mntr', role(mntr?.get('server_state'))],
    ['client', client && (client.readOnly ? 'read-only' : 'serving')],
  );
  return served ?? first<Role>([notServing ?? 'client', notServing && 'not serving']);
}

function serverIdOf({ configuration, conf, client }: Answers): Fact<bigint> | undefined {
  return first(
    ['admin:configuration', whole(configuration?.server_id)],
    ['4lw:conf', whole(conf?.get('serverId'))],
    ['client', client?.serverId],
  );
}

function first<T>(...candidates: [Source, T | undefined][]): Fact<T> | undefined {
  for (const [source, value] of candidates) if (value !== undefined) return { value, source };
  return undefined;
}

function larger(a: Fact<number> | undefined, b: Fact<number> | undefined): Fact<number> | undefined {
  return a !== undefined && b !== undefined && b.value < a.value ? a : (b ?? a);
}

function role(value: unknown): Role | undefined {
  return typeof value === 'string' && ROLES.includes(value) ? (value as Role) : undefined;
}

function version(value: unknown): string | undefined {
  // Debian's build leaves 3.8.0-${mvngit.commit.id} in it.
  return typeof value === 'string' ? /^\d+\.\d+(?:\.\d+)?/.exec(value)?.[0] : undefined;
}

function number(value: unknown): number | undefined {
  const asNumber = typeof value === 'bigint' ? Number(value) : value;
  return typeof asNumber === 'number' && Number.isFinite(asNumber) ? asNumber : undefined;
}

function count(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
