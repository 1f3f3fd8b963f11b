import { isUtf8 } from 'node:buffer';
import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ServerError } from '../protocol/server-errors.ts';
import type { Pattern } from './grep-pattern.ts';
import { type Hits, type SearchOptions, searchBytes, searchText } from './grep-search.ts';
import { createTimeLimit, type TimeLimit } from './grep-time-limit.ts';
import { compact } from './json-edit.ts';
import { locate } from './json-locate.ts';
import type { JsonStep } from './json-pointer.ts';
import { scanJson, textOf } from './json-scan.ts';
import { type Visited, walkBatches } from './walk.ts';

export interface GrepOptions extends SearchOptions {
  signal?: AbortSignal | undefined;
  /** Whether a znode's value is looked through at all. */
  takes?: ((path: string) => boolean) | undefined;
  /** Bytes of the largest value that is looked through. */
  maxSize?: number | undefined;
  /** Look through the value that this leads to in znodes that hold JSON, and nothing else. */
  steps?: readonly JsonStep[] | undefined;
  maxDepth?: number | undefined;
  oneByOne?: boolean | undefined;
  unreadable: (error: ServerError) => void;
  vanished?: ((path: string) => void) | undefined;
  /** Told of a value that is larger than `maxSize`. */
  tooLarge?: ((path: string) => void) | undefined;
  /** Told how many znodes have been looked at. */
  progress?: ((done: number) => void) | undefined;
}

/** A znode whose value matches. */
export interface GrepMatch {
  readonly path: string;
  readonly hits: Hits;
}

/** Milliseconds a search may take besides what its bytes take at a microsecond each, which is slow for any machine. */
const PATIENCE = 2000;
const BYTES_PER_MS = 1000;

/**
 * The znodes at and below a root whose values match, in depth-first order.
 *
 * @throws ServerError `NO_NODE` when there is no `root`; ZkshError `PATTERN_TOO_SLOW`
 */
export async function* grep(
  client: Client,
  root: string,
  pattern: Pattern,
  options: GrepOptions,
): AsyncGenerator<GrepMatch> {
  const { maxDepth, oneByOne, signal, unreadable, vanished } = options;
  const limit = createTimeLimit();
  const batches = walkBatches(client, root, {
    order: 'depth-first',
    data: true,
    maxDepth,
    oneByOne,
    signal,
    unreadable,
    vanished,
  });
  let seen = 0;
  for await (const batch of batches) {
    yield* searched(
      batch.filter((znode) => wanted(znode, options)),
      pattern,
      options,
      limit,
    );
    seen += batch.length;
    options.progress?.(seen);
  }
}

function wanted({ path, data }: Visited, { takes, maxSize, tooLarge }: GrepOptions): boolean {
  if (data === null || data === undefined || data.length === 0 || takes?.(path) === false) return false;
  if (maxSize === undefined || data.length <= maxSize) return true;
  tooLarge?.(path);
  return false;
}

/** All at once where that is quick; one after the other to find out which value takes so long. */
function searched(
  znodes: readonly Visited[],
  pattern: Pattern,
  options: GrepOptions,
  limit: TimeLimit,
): readonly GrepMatch[] {
  let matches: GrepMatch[] = [];
  const search = (some: readonly Visited[]) => () => {
    for (const { path, data } of some) {
      const hits = data && searchValue(data, pattern, options);
      if (hits) matches.push({ path, hits });
    }
  };
  if (znodes.length === 0 || limit.run(search(znodes), patience(znodes))) return matches;
  matches = [];
  for (const znode of znodes) if (!limit.run(search([znode]), patience([znode]))) throw tooSlow(znode.path);
  return matches;
}

function searchValue(data: Buffer, pattern: Pattern, options: GrepOptions): Hits | undefined {
  if (options.steps === undefined) return searchBytes(data, pattern, options);
  const text = jsonText(data, options.steps);
  return text === undefined ? undefined : searchText(text, pattern, options);
}

/** The value that the steps lead to: a string's characters, or JSON on one line; undefined where there is none. */
function jsonText(data: Buffer, steps: readonly JsonStep[]): string | undefined {
  if (!isUtf8(data)) return undefined;
  try {
    const doc = scanJson(data.toString('utf8'));
    const { node, rest } = locate(doc, steps);
    if (rest.length > 0) return undefined;
    return node.type === 'string' ? (JSON.parse(textOf(doc, node)) as string) : compact(doc, node);
  } catch {
    // No JSON, or JSON of another form: nothing to look through.
    return undefined;
  }
}

function patience(znodes: readonly Visited[]): number {
  return Math.ceil(PATIENCE + znodes.reduce((sum, { data }) => sum + (data?.length ?? 0), 0) / BYTES_PER_MS);
}

function tooSlow(path: string): ZkshError {
  return new ZkshError(`the pattern takes too long on the value of ${JSON.stringify(path)}`, {
    code: 'PATTERN_TOO_SLOW',
    exitCode: ExitCode.timeout,
    hint: 'Write it without repetitions inside repetitions such as (a+)+, or give -F.',
  });
}
