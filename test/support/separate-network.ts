import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { type Ended, ZKSH } from './built.ts';
import { freshNetwork, ip, loseNothing, loseWhatIsSent } from './namespaces.ts';

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
  const { base: name, net } = freshNetwork(200);
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
    cut: (i) => loseWhatIsSent(name, `${name}n${i}`, `${hosts[i]}`),
    heal: (i) => loseNothing(name, `${name}n${i}`, `${hosts[i]}`),
  };
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
