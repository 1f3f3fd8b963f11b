import type { Asking, MemberObservation } from '../ensemble/observe-member.ts';
import { connectToMembers } from '../ensemble/sessions/member-client.ts';
import type { FoundEphemerals } from '../ensemble/sessions/report.ts';
import { kindOf } from '../znodes/node-kind.ts';
import { walk } from '../znodes/walk.ts';

/** Finds every ephemeral and its owner by reading the Stat of every znode: what the client protocol alone can tell. */
export async function walkForEphemerals(
  members: readonly MemberObservation[],
  asking: Asking,
  progress: (znodes: number) => void,
): Promise<FoundEphemerals> {
  const { signal } = asking;
  const client = await connectToMembers(members, asking);
  const ephemerals = new Map<bigint, string[]>();
  let unreadable = 0;
  let seen = 0;
  try {
    const hidden = () => {
      unreadable += 1;
    };
    for await (const { path, stat } of walk(client, '/', { stat: true, signal, unreadable: hidden })) {
      seen += 1;
      if (seen % 1000 === 0) progress(seen);
      const kind = stat && kindOf(stat);
      if (kind?.mode !== 'ephemeral') continue;
      const owner = BigInt.asIntN(64, kind.owner);
      const known = ephemerals.get(owner);
      if (known === undefined) ephemerals.set(owner, [path]);
      else known.push(path);
    }
  } finally {
    await client.close({ timeout: Math.min(asking.limit, 1000) }).catch(() => undefined);
  }
  return { ephemerals, unreadable };
}
