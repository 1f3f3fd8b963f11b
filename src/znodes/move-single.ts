import type { Client } from '../client/client.ts';
import { parentOf } from '../protocol/paths.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import { bulkWrite } from './bulk-write.ts';
import { readWhole } from './copy-compare.ts';
import type { CopyPlan } from './copy-plan.ts';
import { kindOf, sameAcl, sameData } from './node-kind.ts';

/**
 * Moves a znode without children in one transaction: nobody sees both or neither.
 *
 * @returns false where that does not do: there are children, something is at the target, or its parent is missing
 * @throws ServerError `BAD_VERSION`, `NOT_EMPTY`, `NODE_EXISTS` when either end changes meanwhile; nothing was changed then
 */
export async function moveSingle(client: Client, plan: CopyPlan, signal: AbortSignal | undefined): Promise<boolean> {
  const [from, to] = [plan.source.path, plan.target.path];
  if (plan.znodes !== 1 || plan.ephemerals.length > 0 || plan.targetExists) return false;
  if ((await client.exists(parentOf(to), { signal })) === undefined) return false;
  const [{ data, stat }, { acl }] = await Promise.all([
    client.getData(from, { signal }),
    client.getAcl(from, { signal }),
  ]);
  readWhole({ path: '/', data, stat, kind: kindOf(stat), acl }, from);
  const move = {
    path: from,
    ops: [
      { type: 'create', path: to, data, acl },
      { type: 'delete', path: from, version: stat.version },
    ],
  } as const;
  const { failures } = await bulkWrite(client, [move], {
    signal,
    settled: async (_, error, uncertain) => {
      // Only when an answer was lost may both ends look as they should: there was nothing at the target before.
      if (!uncertain || !isServerError(error, Errno.nodeExists)) return false;
      if ((await client.exists(from, { signal })) !== undefined) return false;
      const [there, entries] = await Promise.all([client.getData(to, { signal }), client.getAcl(to, { signal })]);
      return sameData(there.data, data) && sameAcl(entries.acl, acl);
    },
  });
  if (failures[0] !== undefined) throw failures[0].error;
  return true;
}
