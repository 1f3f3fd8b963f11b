import { ExitCode } from '../protocol/errors.ts';
import { runChild } from './child.ts';
import { framedShell } from './framed-shell.ts';
import type { HostDriver, Limits, Service, ServiceStatus } from './host.ts';
import { posixHost } from './posix-host.ts';
import { SERVICE_TIMEOUT } from './service.ts';
import { lostByTool, type Recognize, runTool } from './tool.ts';

/** How a container is reached with the docker command line. */
export interface DockerSettings {
  container: string;
  /** A context of docker, as `docker context ls` shows them. */
  context?: string | undefined;
  user?: string | undefined;
}

/** Seconds a server gets to end before docker kills it; ten, which is docker's own, is short for a large one. */
const STOP_SECONDS = 60;

/** A container, in which the server is the process that docker starts and stops. Its files are there while it runs. */
export function dockerHost({ container, context, user }: DockerSettings): HostDriver {
  const name = `container ${container}`;
  const docker = ['docker', ...(context === undefined ? [] : ['--context', context])];
  const exec = [...docker, 'exec', '-i', ...(user === undefined ? [] : ['-u', user]), container];
  const shell = framedShell({
    name,
    prefix: [],
    transport: (argv, options) => runChild([...exec, ...argv], options),
    lost: lostByTool(name, 'docker', recognize),
  });
  return posixHost({ name, kind: 'docker', shell, service: () => dockerService(name, docker, container) });
}

function dockerService(name: string, docker: readonly string[], container: string): Service {
  const deed =
    (...words: string[]) =>
    async ({ timeout = SERVICE_TIMEOUT, signal }: Limits = {}): Promise<void> => {
      await runTool(name, [...docker, ...words, container], { timeout, signal, recognize });
    };
  return {
    what: `docker container ${container}`,
    start: deed('start'),
    stop: deed('stop', '-t', `${STOP_SECONDS}`),
    restart: deed('restart', '-t', `${STOP_SECONDS}`),
    async status(limits = {}) {
      const argv = [...docker, 'inspect', '--type', 'container', '--format', '{{json .State}}', container];
      const { stdout } = await runTool(name, argv, { ...limits, recognize, idempotent: true });
      return parseState(stdout.toString('utf8'));
    },
  };
}

/** Reads what `docker inspect` says of the state. A server that SIGTERM ended, exits with 143. */
export function parseState(text: string): ServiceStatus {
  const state = parseObject(text);
  const status = String(state.Status ?? '');
  const code = Number(state.ExitCode);
  const running = status === 'running';
  const since = Date.parse(String(running ? state.StartedAt : state.FinishedAt));
  const pid = Number(state.Pid);
  const ended = state.OOMKilled === true ? 'killed for memory' : `exit code ${code}`;
  return {
    state: stateOf(status, code, state.OOMKilled === true),
    ...(running && pid > 0 ? { pid } : {}),
    ...(since > 0 ? { since } : {}),
    detail: status === 'exited' ? `exited (${ended})` : status || 'docker told no state',
  };
}

function stateOf(status: string, code: number, killed: boolean): ServiceStatus['state'] {
  if (status === 'running') return 'running';
  if (status === 'created') return 'stopped';
  if (status === 'exited') return !killed && [0, 130, 143].includes(code) ? 'stopped' : 'failed';
  return status === 'dead' ? 'failed' : 'unknown';
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const recognize: Recognize = (stderr) => {
  if (/No such container/i.test(stderr)) {
    const hint = 'docker ps -a shows the containers there are.';
    return { code: 'HOST_UNREACHABLE', exitCode: ExitCode.notFound, hint };
  }
  if (/is not running|is paused|is restarting/i.test(stderr)) {
    const hint = 'Files and commands of a container are there only while it runs: start it first.';
    return { code: 'HOST_UNREACHABLE', exitCode: ExitCode.connection, hint };
  }
  if (/permission denied.*(?:docker|daemon)|dial unix.*permission denied/i.test(stderr)) {
    return {
      code: 'HOST_LOGIN_REFUSED',
      exitCode: ExitCode.refused,
      hint: 'This user may not talk to the docker daemon.',
    };
  }
  if (/Cannot connect to the Docker daemon|error during connect|context .* not found/i.test(stderr)) {
    return { code: 'HOST_UNREACHABLE', exitCode: ExitCode.connection, hint: 'Check that the docker daemon runs.' };
  }
  return undefined;
};
