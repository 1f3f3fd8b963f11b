import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loopbackPlaces } from '../support/loopback-places.ts';
import { endAll } from '../support/namespaces.ts';
import { type Operated, operated } from '../support/operated.ts';
import { ownDirectory } from '../support/own-directory.ts';
import { type ScriptedEnsemble, scriptedEnsemble, tellLogsOf } from '../support/scripted-ensemble.ts';
import { overSsh } from '../support/ssh-ensemble.ts';
import { canHaveSshHosts } from '../support/sshd.ts';
import { NO_HARM, Workload } from '../support/workload.ts';

const IDS = [1, 2, 3, 4, 5];

/** Five places on this machine, with a server in those that are named. */
async function onLoopback(first: readonly number[]): Promise<Operated> {
  const directory = await ownDirectory('life');
  const places = await loopbackPlaces(IDS.length, directory);
  const ensemble = await scriptedEnsemble({ name: 'life', directory, places, members: first, host: 'local' });
  onTestFinished(async () => {
    endAll((await Promise.all(IDS.map(ensemble.pid))).filter((pid) => pid !== undefined));
    await rm(directory, { recursive: true, force: true });
  });
  tellLogsOf(ensemble, IDS);
  return operated(ensemble, first, (_id, [file, ...args]) => promisify(execFile)(file, args));
}

/** Whether the process of a server runs, by its pid file: quick enough to be asked all the time. */
function runs(ensemble: ScriptedEnsemble, id: number): boolean {
  try {
    const pid = readFileSync(join(ensemble.directory, `member-${id}`, 'pid'), 'utf8').trim();
    return /^State:\s*[^Z]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Looks all the time how many of these are down; `most` ends it. */
function watchDown(ensemble: ScriptedEnsemble, ids: readonly number[]): { most(): number } {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, ids.filter((id) => !runs(ensemble, id)).length);
  }, 5);
  onTestFinished(() => clearInterval(timer));
  return {
    most() {
      clearInterval(timer);
      return most;
    },
  };
}

/** From one member to five and back to one, all under the eyes of clients; the first one leaves, and comes back as new. */
async function wholeLife(operated: Operated, restart: 'all' | 'two'): Promise<void> {
  const { ensemble, run, change, voters, leader } = operated;
  const clients = await Workload.start(ensemble.connectString);
  for (const id of [2, 3]) await change('member', 'add', `${id}`);
  expect(await voters()).toEqual([1, 2, 3]);
  for (const id of [4, 5]) await change('member', 'add', `${id}`);
  expect(await voters()).toEqual(IDS);

  const last = await leader();
  const restarted = restart === 'all' ? IDS : [last, IDS.find((id) => id !== last) ?? 0].sort();
  const down = watchDown(ensemble, IDS);
  const pids = await Promise.all(IDS.map(ensemble.pid));
  const { steps, done } = await change('rolling', 'restart', '--only', restarted.join());
  expect(done).toHaveLength(restarted.length);
  expect(steps.at(-1)).toMatchObject({ id: `restart-${last}`, why: expect.stringContaining('the leader') });
  expect(down.most()).toBe(1);
  const now = await Promise.all(IDS.map(ensemble.pid));
  expect(IDS.filter((_, i) => now[i] !== pids[i])).toEqual(restarted);
  expect(await run('quorum', '--server', ensemble.connectString)).toMatchObject({ code: 0 });

  await change('member', 'remove', '1');
  await change('member', 'remove', `${await leader()}`);
  const three = await voters();
  expect(three).toHaveLength(3);
  await ensemble.wipe(1);
  const old = await leader();
  await change('member', 'replace', `${old}`, '--with', '1');
  expect(await voters()).toEqual([1, ...three.filter((id) => id !== old)]);

  for (const id of three.filter((one) => one !== old).slice(0, 1)) await change('member', 'remove', `${id}`);
  await change('member', 'remove', '1');
  expect(await voters()).toHaveLength(1);
  expect(clients.acknowledged).toBeGreaterThan(500);
  expect(await clients.end()).toEqual(NO_HARM);
}

describe('an ensemble that grows from one member to five and shrinks to one', () => {
  it('on one machine, and no client is harmed', { timeout: 480_000 }, async () => {
    await wholeLife(await onLoopback([1]), 'all');
  });

  it.skipIf(!canHaveSshHosts)('on five machines over ssh, and no client is harmed', { timeout: 480_000 }, async () => {
    await wholeLife(await overSsh(IDS.length, [1]), 'two');
  });
});
