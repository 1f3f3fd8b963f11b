import { ExitCode } from '../protocol/errors.ts';
import { framedShell } from './framed-shell.ts';
import type { HostDriver, Service } from './host.ts';
import { posixHost, type ServiceHost } from './posix-host.ts';
import { neverLeft, sshConnection } from './ssh-connection.ts';
import { type SshSettings, sshName } from './ssh-settings.ts';
import { sudoPrefix } from './sudo.ts';

/** A host reached with the OpenSSH client. Of the other side it needs a POSIX shell, and sudo where that is wanted. */
export function sshHost(settings: SshSettings, service: (host: ServiceHost) => Service): HostDriver {
  const name = sshName(settings);
  const connection = sshConnection(name, settings);
  const shell = framedShell({
    name,
    transport: connection.transport,
    prefix: sudoPrefix(settings.sudo),
    lost: (ended) => {
      if (ended.why !== 'exited') return undefined;
      if (/Session open refused/.test(ended.stderr.toString('utf8'))) {
        return {
          code: 'HOST_UNREACHABLE',
          exitCode: ExitCode.connection,
          message: 'it allows no further session on a connection',
          hint: 'MaxSessions in its sshd_config must be 5 or more.',
          begun: false,
        };
      }
      const failure = connection.failure();
      return {
        code: 'HOST_LOST',
        exitCode: ExitCode.connection,
        message: `the connection was lost${failure === undefined ? '' : ` (${failure.message})`}`,
        hint: 'Check that the host is up.',
        begun: !neverLeft(ended),
      };
    },
  });
  return posixHost({ name, kind: 'ssh', shell, service, close: connection.close });
}
