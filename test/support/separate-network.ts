import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { type Ended, ZKSH } from './built.ts';

const exec = promisify(execFile);
let counter = 0;

/** A network namespace with one way to each of several addresses of this machine, so that one way can be cut. */
export interface SeparateNetwork {
  /** Addresses of this machine, each reached from the namespace by a way of its own. */
  hosts: readonly string[];
  /** Runs the built zksh inside. */
  zksh(argv: readonly string[]): Promise<Ended>;
  /** From now on what is sent to that host is lost without a word, as behind a firewall that drops. */
  cut(index: number): Promise<void>;
  heal(index: number): Promise<void>;
}

/** Makes the namespace for one test; it is removed when the test ends. Needs root and iproute2. */
export async function separateNetwork(ways: number): Promise<SeparateNetwork> {
  counter += 1;
  const name = `zk${process.pid.toString(36)}${counter}`;
  // Two files of tests run at once: the process and the count make addresses of their own.
  const net = `10.${200 + (process.pid % 50)}.${(counter * 31 + (process.pid >> 6)) % 250}`;
  await ip('netns', 'add', name);
  onTestFinished(async () => void (await ip('netns', 'del', name)));
  const inside = (...args: string[]): Promise<void> => ip('netns', 'exec', name, 'ip', ...args);
  await inside('link', 'set', 'lo', 'up');
  const hosts: string[] = [];
  for (let i = 0; i < ways; i += 1) {
    const [ours, theirs] = [`${net}.${4 * i + 1}`, `${net}.${4 * i + 2}`];
    await ip('link', 'add', `${name}h${i}`, 'type', 'veth', 'peer', 'name', `${name}n${i}`, 'netns', name);
    await ip('addr', 'add', `${ours}/30`, 'dev', `${name}h${i}`);
    await ip('link', 'set', `${name}h${i}`, 'up');
    await inside('addr', 'add', `${theirs}/30`, 'dev', `${name}n${i}`);
    await inside('link', 'set', `${name}n${i}`, 'up');
    hosts.push(ours);
  }
  return {
    hosts,
    zksh: (argv) => run(['ip', 'netns', 'exec', name, ...ZKSH, ...argv]),
    // A neighbour with an address of nobody: packets leave and arrive nowhere.
    cut: (i) =>
      inside(
        'neigh',
        'replace',
        `${hosts[i]}`,
        'lladdr',
        '02:00:00:00:00:99',
        'nud',
        'permanent',
        'dev',
        `${name}n${i}`,
      ),
    heal: (i) => inside('neigh', 'del', `${hosts[i]}`, 'dev', `${name}n${i}`),
  };
}

async function ip(...args: string[]): Promise<void> {
  await exec('ip', args);
}

function run([file = '', ...args]: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        texts[name] += chunk;
      });
    }
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}
