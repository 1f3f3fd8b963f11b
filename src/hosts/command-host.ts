import { ExitCode } from '../protocol/errors.ts';
import { runChild } from './child.ts';
import { framedShell } from './framed-shell.ts';
import type { HostDriver, Service } from './host.ts';
import { absolute, HostError } from './host-error.ts';
import { posixHost, type ServiceHost } from './posix-host.ts';
import { shellLine } from './quote.ts';
import type { ServedMember } from './service-of.ts';
import { fillTemplate } from './template.ts';
import { runTool } from './tool.ts';

/** Command lines for /bin/sh of this machine; `fillTemplate` puts values in, quoted. */
export interface CommandSettings {
  /** Runs `{command}` there, a POSIX shell command as one word, or `{argv}`, its words. */
  run?: string | undefined;
  /** Writes the file `{path}` to its output. */
  read?: string | undefined;
  /** Makes its input the file `{path}` with `{mode}` and `{owner}` (empty: as it is). */
  write?: string | undefined;
  start?: string | undefined;
  stop?: string | undefined;
  restart?: string | undefined;
  status?: string | undefined;
}

/**
 * A host that only the operator's own commands reach. What they leave out is done by `run`; without that, it can't be
 * done. `service` is used where they have no start, stop and status.
 */
export function commandHost(
  settings: CommandSettings,
  member: ServedMember,
  service: (host: ServiceHost) => Service,
): HostDriver {
  const name = member.host;
  const { run, read, write } = settings;
  const { config: _config, ...who } = member;
  const shell = framedShell({
    name,
    prefix: [],
    lost: () => undefined,
    transport: (argv, options) => {
      if (run === undefined) throw cannot(name);
      const line = fillTemplate(run, { ...who, command: shellLine(argv), argv });
      return runChild(['/bin/sh', '-c', line], options);
    },
  });
  const host = posixHost({ name, kind: 'commands', shell, service });
  const recognize = (): undefined => undefined;
  const sh = (line: string, limits: object, what: string) =>
    runTool(name, ['/bin/sh', '-c', line], { ...limits, recognize, what });
  return {
    ...host,
    ...(read === undefined
      ? {}
      : {
          readFile: async (path, { maxBytes, end = false, ...limits }) => {
            const line = fillTemplate(read, { ...who, path: absolute(path) });
            const { stdout } = await sh(line, { ...limits, idempotent: true }, `reading ${path}`);
            if (end || stdout.length <= maxBytes) return stdout.subarray(Math.max(0, stdout.length - maxBytes));
            throw tooLarge(name, path, maxBytes);
          },
        }),
    ...(write === undefined
      ? {}
      : {
          writeFile: async (path, content, { mode, owner = '', ...limits }) => {
            const values = { ...who, path: absolute(path), mode: mode.toString(8), owner };
            await sh(fillTemplate(write, values), { ...limits, stdin: content }, `writing ${path}`);
          },
        }),
  };
}

function cannot(name: string): HostError {
  return new HostError(name, 'the ensemble file has no commands.run, so nothing but its other commands can be done', {
    code: 'HOST_CANNOT',
    exitCode: ExitCode.usage,
    outcome: 'none',
    hint: 'Add run: a command line in which {command} stands for what is to be run there.',
  });
}

function tooLarge(name: string, path: string, maxBytes: number): HostError {
  return new HostError(name, `${path} has more than ${maxBytes} bytes`, {
    code: 'FILE_TOO_LARGE',
    exitCode: ExitCode.failure,
    outcome: 'none',
    hint: 'Ask for its end, or name another file.',
  });
}
