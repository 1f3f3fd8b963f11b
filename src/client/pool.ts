import { UsageError } from '../protocol/errors.ts';
import type { Client } from './client.ts';
import { type ConnectOptions, connect, open } from './connect.ts';
import { formatHostPort, type HostPort, parseConnectString } from './connect-string.ts';

/** How the sessions of a pool are to be: all alike. */
export interface PoolOptions extends ConnectOptions {
  /** Sessions to hold; as many as servers are named, by default. */
  size?: number | undefined;
}

/**
 * Several sessions, begun on different members: reads are dealt over those connected, writes go through one, so that
 * they keep their order. Each session has its own ephemerals and watches.
 */
export class Pool {
  readonly #clients: Client[];
  readonly #replace: (place: number) => Promise<Client>;
  #next = 0;
  #closed = false;

  /**
   * Use {@link connectPool}.
   *
   * @param replace opens the session that takes a lost one's place
   */
  constructor(clients: readonly Client[], replace: (place: number) => Promise<Client>) {
    this.#clients = [...clients];
    this.#replace = replace;
    for (const place of clients.keys()) this.#keep(place);
  }

  /** Every session; one that expires is replaced by a new one, without its ephemerals and watches. */
  get clients(): readonly Client[] {
    return this.#clients;
  }

  /** The session writes go through: the first that is not over. */
  get writer(): Client {
    const writer = this.#clients.find(({ state }) => state !== 'LOST') ?? this.#clients[0];
    if (writer === undefined) throw new UsageError('the pool has no sessions');
    return writer;
  }

  /** The next session for a read, round robin over those connected. */
  get reader(): Client {
    const ofQuorum = this.#clients.filter(({ state }) => state === 'CONNECTED');
    const connected = ofQuorum.length > 0 ? ofQuorum : this.#clients.filter(({ state }) => state === 'READ_ONLY');
    return connected[this.#next++ % connected.length] ?? this.writer;
  }

  /**
   * Reads on the next member.
   *
   * @param options `sync` brings that member up to the leader first, so that the read sees the pool's own writes, and
   *   everybody's that were acknowledged before
   */
  async read<T>(work: (client: Client) => Promise<T>, options: { sync?: boolean } = {}): Promise<T> {
    const client = this.reader;
    if (options.sync) await client.sync('/');
    return work(client);
  }

  /** Runs `work` on the session that all writes go through. */
  write<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return work(this.writer);
  }

  /** Ends every session. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #keep(place: number): void {
    const client = this.#clients[place];
    client?.onState(({ state }) => {
      if (state !== 'LOST' || this.#closed) return;
      // The new session connects in its own time; what it is asked meanwhile waits for it.
      this.#replace(place).then(
        (fresh) => {
          if (this.#closed) return fresh.close();
          this.#clients[place] = fresh;
          this.#keep(place);
          return undefined;
        },
        () => {},
      );
    });
  }
}

/**
 * Opens a {@link Pool}: all its sessions, or none.
 *
 * @throws what {@link connect} throws
 */
export async function connectPool(servers: string, options: PoolOptions = {}): Promise<Pool> {
  const { hosts } = parseConnectString(servers);
  const { size = hosts.length, ...rest } = options;
  if (!Number.isInteger(size) || size < 1) throw new UsageError(`a pool has 1 or more sessions, not ${size}`);
  const places = Array.from({ length: size }, (_, i) => hosts[i % hosts.length]);
  const opened = await Promise.allSettled(places.map((host) => connect(servers, { ...rest, prefer: preferred(host) })));
  const clients = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed === undefined) {
    return new Pool(clients, (place) => open(servers, { ...rest, prefer: preferred(places[place]) }));
  }
  await Promise.all(clients.map((client) => client.close()));
  throw failed.reason;
}

function preferred(host: HostPort | undefined): string | undefined {
  return host && formatHostPort(host);
}
