import { createInterface } from 'node:readline';
import { percentile } from '../figures.ts';

/**
 * The bench's side of every peer program: it says `{"version": …}` once it is connected, then takes one line after
 * another, `WORK DEPTH COUNT PATH`, and answers each with one line of JSON. The works are:
 *
 * - `get`, `set`: COUNT times the znode PATH; set with 100 bytes
 * - `create`, `delete`: PATH0, PATH1, … PATH(COUNT-1); create with 100 bytes
 *
 * with DEPTH requests under way at any time. `peers/*.py`, `*.c` and `*.java` do the same in their language.
 */
export interface Peer {
  readonly version: string;
  ask(work: string, path: string, done: (error?: unknown) => void): void;
}

export const DATA: Buffer = Buffer.alloc(100, 'x');

/** One line's answer: seconds of the clock and of the processor, and the latencies at two ranks in microseconds. */
export interface LoadResult {
  seconds: number;
  cpu: number;
  p50: number;
  p99: number;
}

/** Runs until stdin ends. */
export async function serveLoad(peer: Peer): Promise<void> {
  const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
  answer({ version: peer.version });
  for await (const line of createInterface({ input: process.stdin })) {
    const [work = '', depth, count, path = ''] = line.split(' ');
    const target = work === 'get' || work === 'set' ? () => path : (i: number) => `${path}${i}`;
    answer(await load(Number(depth), Number(count), (i, done) => peer.ask(work, target(i), done)));
  }
}

function load(
  depth: number,
  count: number,
  ask: (i: number, done: (error?: unknown) => void) => void,
): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const latencies = new Float64Array(count);
    let asked = 0;
    let answered = 0;
    const next = () => {
      const i = asked++;
      const since = performance.now();
      ask(i, (error) => {
        if (error !== undefined && error !== null) return reject(error);
        latencies[i] = (performance.now() - since) * 1000;
        answered++;
        if (asked < count) next();
        else if (answered === count) finish();
      });
    };
    const cpuBefore = process.cpuUsage();
    const before = performance.now();
    const finish = () => {
      const seconds = (performance.now() - before) / 1000;
      const { user, system } = process.cpuUsage(cpuBefore);
      const cpu = (user + system) / 1e6;
      resolve({ seconds, cpu, p50: percentile(latencies, 50), p99: percentile(latencies, 99) });
    };
    for (let i = 0; i < Math.min(depth, count); i++) next();
  });
}
