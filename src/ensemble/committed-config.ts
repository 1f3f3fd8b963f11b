import type { Client } from '../client/client.ts';
import { formatHostPort } from '../client/connect-string.ts';
import type { CallOptions } from '../client/request.ts';
import type { Stat } from '../protocol/records.ts';
import { type DynamicConfig, parseDynamicConfig } from './dynamic-config.ts';
import { isWildcard } from './places.ts';
import type { ServerLine } from './server-line.ts';

/** The membership the ensemble has agreed on, as `/zookeeper/config` holds it. */
export interface CommittedConfig {
  /** What the server gave, byte for byte; empty on a standalone server. */
  data: Buffer;
  /** Read from the data. @throws UsageError `BAD_DYNAMIC_CONFIG` for lines this zksh does not know */
  readonly config: DynamicConfig;
  stat: Stat;
}

/** Reads `/zookeeper/config` as the server in use has it. */
export async function readConfig(
  client: Client,
  options: CallOptions & { watch?: boolean } = {},
): Promise<CommittedConfig> {
  return committed(await client.getConfig(options));
}

/** As `readConfig`, but after the server has caught up: what a change is based on must not be an old version. */
export async function readCommittedConfig(client: Client, options: CallOptions = {}): Promise<CommittedConfig> {
  await client.sync('/', options);
  return readConfig(client, options);
}

/** What getConfig or reconfig answered. */
export function committed({ data, stat }: { data: Buffer | null; stat: Stat }): CommittedConfig {
  const bytes = data ?? Buffer.alloc(0);
  return {
    data: bytes,
    stat,
    get config() {
      return parseDynamicConfig(bytes.toString('utf8'));
    },
  };
}

/**
 * Where clients reach the members, `host:port` joined by commas. A member that listens on every address (0.0.0.0) is
 * named by the host the other members know it by, since nobody can connect to 0.0.0.0; one without a client port is left out.
 */
export function clientConnectString({ servers }: DynamicConfig): string {
  return servers.flatMap(clientAddressOf).join(',');
}

function clientAddressOf(server: ServerLine): string[] {
  const { client, addresses } = server;
  if (client === undefined) return [];
  const host = isWildcard(client.host) ? (addresses[0]?.host ?? '') : (client.host ?? '');
  return [formatHostPort({ host, port: client.port })];
}

/** A configuration in JSON: a contract. `versionHex` is what `reconfig -v` takes. */
export function configJson(config: DynamicConfig): object {
  const { version, servers, groups, weights } = config;
  return {
    version,
    versionHex: version?.toString(16),
    connectString: clientConnectString(config),
    servers,
    ...(groups.size === 0 ? {} : { groups, weights }),
  };
}
