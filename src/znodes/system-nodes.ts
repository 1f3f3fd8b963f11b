import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow } from '../protocol/paths.ts';

/** Where ZooKeeper keeps its own: quotas and the committed configuration. */
const SYSTEM = '/zookeeper';

/** True for a path, as the session sees it, that is ZooKeeper's own or below it on the server. */
export function isSystemNode(path: string, chroot: string): boolean {
  const whole = path === '/' ? chroot : chroot + path;
  return isAtOrBelow(whole, SYSTEM);
}

/** Refuses to do something recursive at or below `/zookeeper`. @throws ZkshError code `SYSTEM_NODE` */
export function refuseSystemNode(path: string, chroot: string, deed: string): void {
  if (!isSystemNode(path, chroot)) return;
  throw new ZkshError(`${deed} does not touch ${SYSTEM}, where ZooKeeper keeps its own`, {
    code: 'SYSTEM_NODE',
    exitCode: ExitCode.unhealthy,
    hint: 'Nothing was changed. Single znodes there can be written one by one, quotas with setquota and delquota.',
  });
}
