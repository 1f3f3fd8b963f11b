import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../protocol/errors.ts';
import { runChild } from './child.ts';
import { framedShell } from './framed-shell.ts';
import type { HostDriver, Limits, Service } from './host.ts';
import { HostError } from './host-error.ts';
import { type Pod, parsePod, podStatus } from './pod.ts';
import { posixHost } from './posix-host.ts';
import { lostByTool, type Recognize, runTool } from './tool.ts';

/** How a pod of a StatefulSet is reached with kubectl. */
export interface KubernetesSettings {
  pod: string;
  namespace?: string | undefined;
  container?: string | undefined;
  /** A context of kubectl. */
  context?: string | undefined;
}

/** An image may have to be fetched first. Milliseconds. */
const READY_TIMEOUT = 300_000;
const POLL = 1000;

/** A pod of a StatefulSet; what shall survive a restart must lie on its volumes. */
export function kubernetesHost({ pod, namespace, container, context }: KubernetesSettings): HostDriver {
  const name = `pod ${namespace === undefined ? '' : `${namespace}/`}${pod}`;
  const kubectl = [
    'kubectl',
    ...(context === undefined ? [] : ['--context', context]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ];
  const exec = [...kubectl, 'exec', '-i', pod, ...(container === undefined ? [] : ['-c', container]), '--'];
  const shell = framedShell({
    name,
    prefix: [],
    transport: (argv, options) => runChild([...exec, ...argv], options),
    lost: lostByTool(name, 'kubectl', recognize),
  });
  const service = podService({ name, kubectl, pod, container });
  return posixHost({ name, kind: 'kubernetes', shell, service: () => service });
}

interface Place {
  name: string;
  kubectl: readonly string[];
  pod: string;
  container: string | undefined;
}

function podService(place: Place): Service {
  const { name, kubectl, pod, container } = place;
  return {
    what: `StatefulSet of ${name}`,
    // The controller starts it; there is nothing to do but to wait.
    start: (limits) => untilReady(place, undefined, limits),
    async stop() {
      throw new HostError(name, 'a pod of a StatefulSet can not be stopped: a new one is started at once', {
        code: 'HOST_CANNOT',
        exitCode: ExitCode.usage,
        outcome: 'none',
        hint: 'Restart it, or scale the StatefulSet down with kubectl when the member is to go for good.',
      });
    },
    async restart(limits = {}) {
      const before = await look(place, limits);
      if (before === undefined) throw noPod(name);
      if (!before.ofStatefulSet) throw bare(name);
      await runTool(name, [...kubectl, 'delete', 'pod', pod, '--wait=false'], { ...limits, recognize });
      await untilReady(place, before.uid, limits);
    },
    async status(limits) {
      const found = await look(place, limits);
      return found === undefined ? { state: 'stopped', detail: 'there is no such pod' } : podStatus(found, container);
    },
  };
}

/** Waits for a pod that is ready and is not the old one. */
async function untilReady(place: Place, old: string | undefined, { timeout = READY_TIMEOUT, signal }: Limits = {}) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = await look(place, { timeout: Math.max(1, deadline - Date.now()), signal });
    if (found?.ready && found.uid !== old && !found.ending) return;
    if (Date.now() + POLL > deadline) {
      const now = found === undefined ? 'there is no pod' : podStatus(found, place.container).detail;
      throw new HostError(place.name, `it is not ready within ${timeout} ms: ${now}`, {
        code: 'HOST_TIMEOUT',
        exitCode: ExitCode.timeout,
        outcome: 'unknown',
        hint: 'It may still become ready; kubectl describe pod says what it waits for.',
      });
    }
    await sleep(POLL, undefined, { signal }).catch((error) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

async function look({ name, kubectl, pod }: Place, limits: Limits = {}): Promise<Pod | undefined> {
  const argv = [...kubectl, 'get', 'pod', pod, '--ignore-not-found', '-o', 'json'];
  const { stdout } = await runTool(name, argv, { ...limits, recognize, idempotent: true });
  return parsePod(stdout.toString('utf8'));
}

function noPod(name: string): HostError {
  return new HostError(name, 'there is no such pod', {
    code: 'HOST_UNREACHABLE',
    exitCode: ExitCode.notFound,
    outcome: 'none',
    hint: 'kubectl get pods shows those there are; check the namespace.',
  });
}

function bare(name: string): HostError {
  return new HostError(name, 'no StatefulSet owns it, so nobody would start it again', {
    code: 'HOST_CANNOT',
    exitCode: ExitCode.usage,
    outcome: 'none',
    hint: 'Restart it by the means it was made with.',
  });
}

const recognize: Recognize = (stderr) => {
  if (/\(NotFound\)|not found/i.test(stderr)) {
    const hint = 'kubectl get pods shows those there are; check the namespace.';
    return { code: 'HOST_UNREACHABLE', exitCode: ExitCode.notFound, hint };
  }
  if (/\(Forbidden\)|Unauthorized|must be logged in/i.test(stderr)) {
    return {
      code: 'HOST_LOGIN_REFUSED',
      exitCode: ExitCode.refused,
      hint: 'This user of the cluster may not do that.',
    };
  }
  if (
    /Unable to connect|unable to upgrade connection|connection refused|context .* does not exist|no such host/i.test(
      stderr,
    )
  ) {
    return {
      code: 'HOST_UNREACHABLE',
      exitCode: ExitCode.connection,
      hint: 'Check the cluster and the context of kubectl.',
    };
  }
  return undefined;
};
