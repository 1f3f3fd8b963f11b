import { parentOf } from '../protocol/paths.ts';
import { Errno } from '../protocol/server-errors.ts';
import type { Ask } from './request.ts';

/** Better advice on a server's error than the error's own, from what was asked; undefined where there is none. */
export function adviceOn(errno: number, ask: Ask<unknown, unknown>): string | undefined {
  if (errno === Errno.unimplemented) {
    const { since, needs } = ask.operation;
    return `It needs ZooKeeper ${since} or later${needs === undefined ? '' : `, and ${needs}`}.`;
  }
  if (errno === Errno.noNode && ask.chroot !== undefined && missesRoot(ask)) {
    return `There is no chroot ${ask.chroot}, which the connection string ends with: create it, or leave it out.`;
  }
  return undefined;
}

/** The root is always there, unless it is that of a chroot. */
function missesRoot({ name, path }: Ask<unknown, unknown>): boolean {
  return path === '/' || (path !== undefined && name.startsWith('create') && parentOf(path) === '/');
}
