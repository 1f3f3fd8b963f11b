import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connect.ts';
import { formatHostPort, parseConnectString } from '../client/connect-string.ts';
import { ZkshError } from '../protocol/errors.ts';

/** How one server of a connection string answered. */
export interface ServerTest {
  server: string;
  ok: boolean;
  /** `CONNECTED`, `READ_ONLY`; undefined when there was no session. */
  state: string | undefined;
  /** Milliseconds from the first packet to an answered read. */
  elapsed: number | undefined;
  /** What the session timeout came to, in milliseconds. */
  sessionTimeout: number | undefined;
  /** Code and message of what went wrong. */
  code: string | undefined;
  problem: string | undefined;
}

/** What trying the servers needs of its surroundings. */
export interface TestTools {
  connect(servers: string, options: ConnectOptions): Promise<Client>;
  signal: AbortSignal;
  /** How long each server may take, in milliseconds. */
  limit: number;
  now(): number;
}

/** Opens a session with each server of the string alone, all at once, and reads the root in it. */
export function testServers(servers: string, options: ConnectOptions, tools: TestTools): Promise<ServerTest[]> {
  const { hosts, chroot } = parseConnectString(servers);
  return Promise.all(hosts.map((host) => testServer(formatHostPort(host), chroot, options, tools)));
}

async function testServer(
  server: string,
  chroot: string,
  options: ConnectOptions,
  tools: TestTools,
): Promise<ServerTest> {
  const { connect, signal, limit, now } = tools;
  const start = now();
  let client: Client | undefined;
  try {
    client = await connect(`${server}${chroot === '/' ? '' : chroot}`, {
      ...options,
      connectTimeout: limit,
      readOnly: true,
      signal,
    });
    await client.exists('/', { signal, timeout: Math.max(1, limit - (now() - start)) });
    const { state, negotiatedTimeout } = client;
    const elapsed = now() - start;
    return { server, ok: true, state, elapsed, sessionTimeout: negotiatedTimeout, code: undefined, problem: undefined };
  } catch (error) {
    if (signal.aborted) throw error;
    const code = error instanceof ZkshError ? error.code : 'BUG';
    const problem = error instanceof Error ? error.message : String(error);
    return { server, ok: false, state: undefined, elapsed: undefined, sessionTimeout: undefined, code, problem };
  } finally {
    await client?.close().catch(() => {});
  }
}
