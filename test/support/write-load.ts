import type { Client } from '../../src/client/client.ts';
import { Errno, isServerError } from '../../src/protocol/server-errors.ts';

interface Failure {
  path: string;
  error: Error & { outcome?: string; code?: string };
}

/**
 * Writers that create one znode after another, each with a name of its own, and remember what they were told: what was
 * acknowledged must be there in the end, and what failed with outcome `none` must not.
 */
export class WriteLoad {
  readonly acknowledged: string[] = [];
  readonly failures: Failure[] = [];
  readonly #client: Client;
  readonly #parent: string;
  readonly #pause: number;
  readonly #prefix: string;
  readonly #writers: Promise<void>[];
  #stopping = false;
  #count = 0;

  /**
   * @param pause milliseconds a writer rests after each write
   * @param prefix of its names, where several write below one parent
   */
  constructor(client: Client, parent: string, writers = 8, pause = 0, prefix = 'n') {
    this.#client = client;
    this.#parent = parent;
    this.#pause = pause;
    this.#prefix = prefix;
    this.#writers = Array.from({ length: writers }, () => this.#write());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#writers);
  }

  /** What contradicts what the writers were told; empty when the client told the truth. */
  async contradictions(client: Client): Promise<string[]> {
    await client.sync(this.#parent);
    const present = new Set((await client.getChildren(this.#parent)).children.map((name) => `${this.#parent}/${name}`));
    const lost = this.acknowledged
      .filter((path) => !present.has(path))
      .map((path) => `${path} was acknowledged and is gone`);
    const denied = this.failures
      .filter(({ path, error }) => error.outcome !== 'unknown' && present.has(path))
      .map(
        ({ path, error }) => `${path} is there though its write failed with ${error.code}, outcome ${error.outcome}`,
      );
    // A name used once can only exist already if the client sent the write twice.
    const doubled = this.failures
      .filter(({ error }) => isServerError(error, Errno.nodeExists))
      .map(({ path }) => `${path} was sent twice`);
    return [...lost, ...denied, ...doubled];
  }

  async #write(): Promise<void> {
    // A session that is over fails every call at once: going on would spin for ever after a failed test.
    while (!this.#stopping && this.#client.state !== 'LOST') {
      const path = `${this.#parent}/${this.#prefix}${this.#count++}`;
      try {
        await this.#client.create(path, 'x');
        this.acknowledged.push(path);
      } catch (error) {
        this.failures.push({ path, error: error as Failure['error'] });
      }
      if (this.#pause > 0) await new Promise((resolve) => setTimeout(resolve, this.#pause));
    }
  }
}
