import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contextsFile, updateContexts } from '../../src/cli/contexts.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { clientSettings } from '../../src/local/client-settings.ts';
import { type LocalEnsemble, type LocalMember, open, restart } from '../../src/local/ensemble.ts';
import { defaultStateDir } from '../../src/local/spec.ts';
import { entryOf, staleBuild } from './build.ts';
import { interleave, median, ratio } from './figures.ts';
import { digits } from './print.ts';
import { timeOf } from './process-time.ts';
import type { Aim, Bench, Report, Run, Section } from './section.ts';

const OWN = 'the restarts of the servers alone';
const ROLLING = 'zksh rolling restart';

/** How many members, and how long all must be well before the next step; milliseconds. */
const SIZES = [3, 5] as const;
const STABILITY = 1000;
const PATIENCE = 60_000;

/** Small ones: nothing is stored. */
const JVM_FLAGS = ['-XX:TieredStopAtLevel=4', '-Xms128m', '-Xmx256m'];

async function modeOf({ host, clientPort }: LocalMember): Promise<string | undefined> {
  try {
    return parseServerStatus(await fourLetterWord({ host, port: clientPort, word: 'srvr' })).mode;
  } catch {
    return undefined;
  }
}

/** What nobody can be faster than: each server stopped and started by the same driver, until it says its mode; the leader last. */
async function ownRestarts(ref: LocalEnsemble): Promise<number> {
  const { members } = await open(ref);
  const modes = await Promise.all(members.map(modeOf));
  const order = [...members].sort((a, b) => rank(modes[members.indexOf(a)]) - rank(modes[members.indexOf(b)]));
  let sum = 0;
  for (const { id } of order) {
    const began = performance.now();
    await restart(ref, id);
    await serving(ref, id);
    sum += performance.now() - began;
    // The next one shall not wait for an election that this one caused.
    await Promise.all(members.map((member) => serving(ref, member.id)));
  }
  return sum;
}

function rank(mode: string | undefined): number {
  return mode === 'leader' ? 1 : 0;
}

async function serving(ref: LocalEnsemble, id: number): Promise<void> {
  const member = (await open(ref)).members.find((one) => one.id === id);
  for (
    const deadline = performance.now() + PATIENCE;
    member !== undefined && performance.now() < deadline;
    await sleep(10)
  )
    if ((await modeOf(member)) !== undefined) return;
  throw new Error(`member ${id} does not come back`);
}

/** A home in which the ensemble is a local one of its own context. */
async function homeOf(bench: Bench, ensemble: LocalEnsemble): Promise<readonly string[]> {
  const home = join(bench.scratch, ensemble.name);
  const locals = join(home, 'state', 'zksh', 'local');
  await mkdir(dirname(locals), { recursive: true });
  await symlink(ensemble.stateDir ?? defaultStateDir(process.env), locals);
  const env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_STATE_HOME: join(home, 'state') };
  await updateContexts(contextsFile(env), () => ({
    current: ensemble.name,
    contexts: { [ensemble.name]: clientSettings(ensemble) },
  }));
  return ['env', ...Object.entries(env).map(([key, value]) => `${key}=${value}`)];
}

async function measure(bench: Bench, size: (typeof SIZES)[number]): Promise<Map<string, number[]>> {
  const ensemble = await bench.servers({ servers: size, jvmFlags: JVM_FLAGS });
  const command = [...(await homeOf(bench, ensemble)), process.execPath, entryOf(bench.root), 'rolling', 'restart'];
  const flags = ['--yes', '--no-canary', '--stability', `${STABILITY}ms`];
  return interleave([OWN, ROLLING], bench.rounds, async (subject) => {
    bench.say(`${size} members: ${subject}`);
    if (subject === OWN) return ownRestarts(ensemble);
    // The windows in which it only watches are asked for: what is over them is its own.
    return (await timeOf([...command, ...flags], { output: `${size} steps` })) - size * STABILITY;
  });
}

async function run(bench: Bench): Promise<Report> {
  const rows: string[][] = [];
  const aims: Aim[] = [];
  const runs: Run[] = [];
  for (const size of SIZES) {
    const measured = await measure(bench, size);
    const [own, rolling] = [measured.get(OWN) ?? [], measured.get(ROLLING) ?? []];
    const over = 100 * (ratio(rolling, own) - 1);
    const each = (median(rolling) - median(own)) / size;
    rows.push([`${size} members`, digits(median(own)), digits(median(rolling)), digits(over), digits(each)]);
    aims.push({
      what: `${size} members: above the restarts themselves`,
      sense: '≤',
      wanted: 10,
      got: over,
      unit: ' %',
    });
    for (const [subject, values] of measured) runs.push({ subject, work: `${size} members`, unit: 'ms', values });
  }
  return {
    tables: [
      {
        title: '**Milliseconds of a rolling restart, without the windows of stability**',
        columns: ['ensemble', OWN, ROLLING, 'above, %', 'a member'],
        rows,
      },
    ],
    aims,
    missing: [],
    notes: [
      `A whole process with --no-canary; a window of ${STABILITY} ms after each step is deducted. The restarts alone are by the same driver, one after the other, the leader last, each until all members say their mode again: no gate, no proof, no journal. What is added to a member does not grow with its restart, which takes a second here where nothing is stored.`,
      ...staleBuild(bench.root),
    ],
    runs,
  };
}

export const change: Section = { name: 'change', title: 'Changing an ensemble', run };
