import type { Client } from '../client/client.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import { type BulkItem, bulkWrite } from './bulk-write.ts';
import { create } from './create.ts';
import { missing } from './fill-missing.ts';
import type { FillPlan } from './fill-plan.ts';
import { Failures, PartialError } from './partial-error.ts';
import { refuseSystemNode } from './system-nodes.ts';

export interface FillOptions {
  signal?: AbortSignal | undefined;
  /** Told how many znodes are there by now. */
  progress?: ((done: number) => void) | undefined;
}

/** How filling went. */
export interface Filled {
  created: number;
  /** Znodes that were there already; left as they are. */
  existed: number;
}

/**
 * Makes the tree that was planned, its root included. What is there already stays, so that a run that was interrupted is
 * continued by the same run again.
 *
 * @throws ZkshError `SYSTEM_NODE`; PartialError with the code of the first failure when some could not be created
 */
export async function fill(client: Client, plan: FillPlan, options: FillOptions = {}): Promise<Filled> {
  const { signal, progress } = options;
  const { root } = plan;
  refuseSystemNode(root, client.chroot, 'filling');
  const begun = await client.exists(root, { signal });
  if (begun === undefined) await create(client, root, null, { parents: true, signal });
  let skipped = 0;
  const found = () => {
    skipped += 1;
  };
  const todo = (begun?.numChildren ?? 0) > 0 ? missing(client, plan.items(), { signal, found }) : plan.items();
  const { written, already, failures } = await bulkWrite<BulkItem>(client, todo, {
    signal,
    progress: (done) => progress?.(done + skipped),
    settled: (_, error) => isServerError(error, Errno.nodeExists),
  });
  if (failures.length > 0) throw notFilled(plan, written, failures);
  return { created: written, existed: already + skipped };
}

function notFilled(
  { shape }: FillPlan,
  created: number,
  failures: readonly { item: BulkItem; error: PartialError | Failures['kept'][0]['error'] }[],
): PartialError {
  const all = new Failures();
  for (const { item, error } of failures) all.add(item.path, error);
  const [made, left, count] = [created, failures.length, shape.count].map((n) => n.toLocaleString('en-US'));
  return new PartialError(`of ${count} znodes ${made} were created, ${left} could not be`, all);
}
