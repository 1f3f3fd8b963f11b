import { setTimeout as wait } from 'node:timers/promises';
import { formatHostPort } from '../../client/connect-string.ts';
import type { DynamicConfig } from '../dynamic-config.ts';
import { type EnsembleStatus, ensembleStatus } from '../ensemble-status.ts';
import { observeEnsemble, type Wanted } from '../observe.ts';
import type { Asking } from '../observe-member.ts';

/** An ensemble as one of several looks found it. */
export interface Sample {
  /** When the members were asked: milliseconds since the epoch, by a clock that is not set while we sample. */
  at: number;
  status: EnsembleStatus;
}

/** How often an ensemble is looked at. */
export interface Cadence {
  /** Milliseconds from one look to the next; read before each, so it may change meanwhile. */
  readonly interval: number;
  /** How many looks; without end when not given. */
  readonly count?: number | undefined;
  readonly now?: (() => number) | undefined;
  /** Waits until the next look is due; one that ends early makes that look due. Throws when it is aborted. */
  readonly sleep?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
}

/** However short the interval: to allow less would take a member far away for a dead one. Milliseconds. */
const LEAST_PATIENCE = 1000;

/**
 * Looks at an ensemble again and again, an interval apart from beginning to beginning. Each member is allowed one interval
 * (a second at least) and never more than `asking.limit`, so that one that hangs does not slow the others' samples. A
 * member that was in the configuration once is asked even while nobody tells the configuration.
 *
 * Ends after `count` samples. Throws what `asking.signal` was aborted with.
 */
export async function* sampleEnsemble(wanted: Wanted, asking: Asking, cadence: Cadence): AsyncGenerator<Sample> {
  const { count = Number.POSITIVE_INFINITY, now = steadyClock(), sleep = sleepFor } = cadence;
  let memory: Memory = { config: undefined, ids: new Map() };
  let due = now();
  for (let taken = 0; taken < count; taken += 1) {
    if (taken > 0) {
      // What took longer than an interval is not made up for: the next look is due at once, and the cadence begins anew.
      due = Math.max(due + cadence.interval, now());
      await sleep(Math.max(0, due - now()), asking.signal);
      due = Math.min(due, now());
    }
    const at = now();
    const limit = Math.min(asking.limit, Math.max(cadence.interval, LEAST_PATIENCE));
    const status = ensembleStatus(await observeEnsemble(recalling(wanted, memory), { ...asking, limit }));
    memory = remembering(memory, status);
    yield { at, status };
  }
}

/** What earlier looks found: who is a member, for when those who could tell are silent. */
interface Memory {
  config: DynamicConfig | undefined;
  /** Ids by address, where there is no configuration to tell them, as on 3.4. */
  ids: ReadonlyMap<string, bigint>;
}

function remembering({ config, ids }: Memory, status: EnsembleStatus): Memory {
  const told = status.config;
  // A member that was cut off tells an old one.
  const newest = config === undefined || (told !== undefined && (told.version ?? 0n) >= (config.version ?? 0n));
  const found = status.members.flatMap(({ id, host }): [string, bigint][] => (id === undefined ? [] : [[host, id]]));
  return { config: newest ? told : config, ids: new Map([...ids, ...found]) };
}

function recalling(wanted: Wanted, { config, ids }: Memory): Wanted {
  if (config !== undefined) return { ...wanted, known: config };
  const listed = wanted.listed.map(({ id, server }) => ({ id: id ?? ids.get(formatHostPort(server)), server }));
  return { ...wanted, listed };
}

/** A clock that begins with the time of day, in milliseconds since the epoch, and goes on evenly when that is set. */
export function steadyClock(): () => number {
  // Not `performance.timeOrigin`: where a machine slept, that is not the time of day.
  const origin = Date.now() - performance.now();
  return () => origin + performance.now();
}

async function sleepFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
