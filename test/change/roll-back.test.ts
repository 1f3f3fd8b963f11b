import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Action } from '../../src/change/actions/action.ts';
import { stateOf } from '../../src/change/change-state.ts';
import type { ChangeContext } from '../../src/change/context.ts';
import { Journal, type NewEntry } from '../../src/change/journal.ts';
import type { ChangeLock } from '../../src/change/lock.ts';
import { runChange } from '../../src/change/run-change.ts';
import type { HostDriver } from '../../src/hosts/host.ts';
import { viewOf } from '../support/health-views.ts';
import { planWith, restartOf } from './made-up.ts';

const OLD = 'tickTime=2000\n';
const NEW = 'tickTime=3000\n';

it('that a kill broke off is finished before anything else, though all gates would hold by then', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-back-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const apply = (was: string, text: string): Action => ({
    do: 'apply-config',
    member: 2n,
    file: { path: '/zoo.cfg', text, mode: 0o640 },
    was,
  });
  const step = restartOf(2n, { action: apply(OLD, NEW), undo: [apply(NEW, OLD)], rollBack: true });
  const journal = await Journal.create(directory, planWith([step]), () => 0);
  onTestFinished(() => journal.close());
  const killed: NewEntry[] = [
    { type: 'begin', step: step.id, before: {} },
    { type: 'act', step: step.id, facts: {} },
    { type: 'acted', step: step.id, evidence: 'it runs', facts: {} },
    { type: 'undoing', step: step.id, because: 'it fell behind' },
  ];
  for (const entry of killed) await journal.write(entry);

  // The file was put back already, and the member serves: only the journal knows that it has not the new one.
  let restarts = 0;
  const host: Partial<HostDriver> = {
    name: 'zk2',
    readFile: async () => Buffer.from(OLD),
    service: {
      what: 'it',
      start: async () => undefined,
      stop: async () => undefined,
      restart: async () => {
        restarts += 1;
      },
      status: async () => ({ state: 'running', detail: 'it runs' }),
    },
  };
  let now = 0;
  const context: Partial<ChangeContext> = {
    observe: async () => viewOf([{ role: 'leader' }, { role: 'follower' }, { role: 'follower' }]).status,
    host: () => host as HostDriver,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    signal: new AbortController().signal,
  };
  const lock = { hold: async () => undefined } as unknown as ChangeLock;
  const hooks = { tell: () => undefined, stopBecause: () => undefined };
  await expect(runChange(journal, lock, context as ChangeContext, hooks)).rejects.toMatchObject({
    code: 'ROLLED_BACK',
    exitCode: 8,
    message: expect.stringContaining(
      'restart member 2 failed and was taken back, all is as before it; what failed: it fell behind',
    ),
  });
  expect(restarts).toBe(1);
  expect(stateOf(journal.entries)).toMatchObject({ state: 'stopped', done: [], current: undefined });
});
