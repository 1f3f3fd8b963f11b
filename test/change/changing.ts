import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Applying } from '../../src/change/apply.ts';
import type { ChangeContext } from '../../src/change/context.ts';
import { ChangeSession } from '../../src/change/session.ts';
import { connect } from '../../src/client/connect.ts';
import { parseConnectString } from '../../src/client/connect-string.ts';
import { ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { parseAdminChoice } from '../../src/ensemble/members.ts';
import { observeEnsemble, withOutsiders } from '../../src/ensemble/observe.ts';
import type { HostDriver, Service } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { restart, start, stop } from '../../src/local/control.ts';
import { open } from '../../src/local/ensemble.ts';
import type { TestEnsemble } from '../support/ensembles.ts';

/** Everything that a change of a local ensemble takes, with what a test wants to be otherwise. */
export async function changing(
  ensemble: TestEnsemble,
  over: Partial<Applying> & { host?: (id: bigint) => HostDriver } = {},
): Promise<Applying> {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-journal-'));
  const stop = new AbortController();
  const auth = [{ scheme: 'digest', auth: `super:${ensemble.superSecret}` }];
  const session = new ChangeSession(ensemble.connectString, { connect, options: { auth }, signal: stop.signal });
  onTestFinished(async () => {
    stop.abort();
    await session.close();
    await rm(directory, { recursive: true, force: true });
  });
  const { hosts: servers } = parseConnectString(ensemble.connectString);
  const asking = { limit: 3000, connect, options: { auth }, signal: stop.signal };
  const wanted = {
    listed: servers.map((server) => ({ server })),
    only: false,
    tls: false,
    admin: parseAdminChoice(['off']),
  };
  const context: ChangeContext = {
    observe: async (also = []) =>
      ensembleStatus(await observeEnsemble({ ...wanted, listed: withOutsiders(wanted, also) }, asking)),
    client: session.client,
    asking,
    host: over.host ?? ((id) => hostOf(ensemble, id)),
    proofPath: '/',
    random: Math.random,
    now: Date.now,
    sleep: (ms) => sleep(ms, undefined, { signal: stop.signal }),
    signal: stop.signal,
  };
  return {
    context,
    directory,
    lockPath: '/zksh-change',
    owner: { who: 'tester@here', pid: process.pid },
    isDead: () => false,
    hooks: { tell: () => undefined, stopBecause: () => undefined },
    canary: {
      connect,
      options: { auth },
      servers,
      parent: '/',
      interval: 50,
      beside: 200,
      now: Date.now,
      random: Math.random,
    },
    ...over,
  };
}

/** The machine of a member of a local ensemble. */
export function hostOf(ensemble: TestEnsemble, id: bigint, over: Partial<Service> = {}): HostDriver {
  const { name, stateDir } = ensemble;
  const ref = { name, stateDir };
  const member = Number(id);
  const service: Service = {
    what: `member ${id}`,
    start: async () => void (await start(ref, member)),
    stop: async () => void (await stop(ref, member)),
    restart: async () => void (await restart(ref, member)),
    status: async () => {
      const found = (await open(ref)).members.find((one) => one.id === member);
      const state = found?.state === 'running' ? 'running' : found?.state === 'stopped' ? 'stopped' : 'failed';
      return { state, pid: found?.pid, detail: found?.state ?? 'unknown' };
    },
    ...over,
  };
  return localHost({ name: `member ${id}`, service: () => service });
}
