import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { connect } from '../../src/index.ts';
import { kill, type LocalEnsemble, type LocalMember, open, pause, resume, start } from '../../src/local/ensemble.ts';
import { interleave, median } from './figures.ts';
import { hasKazoo, PYTHON } from './peers.ts';
import { digits } from './print.ts';
import type { Bench, Missing, Report, Section } from './section.ts';

/** Milliseconds; short, since what is waited for is two thirds of it. */
const SESSION_TIMEOUT = 6_000;
const ZKSH = 'zksh';
const FLOOR = 'bare Node socket (the floor)';
const NODE = '/failover';

/** Writes must flow so long before a fault, and after it without a pause, for the gap to be over. Milliseconds. */
const STEADY = 1_000;
const PAUSE = 300;
const PATIENCE = 90_000;

const FAULTS = ['follower killed', 'leader killed', 'server hung'] as const;
type Fault = (typeof FAULTS)[number];

interface Writer {
  readonly name: string;
  command(servers: string): readonly string[];
}

function writers(bench: Bench): { present: Writer[]; missing: Missing[] } {
  const node = fileURLToPath(new URL('peers/writer.js', import.meta.url));
  const timeout = String(SESSION_TIMEOUT);
  const present: Writer[] = [
    { name: ZKSH, command: (servers) => [process.execPath, node, 'zksh', servers, timeout, NODE] },
    { name: FLOOR, command: (servers) => [process.execPath, node, 'bare', servers, timeout, NODE] },
  ];
  if (!hasKazoo()) return { present, missing: [{ peer: 'kazoo', why: 'apt-get install python3-kazoo' }] };
  const script = join(bench.root, 'test/bench/peers/kazoo_writer.py');
  const kazoo = { name: 'kazoo (Python)', command: (servers: string) => [PYTHON, script, servers, timeout, NODE] };
  return { present: [...present, kazoo], missing: [] };
}

/** A running writer, and when its accepted writes arrived. */
class Writing {
  readonly arrivals: number[] = [];
  readonly #child: ChildProcess;

  constructor(command: readonly string[]) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const now = performance.now();
      for (let i = 0; i < chunk.length; i += 2) this.arrivals.push(now);
    });
  }

  /** Waits until writes have flowed for a while since then. */
  async steady(since: number): Promise<void> {
    for (const deadline = performance.now() + PATIENCE; performance.now() < deadline; await sleep(50)) {
      const now = performance.now();
      const recent = this.arrivals.filter((at) => at > Math.max(since, now - STEADY));
      const first = recent[0] ?? now;
      if (now - first > STEADY * 0.8 && largestGap([...recent, now]) < PAUSE) return;
    }
    throw new Error('the writer does not come to write again');
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

function largestGap(times: readonly number[]): number {
  return times.slice(1).reduce((most, at, i) => Math.max(most, at - (times[i] ?? at)), 0);
}

async function isLeader({ host, clientPort }: LocalMember): Promise<boolean> {
  const status = parseServerStatus(await fourLetterWord({ host, port: clientPort, word: 'srvr' }));
  return status.mode === 'leader';
}

/** The writer's own server first. It is a follower, and the one that goes, unless the leader does. */
async function arrange(ensemble: LocalEnsemble, fault: Fault): Promise<{ servers: string; victim: LocalMember }> {
  const leads = await Promise.all(ensemble.members.map(isLeader));
  const leader = ensemble.members.find((_, i) => leads[i]);
  const followers = ensemble.members.filter((_, i) => !leads[i]);
  if (leader === undefined || followers[0] === undefined) throw new Error('the ensemble has no leader');
  const servers = [...followers, leader].map(({ host, clientPort }) => `${host}:${clientPort}`).join(',');
  return { servers, victim: fault === 'leader killed' ? leader : followers[0] };
}

/** Milliseconds between the last write accepted before a fault and the first one after. */
async function gapOf(ref: LocalEnsemble, writer: Writer, fault: Fault): Promise<number> {
  const { servers, victim } = await arrange(await open(ref), fault);
  const writing = new Writing(writer.command(servers));
  try {
    await writing.steady(performance.now());
    const before = writing.arrivals.length - 1;
    await (fault === 'server hung' ? pause : kill)(ref, victim.id);
    await writing.steady(performance.now());
    return largestGap(writing.arrivals.slice(before));
  } finally {
    writing.end();
    await (fault === 'server hung' ? resume : start)(ref, victim.id);
  }
}

async function run(bench: Bench): Promise<Report> {
  const ensemble = await bench.servers({ servers: 3 });
  const client = await connect(ensemble.connectString);
  await client.create(NODE);
  await client.close();
  const { present, missing } = writers(bench);
  const gaps = new Map<Fault, Map<Writer, number[]>>();
  const stuck: string[] = [];
  for (const fault of FAULTS) {
    bench.say(fault);
    const measured = new Map<Writer, number[]>(present.map((writer) => [writer, []]));
    await interleave(present, bench.rounds, async (writer) => {
      try {
        measured.get(writer)?.push(await gapOf(ensemble, writer, fault));
      } catch (error) {
        stuck.push(`${writer.name}, ${fault}: ${(error as Error).message}`);
      }
    });
    gaps.set(fault, measured);
  }
  const of = (fault: Fault, name: string) =>
    median([...(gaps.get(fault) ?? [])].find(([writer]) => writer.name === name)?.[1] ?? []);
  return {
    tables: [
      {
        title: '**Milliseconds without an accepted write**',
        columns: ['writer', ...FAULTS],
        rows: present.map(({ name }) => [name, ...FAULTS.map((fault) => digits(of(fault, name)))]),
      },
    ],
    aims: [
      { what: 'follower killed', sense: '≤', wanted: 150, got: of('follower killed', ZKSH), unit: ' ms' },
      {
        what: 'leader killed: above the floor',
        sense: '≤',
        wanted: 300,
        got: of('leader killed', ZKSH) - of('leader killed', FLOOR),
        unit: ' ms',
      },
      {
        what: `server hung, session of ${SESSION_TIMEOUT / 1000} s`,
        sense: '≤',
        wanted: (SESSION_TIMEOUT * 2) / 3 + 500,
        got: of('server hung', ZKSH),
        unit: ' ms',
      },
    ],
    missing,
    notes: [
      `Three servers on one machine, one writer with one write at a time; the follower that goes or hangs is the writer's own. Session timeout ${SESSION_TIMEOUT / 1000} s.`,
      'The floor asks each server in turn every 2 ms, without a session to keep: what is left is the election.',
      ...stuck,
    ],
    runs: [...gaps].flatMap(([work, byWriter]) =>
      [...byWriter].map(([{ name }, values]) => ({ subject: name, work, unit: 'ms', values })),
    ),
  };
}

export const failover: Section = { name: 'failover', title: 'Failover', run };
