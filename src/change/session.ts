import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connect.ts';
import type { Connect } from '../ensemble/client-probe.ts';

/** Long enough that an election does not end it, short enough that a dead zksh does not hold its lock for long. Milliseconds. */
const SESSION_TIMEOUT = 20_000;

/** The session of a change. It outlives restarts and elections; when it has expired all the same, the next call opens another. */
export class ChangeSession {
  readonly #open: () => Promise<Client>;
  #client: Promise<Client> | undefined;

  constructor(servers: string, how: { connect: Connect; options: ConnectOptions; signal: AbortSignal }) {
    const { connect, options, signal } = how;
    this.#open = () => connect(servers, { ...options, readOnly: false, sessionTimeout: SESSION_TIMEOUT, signal });
  }

  /** The session in use. @throws ZkshError as `connect` does */
  client = async (): Promise<Client> => {
    const current = await this.#client?.catch(() => undefined);
    if (current !== undefined && current.state !== 'LOST') return current;
    this.#client = this.#open();
    return this.#client;
  };

  async close(): Promise<void> {
    const current = await this.#client?.catch(() => undefined);
    await current?.close().catch(() => undefined);
  }
}
