import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kubernetesHost } from '../../src/hosts/kubernetes-host.ts';
import { parsePod, podStatus } from '../../src/hosts/pod.ts';
import { type StandIn, standIn } from '../support/stand-in.ts';
import { describeHost } from './host-behaviour.ts';

/** Runs what it shall execute in the pod on this machine. No cluster is asked: this is a stand-in. */
const EXEC = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"';
const WHERE = ['--context', 'prod', '--namespace', 'kafka'];

function pod({ uid = 'one', ready = true, owner = 'StatefulSet', state = {} as object, ending = false } = {}): string {
  return JSON.stringify({
    metadata: {
      uid,
      ownerReferences: owner === '' ? [] : [{ kind: owner, name: 'zk' }],
      ...(ending ? { deletionTimestamp: '2026-01-02T03:04:05Z' } : {}),
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        { name: 'sidecar', state: { waiting: { reason: 'ContainerCreating' } } },
        { name: 'zk', state: { running: { startedAt: '2026-01-02T03:04:05Z' }, ...state } },
      ],
    },
  });
}

describe('a pod, kubectl being a stand-in', () => {
  let kubectl: StandIn;
  const root = mkdtempSync(join(tmpdir(), 'zksh-kubectl-test-'));
  const host = kubernetesHost({ pod: 'zk-0', namespace: 'kafka', container: 'zk', context: 'prod' });
  beforeAll(() => {
    kubectl = standIn('kubectl', EXEC);
  });
  beforeEach(() => {
    kubectl.calls();
    kubectl.answer(EXEC);
  });
  afterAll(() => {
    kubectl.remove();
    rmSync(root, { recursive: true, force: true });
  });

  describeHost({ host: () => host, directory: () => root });

  it('is reached by kubectl exec', async () => {
    await host.run(['echo', 'a b']);
    const [call] = kubectl.calls();
    expect(call?.slice(0, 11)).toEqual([...WHERE, 'exec', '-i', 'zk-0', '-c', 'zk', '--', 'sh']);
    expect(call?.slice(-2)).toEqual(['echo', 'a b']);
  });

  it('is restarted by deleting it, and waiting for the next one to be ready', async () => {
    kubectl.answer(`n=$(cat ${kubectl.directory}/gets 2>/dev/null | wc -l)
case "$*" in
  *' delete '*) echo deleted;;
  *) echo x >>${kubectl.directory}/gets
     case $n in 0) echo '${pod()}';; 1) echo '${pod({ ending: true })}';; 2) ;; 3) echo '${pod({ uid: 'two', ready: false })}';; *) echo '${pod({ uid: 'two' })}';; esac;;
esac`);
    await host.service.restart();
    const calls = kubectl.calls();
    const get = [...WHERE, 'get', 'pod', 'zk-0', '--ignore-not-found', '-o', 'json'];
    expect(calls).toEqual([get, [...WHERE, 'delete', 'pod', 'zk-0', '--wait=false'], get, get, get, get]);
  });

  it('that nobody would start again is not deleted', async () => {
    kubectl.answer(`echo '${pod({ owner: '' })}'`);
    await expect(host.service.restart()).rejects.toMatchObject({ code: 'HOST_CANNOT', outcome: 'none' });
    kubectl.answer('exit 0');
    await expect(host.service.restart()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', exitCode: 3 });
    expect(kubectl.calls().flat()).not.toContain('delete');
  });

  it('that does not become ready is told of in time', async () => {
    kubectl.answer(`echo '${pod({ ready: false })}'`);
    await expect(host.service.start({ timeout: 1500 })).rejects.toMatchObject({
      code: 'HOST_TIMEOUT',
      outcome: 'unknown',
    });
  });

  it('is not stopped, since a new one would come', async () => {
    const error = await host.service.stop().catch((e) => e);
    expect(error).toMatchObject({ code: 'HOST_CANNOT', outcome: 'none' });
    expect(error.message).toContain('a new one is started at once');
    expect(kubectl.calls()).toEqual([]);
  });

  it('has the state of its container', async () => {
    kubectl.answer(`echo '${pod()}'`);
    expect(await host.service.status()).toEqual({
      state: 'running',
      since: Date.UTC(2026, 0, 2, 3, 4, 5),
      detail: 'Running, ready',
    });
    kubectl.answer('exit 0');
    expect(await host.service.status()).toMatchObject({ state: 'stopped' });
  });

  it.each([
    [
      { state: { running: undefined, waiting: { reason: 'CrashLoopBackOff' } } },
      'failed',
      'Running, ready, CrashLoopBackOff',
    ],
    [{ state: { running: undefined, terminated: { reason: 'OOMKilled' } } }, 'failed', 'Running, ready, OOMKilled'],
    [{ ending: true }, 'unknown', 'ending, ready'],
  ] as const)('with %j is %s', (what, state, detail) => {
    expect(podStatus(parsePod(pod(what))!, 'zk')).toMatchObject({ state, detail });
  });

  it.each([
    ['Error from server (NotFound): pods "zk-0" not found', 'HOST_UNREACHABLE', 3],
    ['Error from server (Forbidden): pods "zk-0" is forbidden', 'HOST_LOGIN_REFUSED', 4],
    ['Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout', 'HOST_UNREACHABLE', 5],
  ])('tells "%s" from the failure of a command', async (stderr, code, exitCode) => {
    kubectl.answer(`echo '${stderr}' >&2; exit 1`);
    await expect(host.run(['true'])).rejects.toMatchObject({ code, exitCode, outcome: 'none' });
    await expect(host.service.status()).rejects.toMatchObject({ code, exitCode });
  });
});
