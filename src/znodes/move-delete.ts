import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow } from '../protocol/paths.ts';
import { bulkDelete } from './bulk-delete.ts';
import { childrenFirst } from './children-first.ts';
import type { CopyPlan } from './copy-plan.ts';
import { withoutConsequences } from './delete-tree.ts';
import { kindOf } from './node-kind.ts';
import { Failures } from './partial-error.ts';
import { type Visited, walkBatches } from './walk.ts';

export interface DeletedSource {
  readonly deleted: number;
  /** Ephemerals, and what is above them. */
  readonly kept: number;
  /** Children before parents; parents that only had to stay for them are not among them. */
  readonly failures: Failures;
}

interface DeleteMovedOptions {
  signal?: AbortSignal | undefined;
  batchSize?: number | undefined;
  progress?: ((done: number) => void) | undefined;
}

interface Deletion {
  readonly path: string;
  readonly ops: readonly [{ type: 'delete'; path: string; version: number }];
}

/**
 * Deletes the source of a move, children first. What was created or written after `zxid`, when the copy was compared, is
 * kept; the version guards the moment between looking and deleting. A znode that is created anew in just that moment, with
 * as many changes as the old one had, can't be told from it: the protocol has no guard by zxid.
 */
export async function deleteMoved(
  client: Client,
  { source }: CopyPlan,
  zxid: bigint,
  options: DeleteMovedOptions,
): Promise<DeletedSource> {
  const { signal, progress, batchSize } = options;
  const changed = new Failures();
  let kept = 0;
  async function* deletions(): AsyncGenerator<Deletion> {
    const walked = walkBatches(client, source.path, { signal, stat: true, order: 'depth-first' });
    let last: string | undefined;
    for await (const { path, stat } of childrenFirst<Visited>(walked)) {
      const fate = last !== undefined && isAtOrBelow(last, path) ? 'above' : fateOf(stat, zxid);
      if (fate === 'delete') {
        yield { path, ops: [{ type: 'delete', path, version: stat?.version ?? -1 }] };
        continue;
      }
      last = path;
      if (fate === 'changed') changed.add(path, changedSince(path));
      else kept += 1;
    }
  }
  const { deleted, failures: refused, more } = await bulkDelete(client, deletions(), { signal, progress, batchSize });
  const failures = withoutConsequences(refused);
  failures.count += more;
  for (const { path, error } of changed.kept) failures.add(path, error);
  failures.count += changed.count - changed.kept.length;
  return { deleted, kept, failures };
}

function fateOf(stat: Visited['stat'], zxid: bigint): 'delete' | 'changed' | 'ephemeral' {
  if (stat === undefined || stat.mzxid > zxid || stat.czxid > zxid) return 'changed';
  return kindOf(stat).mode === 'ephemeral' ? 'ephemeral' : 'delete';
}

function changedSince(path: string): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} was written since it was compared`, {
    code: 'DIFFERS',
    exitCode: ExitCode.conflict,
    hint: 'Run it again with --overwrite to take what has changed along.',
  });
}
