import { runIn, type Shell } from './framed-shell.ts';
import type { HostDriver, Service } from './host.ts';
import { posixFacts } from './posix-facts.ts';
import { posixFiles } from './posix-files.ts';

/** A host on which a POSIX shell is all there is to work with. */
export function posixHost(how: {
  name: string;
  kind: HostDriver['kind'];
  shell: Shell;
  service(host: ServiceHost): Service;
  close?(): Promise<void>;
}): HostDriver {
  const { name, kind, shell, close = async () => undefined } = how;
  return {
    name,
    kind,
    run: (argv, options = {}) => runIn(shell, argv, options),
    ...posixFiles(name, shell),
    ...posixFacts(name, shell),
    service: how.service({ name, shell }),
    close,
  };
}

/** What controlling a service needs of a host. */
export interface ServiceHost {
  name: string;
  shell: Shell;
}
