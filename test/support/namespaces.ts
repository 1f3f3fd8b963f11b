import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const exec = promisify(execFile);
let counter = 0;

/** Whether this machine can have network namespaces: root, and iproute2. */
export const canHaveNamespaces = process.getuid?.() === 0 && ['/usr/sbin/ip', '/sbin/ip'].some(existsSync);

/** A name and a network (`10.x.y`) that no other test of this machine has: by the process and how many it has made. */
export function freshNetwork(first: number): { base: string; net: string } {
  counter += 1;
  return {
    base: `zs${process.pid.toString(36)}${counter}`,
    net: `10.${first + (process.pid % 50)}.${(counter * 31 + (process.pid >> 6)) % 250}`,
  };
}

export async function ip(...args: string[]): Promise<void> {
  await exec('ip', args);
}

/** Processes whose network that is. */
export async function pidsIn(name: string): Promise<number[]> {
  const { stdout } = await exec('ip', ['netns', 'pids', name]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

export function endAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Ends what runs in a namespace, and takes it away. */
export async function removeNamespace(name: string): Promise<void> {
  endAll(await pidsIn(name));
  await ip('netns', 'del', name);
}

/** What is sent from a namespace (here where undefined) to that neighbour leaves and arrives nowhere: nobody has that address. */
export async function loseWhatIsSent(from: string | undefined, device: string, to: string): Promise<void> {
  await ip(...inside(from), 'neigh', 'replace', to, 'lladdr', '02:00:00:00:00:99', 'nud', 'permanent', 'dev', device);
}

export async function loseNothing(from: string | undefined, device: string, to: string): Promise<void> {
  await ip(...inside(from), 'neigh', 'del', to, 'dev', device);
}

function inside(name: string | undefined): string[] {
  return name === undefined ? [] : ['-n', name];
}
