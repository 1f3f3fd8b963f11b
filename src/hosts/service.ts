import { ExitCode } from '../protocol/errors.ts';
import { must } from './framed-shell.ts';
import type { Limits, Service, ServiceStatus } from './host.ts';
import { endOf, HostError } from './host-error.ts';
import type { ServiceHost } from './posix-host.ts';

/** How a server is run, as the ensemble file says it. */
export type ServiceSetting =
  | { systemd: string }
  | { zkServer: string; config?: string | undefined; pidFile?: string | undefined }
  | { start: string; stop: string; restart?: string | undefined; status: string };

/** A server with a large snapshot may take a while to end, and systemd waits for it. Milliseconds. */
export const SERVICE_TIMEOUT = 120_000;

/** Runs one script for each deed, and makes a status of what another one says. */
export function scriptedService(
  { name, shell }: ServiceHost,
  how: {
    what: string;
    /** Script and arguments. */
    deeds: Record<'start' | 'stop' | 'restart', readonly [string, ...string[]]>;
    status: readonly [string, ...string[]];
    read(code: number, stdout: string, stderr: string): ServiceStatus;
  },
): Service {
  const deed =
    (which: 'start' | 'stop' | 'restart') =>
    async ({ timeout = SERVICE_TIMEOUT, signal }: Limits = {}): Promise<void> => {
      const [script, ...args] = how.deeds[which];
      await must(name, shell, script, args, { what: `${which} of ${how.what}`, timeout, signal });
    };
  return {
    what: how.what,
    start: deed('start'),
    stop: deed('stop'),
    restart: deed('restart'),
    async status(limits = {}) {
      const [script, ...args] = how.status;
      const ran = await shell(script, args, { ...limits, what: `status of ${how.what}`, idempotent: true });
      return how.read(ran.code, ran.stdout.toString('utf8'), ran.stderr);
    },
  };
}

/** A service nobody said how to control: what is asked of it is refused. */
export function noService(host: string, why: string, hint: string): Service {
  const refuse = async (): Promise<never> => {
    throw new HostError(host, why, { code: 'NO_SERVICE', exitCode: ExitCode.usage, outcome: 'none', hint });
  };
  return { what: 'nothing', start: refuse, stop: refuse, restart: refuse, status: refuse };
}

/** The exit codes of an init script's `status` (LSB): 0 runs, 1 and 2 died, 3 is stopped. */
export function lsbStatus(code: number, stdout: string, stderr: string): ServiceStatus {
  const [, pid] = /\bpid\b[ =:]*(\d+)/i.exec(stdout) ?? [];
  const states = ['running', 'failed', 'failed', 'stopped'] as const;
  const detail = endOf(stdout) || endOf(stderr) || `exit code ${code}`;
  return { state: states[code] ?? 'unknown', ...(pid === undefined ? {} : { pid: Number(pid) }), detail };
}
