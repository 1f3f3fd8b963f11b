import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow } from '../protocol/paths.ts';
import { refuseSystemNode } from './system-nodes.ts';
import { atRoot, belowRoot } from './tree-nodes.ts';

/** One end of a copy: a path on an ensemble. */
export interface CopyEnd {
  readonly client: Client;
  readonly path: string;
}

/**
 * Refuses ends that a copy can't have.
 *
 * @throws ZkshError `SYSTEM_NODE` for `/zookeeper` and below, `OVERLAP` where one end is inside the other
 */
export async function checkEnds(source: CopyEnd, target: CopyEnd, signal?: AbortSignal): Promise<void> {
  for (const { client, path } of [source, target]) refuseSystemNode(path, client.chroot, 'copying');
  if (!(await overlap(source, target, signal))) return;
  const ends = `${JSON.stringify(source.path)} and ${JSON.stringify(target.path)}`;
  throw new ZkshError(`${ends} are the same, or one is inside the other`, {
    code: 'OVERLAP',
    exitCode: ExitCode.usage,
    hint: 'Nothing was changed. A tree can be copied to a place that is neither inside it nor around it.',
  });
}

async function overlap(source: CopyEnd, target: CopyEnd, signal: AbortSignal | undefined): Promise<boolean> {
  const [from, to] = [wholePath(source.client, source.path), wholePath(target.client, target.path)];
  if (!isAtOrBelow(from, to) && !isAtOrBelow(to, from)) return false;
  return source.client === target.client || sameEnsemble(source, target, signal);
}

/** Host names don't tell: one ensemble has many. A znode that both see created at the same moment does. */
async function sameEnsemble(source: CopyEnd, target: CopyEnd, signal: AbortSignal | undefined): Promise<boolean> {
  const whole = await witness(source, target, signal);
  if (whole === undefined) return false;
  const [seen, also] = await Promise.all(
    [source, target].map(({ client }) => client.exists(belowRoot(whole, wholePath(client, '/')), { signal })),
  );
  return seen !== undefined && also !== undefined && seen.czxid === also.czxid && seen.ctime === also.ctime;
}

/** The whole path of a znode that both clients can look at: the source, or the root of the target's chroot inside it. */
async function witness({ client, path }: CopyEnd, target: CopyEnd, signal?: AbortSignal): Promise<string | undefined> {
  const [from, top] = [wholePath(client, path), wholePath(target.client, '/')];
  const whole = isAtOrBelow(from, top) ? from : top;
  if (whole !== '/') return whole;
  // / was created at time 0 everywhere.
  const { children } = await client.getChildren('/', { signal });
  const child = children.find((name) => name !== 'zookeeper');
  return child === undefined ? undefined : `/${child}`;
}

/** The path as a client without a chroot has it. */
function wholePath({ chroot }: Client, path: string): string {
  return chroot === '' ? path : atRoot(chroot, path);
}

/** Where a znode of the source comes to stand. @throws ZkshError `SYSTEM_NODE` */
export function placeOf(target: CopyEnd, relative: string): string {
  const path = atRoot(target.path, relative);
  if (target.path === '/') refuseSystemNode(path, target.client.chroot, 'copying');
  return path;
}
