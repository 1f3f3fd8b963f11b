import type { Client } from '../client/client.ts';
import { ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow } from '../protocol/paths.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { type DeletionPlan, deleteTree, planDeletion } from './delete-tree.ts';
import { kindOf } from './node-kind.ts';
import { brokenOff, Failures, PartialError } from './partial-error.ts';
import { refuseSystemNode } from './system-nodes.ts';

export interface RemovalOptions {
  signal?: AbortSignal | undefined;
  /** Delete what is below each path too. */
  recursive: boolean;
  /** A path that is not there is no failure. */
  missingIsFine: boolean;
  progress?: ((done: number) => void) | undefined;
}

const ROOT_HINT = 'Name what is below it, or empty the tree with deleteall /.';

/**
 * Looks at all that deleting these paths would delete, so that nothing is deleted when one of them can't be.
 *
 * @throws ServerError `NO_NODE`, `NOT_EMPTY`; ZkshError `SYSTEM_NODE`, `ROOT`
 */
export async function planRemoval(
  client: Client,
  paths: readonly string[],
  options: RemovalOptions,
): Promise<DeletionPlan[]> {
  for (const path of paths) {
    if (path === '/') throw new ZkshError('rm does not delete /', { code: 'ROOT', exitCode: 8, hint: ROOT_HINT });
    refuseSystemNode(path, client.chroot, 'rm');
  }
  const plans: DeletionPlan[] = [];
  for (const path of withoutNested(paths, options.recursive)) {
    const before = plans.reduce((sum, { znodes }) => sum + znodes, 0);
    const progress = (seen: number): void => options.progress?.(before + seen);
    try {
      if (options.recursive) plans.push(await planDeletion(client, path, { signal: options.signal, progress }));
      else plans.push(await planSingle(client, path, options.signal));
    } catch (error) {
      if (!(options.missingIsFine && isServerError(error, Errno.noNode))) throw error;
    }
  }
  return plans;
}

/**
 * Deletes what was planned. A path that fails does not keep the others from being deleted.
 *
 * @returns how many znodes it deleted
 * @throws PartialError with the code of the first failure when znodes are left
 */
export async function deletePaths(
  client: Client,
  plans: readonly DeletionPlan[],
  options: RemovalOptions,
): Promise<number> {
  const { signal, recursive } = options;
  const failures = new Failures();
  let deleted = 0;
  for (const plan of plans) {
    const progress = (now: number): void => options.progress?.(deleted + now);
    try {
      if (recursive) deleted += await deleteTree(client, plan, { signal, progress });
      else if (await deleteSingle(client, plan.root, options)) deleted += 1;
    } catch (error) {
      if (error instanceof PartialError) {
        deleted += error.done;
        failures.addAll(error);
      } else if (isServerError(error, Errno.noAuth) || isServerError(error, Errno.notEmpty)) {
        failures.add(plan.root, error);
      } else {
        throw deleted === 0 ? error : brokenOff(error, `${deleted} znodes were deleted`);
      }
    }
  }
  if (failures.count === 0) return deleted;
  throw new PartialError(`${deleted} znodes were deleted, others are left`, failures, { done: deleted });
}

/** A path twice, or below another that is deleted with all below it, is not to be counted twice. */
function withoutNested(paths: readonly string[], recursive: boolean): string[] {
  const distinct = [...new Set(paths)];
  if (!recursive) return distinct;
  return distinct.filter((path) => !distinct.some((other) => other !== path && isAtOrBelow(path, other)));
}

async function planSingle(client: Client, path: string, signal: AbortSignal | undefined): Promise<DeletionPlan> {
  const stat = await client.exists(path, { signal });
  if (stat === undefined) throw new ServerError(Errno.noNode, 'rm', path);
  if (stat.numChildren > 0) throw new ServerError(Errno.notEmpty, 'rm', path, 'Give -r to delete all below it too.');
  const ephemerals = kindOf(stat).mode === 'ephemeral' ? [{ path, owner: stat.ephemeralOwner }] : [];
  return { root: path, znodes: 1, bytes: stat.dataLength, ephemerals };
}

/** False where it has gone meanwhile and that is fine. */
async function deleteSingle(client: Client, path: string, options: RemovalOptions): Promise<boolean> {
  try {
    await client.delete(path, { signal: options.signal });
    return true;
  } catch (error) {
    if (options.missingIsFine && isServerError(error, Errno.noNode)) return false;
    throw error;
  }
}
