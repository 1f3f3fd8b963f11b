import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { WriteLoad } from './write-load.ts';

/** What clients must never see. All of it empty: a change did no harm. */
export interface Harm {
  /** Acknowledged, and not there in the end; or denied, and there. */
  writes: string[];
  /** Read, and older than what the same session had read or written, or than what a sync had brought. */
  reads: string[];
  /** Changes that were read before, or without, the event of the watch that was set for them. */
  watches: string[];
  expired: string[];
  ephemerals: string[];
}

export const NO_HARM: Harm = { writes: [], reads: [], watches: [], expired: [], ephemerals: [] };

/** Milliseconds between two rounds of a session: the machine has others to serve. */
const PAUSE = 50;

/**
 * Sessions as an ensemble has them, for as long as something is done to it: each counts up a znode of its own and reads it
 * back, reads and watches that of its neighbour, holds an ephemeral znode, and creates znodes that must stay.
 *
 * They know every server there may be in the meantime, which is what an operator gives to clients before a membership
 * changes: a client has no other way to learn of new servers.
 */
export class Workload {
  readonly #servers: string;
  readonly #root: string;
  readonly #sessions: Session[];
  readonly #loops: Promise<void>[];

  private constructor(servers: string, root: string, sessions: Session[]) {
    this.#servers = servers;
    this.#root = root;
    this.#sessions = sessions;
    this.#loops = sessions.map((session) => session.run());
  }

  static async start(servers: string, count = 3, root = '/work'): Promise<Workload> {
    const clients = await Promise.all(
      Array.from({ length: count }, () => connect(servers, { sessionTimeout: 20_000 })),
    );
    const [first] = clients;
    await first?.create(root, '');
    await first?.create(`${root}/created`, '');
    const written = clients.map(() => 0);
    const sessions = clients.map((client, i) => new Session(client, root, i, written));
    for (const session of sessions) await session.prepare();
    return new Workload(servers, root, sessions);
  }

  /** Writes that were acknowledged so far. */
  get acknowledged(): number {
    return this.#sessions.reduce((sum, { rounds }) => sum + rounds, 0);
  }

  /** Ends it, and looks with a session of its own at what came of all that was acknowledged. */
  async end(): Promise<Harm> {
    await Promise.all(this.#sessions.map((session) => session.stop()));
    await Promise.all(this.#loops);
    const judge = await connect(this.#servers);
    try {
      await judge.sync(this.#root);
      const found = await Promise.all(this.#sessions.map((session) => session.harm(judge)));
      return {
        writes: found.flatMap(({ writes }) => writes),
        reads: found.flatMap(({ reads }) => reads),
        watches: found.flatMap(({ watches }) => watches),
        expired: found.flatMap(({ expired }) => expired),
        ephemerals: found.flatMap(({ ephemerals }) => ephemerals),
      };
    } finally {
      await Promise.all([judge, ...this.#sessions.map(({ client }) => client)].map((client) => client.close()));
    }
  }
}

class Session {
  readonly client: Client;
  rounds = 0;
  readonly #name: string;
  readonly #root: string;
  readonly #own: number;
  readonly #neighbour: number;
  /** The last number of each session that was acknowledged; shared. */
  readonly #written: number[];
  readonly #load: WriteLoad;
  readonly #reads: string[] = [];
  readonly #watches: string[] = [];
  readonly #seen = new Map<number, number>();
  #tried = 0;
  /** Events of the neighbour's znode so far. */
  #events = 0;
  /** What was read when the watch was set, and how many events there had been when it was asked for. */
  #armed = { at: Number.POSITIVE_INFINITY, events: 0 };
  #stopping = false;

  constructor(client: Client, root: string, own: number, written: number[]) {
    this.client = client;
    this.#root = root;
    this.#own = own;
    this.#written = written;
    this.#neighbour = (own + 1) % written.length;
    this.#name = `session ${own + 1}`;
    this.#load = new WriteLoad(client, `${root}/created`, 1, PAUSE, `s${own}-`);
  }

  async prepare(): Promise<void> {
    await this.client.create(this.#counter(this.#own), '0');
    await this.client.create(this.#ephemeral(), '', { mode: 'ephemeral' });
  }

  async run(): Promise<void> {
    void this.#listen();
    for (let round = 0; !this.#stopping && this.client.state !== 'LOST'; round += 1) {
      try {
        await this.#count();
        await this.#look(round % 5 === 0);
      } catch {
        // The connection was lost. Whether the write happened is not known; what was acknowledged counts.
      }
      await sleep(PAUSE);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#load.stop();
  }

  async harm(judge: Client): Promise<Harm> {
    const writes = await this.#load.contradictions(judge);
    const found = await readNumber(judge, this.#counter(this.#own));
    const acknowledged = this.#written[this.#own] ?? 0;
    if (found < acknowledged || found > this.#tried)
      writes.push(`${this.#name} was told of ${acknowledged}, tried ${this.#tried}, and there is ${found}`);
    const stat = await judge.exists(this.#ephemeral());
    const kept = stat?.ephemeralOwner === this.client.sessionId;
    return {
      writes,
      reads: this.#reads,
      watches: this.#watches,
      expired: this.client.state === 'LOST' ? [this.#name] : [],
      ephemerals: kept ? [] : [`that of ${this.#name} is ${stat === undefined ? 'gone' : 'of another session'}`],
    };
  }

  async #count(): Promise<void> {
    this.#tried += 1;
    const number = this.#tried;
    await this.client.setData(this.#counter(this.#own), `${number}`);
    this.#written[this.#own] = number;
    this.rounds += 1;
    this.#read(this.#own, await readNumber(this.client, this.#counter(this.#own)), number);
  }

  /** Another's number: never older than what this session knows, nor than what was acknowledged before a sync. */
  async #look(sync: boolean): Promise<void> {
    const path = this.#counter(this.#neighbour);
    const least = sync ? (this.#written[this.#neighbour] ?? 0) : 0;
    if (sync) await this.client.sync(path);
    const { events, at } = this.#armed;
    const before = this.#events;
    const number = await readNumber(this.client, path, true);
    this.#read(this.#neighbour, number, least);
    // A server tells of a change before it shows it. #listen must have had its turn.
    await new Promise(setImmediate);
    if (number > at && this.#events === events)
      this.#watches.push(`${this.#name} watched ${path} at ${at}, and read ${number} without having been told`);
    this.#armed = { at: number, events: before };
  }

  #read(whose: number, number: number, least: number): void {
    const known = Math.max(least, this.#seen.get(whose) ?? 0);
    if (number < known) this.#reads.push(`${this.#name} read ${number} of session ${whose + 1} after ${known}`);
    this.#seen.set(whose, Math.max(known, number));
  }

  async #listen(): Promise<void> {
    for await (const event of this.client.events())
      if ('path' in event && event.path === this.#counter(this.#neighbour)) this.#events += 1;
  }

  #counter(whose: number): string {
    return `${this.#root}/count-${whose + 1}`;
  }

  #ephemeral(): string {
    return `${this.#root}/held-${this.#own + 1}`;
  }
}

async function readNumber(client: Client, path: string, watch = false): Promise<number> {
  return Number((await client.getData(path, { watch })).data?.toString('utf8'));
}
