import type { Client } from '../../client/client.ts';
import type { ConnectOptions } from '../../client/connect.ts';
import { formatHostPort, type HostPort } from '../../client/connect-string.ts';
import type { Connect } from '../../ensemble/client-probe.ts';

/** What sessions of the canary have in common. */
export interface CanarySpec {
  connect: Connect;
  options: ConnectOptions;
  /** Client addresses of the members: each session prefers another one, and moves on as any client does. */
  servers: readonly HostPort[];
  /** Below which znode their own are. */
  parent: string;
  /** Milliseconds from one write of a session to its next. */
  interval: number;
  /** How long it beats before and after, to have something to compare with. Milliseconds. */
  beside: number;
  now(): number;
  random(): number;
}

/** As long as clients commonly have; milliseconds. */
const SESSION_TIMEOUT = 15_000;

/** One session of the canary with its ephemeral znode: it writes, reads back and watches. */
export class CanarySession {
  readonly #spec: CanarySpec;
  readonly #path: string;
  readonly #prefer: HostPort | undefined;
  readonly #stop: AbortSignal;
  #client: Client | undefined;
  #counter = 0;
  #armed = false;
  #fired = false;
  /** Sessions that expired. */
  lost = 0;
  /** What clients must never see: a read without the write before it, a watch that did not fire. */
  readonly wrong: string[] = [];

  constructor(spec: CanarySpec, name: string, index: number, stop: AbortSignal) {
    this.#spec = spec;
    this.#path = `${spec.parent === '/' ? '' : spec.parent}/${name}`;
    this.#prefer = spec.servers[index];
    this.#stop = stop;
  }

  async open(): Promise<void> {
    const { connect, options, servers } = this.#spec;
    const prefer = this.#prefer && formatHostPort(this.#prefer);
    const client = await connect(servers.map(formatHostPort).join(','), {
      ...options,
      prefer,
      sessionTimeout: SESSION_TIMEOUT,
      signal: this.#stop,
    });
    this.#client = client;
    await client.create(this.#path, '0', { mode: 'ephemeral', signal: this.#stop });
    this.#armed = false;
    void this.#listen(client);
  }

  /** One write, read back, with a watch that the next write must fire. Returns whether the write was acknowledged. */
  async beat(): Promise<boolean> {
    const client = this.#client;
    if (client === undefined) return false;
    this.#counter += 1;
    const text = `${this.#counter}`;
    try {
      await client.setData(this.#path, text, { signal: this.#stop });
      const { data } = await client.getData(this.#path, { watch: true, signal: this.#stop });
      const read = data?.toString('utf8');
      if (read !== text) this.wrong.push(`wrote ${text}, read ${read}`);
      // A server tells of a change before it shows it.
      if (this.#armed && !this.#fired) this.wrong.push(`the watch set before write ${text} did not fire`);
      [this.#armed, this.#fired] = [true, false];
      return true;
    } catch {
      // A watch lives on over a lost connection; whether this write happened is not known, so what it fires is not judged.
      this.#armed = false;
      if (client.state === 'LOST' && !this.#stop.aborted) await this.#renew();
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#client?.close().catch(() => undefined);
  }

  /** An expired session has lost its znode: it is counted, and a new one opened, as a client would. */
  async #renew(): Promise<void> {
    this.lost += 1;
    await this.open().catch(() => undefined);
  }

  async #listen(client: Client): Promise<void> {
    for await (const event of client.events({ signal: this.#stop })) {
      if ('path' in event && event.path === this.#path && event.type === 'NodeDataChanged') this.#fired = true;
    }
  }
}
