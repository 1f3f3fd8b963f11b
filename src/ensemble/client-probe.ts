import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connect.ts';
import { formatHostPort, type HostPort } from '../client/connect-string.ts';
import { readConfig } from './committed-config.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import type { ClientAnswer } from './facts.ts';

/** Opens sessions: the client library's `connect`. */
export type Connect = (servers: string, options: ConnectOptions) => Promise<Client>;

/** Short, so that the session of a look that was cut off is gone soon. */
const SESSION_TIMEOUT = 4000;

/**
 * What a session with one server tells, whatever its administrative interfaces keep to themselves: whether it serves, reads
 * only or not, the last transaction, the committed configuration. The session is a transaction of the ensemble.
 *
 * @param timeout milliseconds in all
 * @throws ZkshError as `connect` does
 */
export async function probeByClient(
  server: HostPort,
  how: { connect: Connect; options: ConnectOptions; timeout: number; signal: AbortSignal | undefined },
): Promise<ClientAnswer> {
  const { connect, options, timeout, signal } = how;
  const client = await connect(formatHostPort(server), {
    ...options,
    readOnly: true,
    sessionTimeout: SESSION_TIMEOUT,
    connectTimeout: timeout,
    requestTimeout: timeout,
    signal,
  });
  try {
    // A read that everybody may do, for its reply's zxid.
    await client.exists('/', { signal });
    const config = await committedConfig(client, signal);
    return {
      readOnly: client.state === 'READ_ONLY',
      lastZxid: client.lastZxid,
      serverId: BigInt.asUintN(64, client.sessionId) >> 56n,
      config,
    };
  } finally {
    await client.close({ timeout: Math.min(timeout, 1000) }).catch(() => undefined);
  }
}

/** Undefined on a standalone server, on 3.4, and where its ACL hides it. */
async function committedConfig(client: Client, signal: AbortSignal | undefined): Promise<DynamicConfig | undefined> {
  try {
    const { config } = await readConfig(client, { signal });
    return config.servers.length === 0 ? undefined : config;
  } catch {
    return undefined;
  }
}
