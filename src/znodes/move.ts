import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { hex64 } from '../protocol/zxid.ts';
import { copyTree } from './copy.ts';
import { type CopyOptions, type CopyPlan, planCopy } from './copy-plan.ts';
import { deleteMoved } from './move-delete.ts';
import { moveSingle } from './move-single.ts';
import { verifyCopy } from './move-verify.ts';
import { brokenOff, Failures, PartialError } from './partial-error.ts';

export interface MoveOptions extends Omit<CopyOptions, 'acl' | 'ephemerals' | 'recursive'> {
  /** `refuse` to move a tree that has any; `skip` = leave them, and the znodes above them, where they are. */
  readonly ephemerals: 'refuse' | 'skip';
  /** Told how far the second reading, and then the deletion of the source, has come. */
  readonly verifying?: ((done: number) => void) | undefined;
  readonly deleting?: ((done: number) => void) | undefined;
}

/** What a move has done. */
export interface MoveResult {
  /** Znodes deleted from the source, their copies proven. */
  readonly moved: number;
  /** Znodes left at the source on purpose: ephemerals, and those above them. */
  readonly kept: number;
  /** One transaction did all of it. */
  readonly atomic: boolean;
}

/** @throws as `planCopy`; PartialError `EPHEMERAL` where there are some and they are not to be left */
export async function planMove(client: Client, from: string, to: string, options: MoveOptions): Promise<CopyPlan> {
  const plan = await planCopy({ client, path: from }, { client, path: to }, copyOptions(options)).catch(
    async (error) => {
      throw isServerError(error, Errno.noNode) && error.path === from ? await gone(client, from, to, error) : error;
    },
  );
  if (plan.ephemerals.length === 0 || options.ephemerals === 'skip') return plan;
  throw inUse(plan);
}

/**
 * Moves what was planned. A single znode goes in one transaction. A tree is copied, read back and compared as a whole,
 * and only then deleted from the source, children first, each znode only if it is still as it was compared. Broken off
 * anywhere, it goes on when it is run again.
 *
 * @throws PartialError with the code of the first failure when something is left at the source
 */
export async function moveTree(client: Client, plan: CopyPlan, options: MoveOptions): Promise<MoveResult> {
  const { signal } = options;
  const [from, to] = [JSON.stringify(plan.source.path), JSON.stringify(plan.target.path)];
  if (await moveSingle(client, plan, signal)) return { moved: 1, kept: 0, atomic: true };
  await copyTree(plan, copyOptions(options)).catch((error) => {
    throw error instanceof PartialError ? untouched(`${from} was not moved, nothing was deleted`, error) : error;
  });
  let done = 0;
  const deleting = (now: number): void => {
    done = now;
    options.deleting?.(now);
  };
  try {
    const { zxid, failures } = await verifyCopy(client, plan, { ...copyOptions(options), progress: options.verifying });
    if (failures.count > 0) {
      const hint = 'Run it again with --overwrite to take what has changed along.';
      throw new PartialError(`${from} was copied to ${to}, and not deleted, as it has changed`, failures, { hint });
    }
    const {
      deleted,
      kept,
      failures: left,
    } = await deleteMoved(client, plan, zxid, {
      signal,
      batchSize: options.batchSize,
      progress: deleting,
    });
    if (left.count > 0) {
      const summary = `${deleted} znodes of ${from} were moved to ${to}, others were copied and are still there`;
      throw new PartialError(summary, left, { done: deleted });
    }
    return { moved: deleted, kept, atomic: false };
  } catch (error) {
    if (error instanceof PartialError) throw error;
    throw brokenOff(error, `${from} was copied to ${to}, and ${done} znodes of it were deleted`);
  }
}

function copyOptions(options: MoveOptions): CopyOptions {
  return { ...options, acl: true, recursive: true, ephemerals: 'skip' };
}

async function gone(client: Client, from: string, to: string, error: ServerError): Promise<ServerError> {
  const moved = (await client.exists(to).catch(() => undefined)) !== undefined;
  const hint = `${JSON.stringify(to)} is there: it may have been moved already.`;
  return moved ? new ServerError(Errno.noNode, error.operation, from, hint) : error;
}

function inUse({ source, ephemerals }: CopyPlan): PartialError {
  const failures = new Failures();
  for (const { path, owner } of ephemerals) {
    const message = `${JSON.stringify(path)} is ephemeral, of session ${hex64(owner)}`;
    failures.add(path, new ZkshError(message, { code: 'EPHEMERAL', exitCode: ExitCode.unhealthy }));
  }
  const hint = 'Nothing was changed. Stop who holds them first, or leave them there with --ephemerals skip.';
  return new PartialError(`${JSON.stringify(source.path)} is in use`, failures, { hint });
}

function untouched(summary: string, { failures, failed }: PartialError): PartialError {
  return new PartialError(summary, { kept: [...failures], count: failed });
}
