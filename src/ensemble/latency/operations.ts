import type { Client } from '../../client/client.ts';
import { ServerError } from '../../protocol/server-errors.ts';
import { createRecorder, type Distribution } from './distribution.ts';

/** What can be measured. The last three are real writes. */
export const OPERATIONS = [
  'connect',
  'exists',
  'getData',
  'getChildren',
  'sync',
  'create',
  'setData',
  'delete',
] as const;

export type OperationName = (typeof OPERATIONS)[number];

/** Those that change znodes. */
export const WRITES: readonly OperationName[] = ['create', 'setData', 'delete'];

/** How often each is made where nothing else is said: what costs the ensemble more, less often. */
const USUAL: Readonly<Record<OperationName, number>> = {
  connect: 10,
  exists: 200,
  getData: 200,
  getChildren: 200,
  sync: 100,
  create: 50,
  setData: 50,
  delete: 50,
};

/** A session made and ended is two transactions: of these and of writes, a large count makes no more unless they are named. */
const COSTLY: readonly OperationName[] = ['connect', ...WRITES];
const COSTLY_LIMIT = 100;

/** An operation that fails so often without a success between is not tried again. */
const PATIENCE = 3;

/** What is to be measured. */
export interface LatencyPlan {
  operations: readonly OperationName[];
  /** Of each operation; undefined: as often as is usual. */
  count: number | undefined;
  /** Whether the operations were named one by one: then the count is meant for the costly ones too. */
  named: boolean;
  /** Milliseconds; with it and without a count, there is no other end. */
  duration: number | undefined;
  /** Requests a second to each member; undefined: as fast as they are answered. */
  rate: number | undefined;
  /** Read by getData and getChildren; the znodes of writes are made below it. */
  path: string;
  /** All paths are below it; `''` for none. */
  chroot: string;
}

/** How one operation went at one member. */
export interface OperationLatency {
  operation: OperationName;
  /** Undefined when none succeeded. */
  distribution: Distribution | undefined;
  errors: number;
  /** The last failure. */
  failure: Error | undefined;
}

/** Takes down how one operation goes. */
export class OperationRecord {
  readonly operation: OperationName;
  readonly #patience: number;
  readonly #recorder = createRecorder();
  #errors = 0;
  #inRow = 0;
  #failure: Error | undefined;

  /** @param patience failures in a row after which it is not tried again */
  constructor(operation: OperationName, patience = PATIENCE) {
    this.operation = operation;
    this.#patience = patience;
  }

  get givenUp(): boolean {
    return this.#inRow >= this.#patience;
  }

  /**
   * Times one request.
   *
   * @returns its result, or undefined where it failed in a way that says nothing of the next one
   * @throws what `tolerable` does not take for such a failure
   */
  async time<T>(request: () => Promise<T>, tolerable = isAnswer): Promise<T | undefined> {
    const before = performance.now();
    try {
      const result = await request();
      this.#recorder.record(performance.now() - before);
      this.#inRow = 0;
      return result;
    } catch (error) {
      if (!(error instanceof Error) || !tolerable(error)) throw error;
      this.#errors += 1;
      this.#inRow += 1;
      this.#failure = error;
      return undefined;
    }
  }

  taken(): OperationLatency {
    const { operation } = this;
    return {
      operation,
      distribution: this.#recorder.distribution(),
      errors: this.#errors,
      failure: this.#failure,
    };
  }
}

/** The server's no is an answer; anything else is the end of the connection. */
function isAnswer(error: Error): boolean {
  return error instanceof ServerError;
}

/** How often each operation of a plan is made; with a duration alone, that is their share of it. */
export function countOf(operation: OperationName, { count, named }: LatencyPlan): number {
  if (count === undefined) return USUAL[operation];
  return COSTLY.includes(operation) && !named ? Math.min(count, COSTLY_LIMIT) : count;
}

/** The reads, each as a request on an open session. */
export const READS: Partial<
  Record<OperationName, (client: Client, path: string, signal: AbortSignal) => Promise<unknown>>
> = {
  exists: (client, _path, signal) => client.exists('/', { signal }),
  getData: (client, path, signal) => client.getData(path, { signal }),
  getChildren: (client, path, signal) => client.getChildren(path, { signal }),
  sync: (client, path, signal) => client.sync(path, { signal }),
};
