import type { ServiceStatus } from './host.ts';

/** What counts of a pod. */
export interface Pod {
  uid: string;
  phase: string;
  ready: boolean;
  /** It was deleted and is still there. */
  ending: boolean;
  ofStatefulSet: boolean;
  containers: readonly ContainerState[];
}

interface ContainerState {
  name: string;
  /** `running`, `waiting` or `terminated`. */
  state: string;
  /** `CrashLoopBackOff` and its like. */
  reason: string | undefined;
  /** Milliseconds since the epoch. */
  since: number | undefined;
}

type Loose = Readonly<Record<string, unknown>>;

/** Reads `kubectl get pod -o json`; undefined for no pod, or what can't be read. */
export function parsePod(text: string): Pod | undefined {
  const pod = parse(text);
  const [metadata, status] = [object(pod.metadata), object(pod.status)];
  if (typeof metadata.uid !== 'string') return undefined;
  return {
    uid: metadata.uid,
    phase: String(status.phase ?? ''),
    ready: list(status.conditions).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    ending: metadata.deletionTimestamp !== undefined,
    ofStatefulSet: list(metadata.ownerReferences).some(({ kind }) => kind === 'StatefulSet'),
    containers: list(status.containerStatuses).map(containerState),
  };
}

/** The state of the server, which is the container named, else the first. */
export function podStatus(pod: Pod, container: string | undefined): ServiceStatus {
  const server = pod.containers.find(({ name }) => name === container) ?? pod.containers[0];
  const detail = [pod.ending ? 'ending' : pod.phase, pod.ready ? 'ready' : 'not ready', server?.reason]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  const since = server?.since === undefined ? {} : { since: server.since };
  if (pod.ending) return { state: 'unknown', detail };
  if (server?.state === 'running') return { state: 'running', ...since, detail };
  if (server?.reason === 'CrashLoopBackOff' || server?.state === 'terminated') return { state: 'failed', detail };
  return { state: 'unknown', detail };
}

function containerState(status: Loose): ContainerState {
  const [state = '', inside] = Object.entries(object(status.state))[0] ?? [];
  const { reason, startedAt } = object(inside);
  const since = Date.parse(String(startedAt));
  return {
    name: String(status.name ?? ''),
    state,
    reason: typeof reason === 'string' ? reason : undefined,
    since: Number.isNaN(since) ? undefined : since,
  };
}

function parse(text: string): Loose {
  try {
    return object(JSON.parse(text));
  } catch {
    return {};
  }
}

function object(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

function list(value: unknown): Loose[] {
  return Array.isArray(value) ? value.map(object) : [];
}
