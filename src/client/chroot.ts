import { isAtOrBelow } from '../protocol/paths.ts';

/** Maps a session's paths to the server's and back. */
export interface Chroot {
  toServer(path: string): string;
  fromServer(path: string): string;
}

/** @param chroot `''`, or the absolute path everything of the session is below */
export function chrootAt(chroot: string): Chroot {
  if (chroot === '') return { toServer: (path) => path, fromServer: (path) => path };
  return {
    toServer: (path) => (path === '/' ? chroot : chroot + path),
    // What is not below stays as it is: /zookeeper/config is watched from inside a chroot too.
    fromServer: (path) => (isAtOrBelow(path, chroot) ? path.slice(chroot.length) || '/' : path),
  };
}
