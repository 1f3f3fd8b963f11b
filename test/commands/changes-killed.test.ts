import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesIn, journalNames, type Line, newJournal } from '../support/journal-lines.ts';
import { loopbackPlaces } from '../support/loopback-places.ts';
import { endAll } from '../support/namespaces.ts';
import { type Operated, operated } from '../support/operated.ts';
import { ownDirectory } from '../support/own-directory.ts';
import { type ScriptedEnsemble, scriptedEnsemble } from '../support/scripted-ensemble.ts';
import { NO_HARM, Workload } from '../support/workload.ts';

/** What is on the disk before something else is done: after each of these, of each step, zksh is killed once. */
const BOUNDARIES = ['begin', 'act', 'acted', 'done'];

function boundariesOf(entries: readonly Line[]): string[] {
  return entries.filter(({ type }) => BOUNDARIES.includes(type)).map(({ type, step }) => `${step} ${type}`);
}

/** Makes a change, killed whenever its journal says something new, and gone on with by `rolling resume` each time. */
async function madeByTheKilled(
  { start, journals }: Operated,
  ...argv: string[]
): Promise<{ killedAt: string[]; entries: Line[] }> {
  const known = await journalNames(journals);
  const path = (): Promise<string> => newJournal(journals, known);
  const killedAt: string[] = [];
  let next = [...argv, '--yes'];
  for (let seen = 0; ; ) {
    const { child, ended } = start(...next);
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) {
      const news = boundariesOf(entriesIn(await path()).slice(seen));
      if (news.some((one) => !killedAt.includes(one))) break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (!over) child.kill('SIGKILL');
    const { code, stderr } = await ended;
    const entries = entriesIn(await path());
    if (entries.some(({ type }) => type === 'end')) {
      expect(code ?? 0).toBe(0);
      return { killedAt, entries };
    }
    // Killed, and not failed: an exit code would be one.
    expect({ code, stderr: code === null ? '' : stderr }).toEqual({ code: null, stderr: '' });
    killedAt.push(...boundariesOf(entries).slice(-1));
    seen = entries.length;
    next = ['rolling', 'resume', '--yes'];
  }
}

/** One ensemble of three with a place for a fourth, which the tests go through in their order, under the eyes of clients. */
describe('a zksh that is killed with SIGKILL at any boundary of any step leaves what resume goes on from, to the end', () => {
  let directory = '';
  let ensemble: ScriptedEnsemble;
  let operator: Operated;
  let clients: Workload;
  const ids = [1, 2, 3, 4];
  beforeAll(async () => {
    directory = await ownDirectory('killed');
    const places = await loopbackPlaces(ids.length, directory);
    const members = [1, 2, 3];
    ensemble = await scriptedEnsemble({ name: 'killed', directory, places, members, host: 'local' });
    operator = await operated(ensemble, members, (_id, [file, ...args]) => promisify(execFile)(file, args));
    clients = await Workload.start(ensemble.connectString);
  }, 120_000);
  afterAll(async () => {
    endAll((await Promise.all(ids.map(ensemble.pid))).filter((pid) => pid !== undefined));
    await rm(directory, { recursive: true, force: true });
  });

  /** Who is killed at each boundary, and what must be so in the end. */
  async function killed(steps: readonly string[], voters: readonly number[], ...argv: string[]): Promise<void> {
    const { killedAt, entries } = await madeByTheKilled(operator, ...argv);
    expect(new Set(entries.flatMap(({ type, step }) => (type === 'done' ? [step] : [])))).toEqual(new Set(steps));
    // What is over in a moment may be missed; what takes its time never is.
    for (const step of steps)
      expect(killedAt.filter((one) => one.startsWith(`${step} `)).length, step).toBeGreaterThan(0);
    expect(new Set(killedAt).size).toBeGreaterThan(2 * steps.length);
    expect(await operator.voters()).toEqual(voters);
    const { code, stdout } = await operator.run('health', '--server', ensemble.connectStringOf(voters), '-o', 'json');
    expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
  }

  it('while a member is added', { timeout: 240_000 }, async () => {
    await killed(['prepare-4', 'start-4', 'add-4'], ids, 'member', 'add', '4');
  });

  it('while the leader is removed', { timeout: 240_000 }, async () => {
    const leader = await operator.leader();
    await killed(
      [`remove-${leader}`, `stop-${leader}`],
      ids.filter((id) => id !== leader),
      'member',
      'remove',
      `${leader}`,
    );
    expect(await ensemble.pid(leader)).toBeUndefined();
  });

  it('while a member is replaced', { timeout: 240_000 }, async () => {
    const before = await operator.voters();
    const [back = 0] = ids.filter((id) => !before.includes(id));
    await ensemble.wipe(back);
    const leader = await operator.leader();
    const [old = 0] = before.filter((id) => id !== leader);
    const steps = [`prepare-${back}`, `start-${back}`, `add-${back}`, `remove-${old}`, `stop-${old}`];
    await killed(
      steps,
      ids.filter((id) => id !== old),
      'member',
      'replace',
      `${old}`,
      '--with',
      `${back}`,
    );
  });

  it('while all are restarted', { timeout: 240_000 }, async () => {
    const members = await operator.voters();
    await killed(
      members.map((id) => `restart-${id}`),
      members,
      'rolling',
      'restart',
    );
  });

  it('and no client was harmed by any of it', async () => {
    expect(await clients.end()).toEqual(NO_HARM);
  });
});
