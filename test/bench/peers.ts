import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Missing } from './section.ts';

/** A program that can be started with the servers as its arguments. */
export interface PeerProgram {
  readonly name: string;
  readonly command: readonly string[];
  /** It wants host and port apart. */
  readonly splitAddress?: boolean;
}

export const ZKSH = 'zksh';
export const BARE_C = 'bare C socket';
const BARE_NODE = 'bare Node socket';
export const C_CLIENT = 'C client';
const KAZOO = 'kazoo (Python)';

/** Debian's Python: its packages are not those of a Python the user built. */
export const PYTHON = '/usr/bin/python3';
/** Debian's; the one of a release has the same start-up. */
export const ZKCLI = '/usr/share/zookeeper/bin/zkCli.sh';
const JAVA_JARS = '/usr/share/java/zookeeper.jar:/usr/share/java/zookeeper-jute.jar';

/** Compiled beside this file. */
export const compiled = (name: string) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

/** What it takes to have one peer; a string says why it is not to be had. */
type Preparation = (sources: string, scratch: string) => PeerProgram | string;

function node(file: string): readonly string[] {
  return [process.execPath, compiled(file)];
}

/** Runs a compiler; undefined when it went well. */
function compile(command: string, args: readonly string[]): string | undefined {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.error !== undefined) return `there is no ${command}`;
  return done.status === 0
    ? undefined
    : (done.stderr.split('\n').find((line) => line.includes('error')) ?? 'it failed');
}

/** Compiles one of the C programs; `why` says what is wrong when it can't be. */
export function compileC(sources: string, scratch: string, program: string, flags: readonly string[] = []) {
  const binary = join(scratch, program);
  const why = compile('gcc', ['-O2', '-o', binary, join(sources, `${program}.c`), ...flags]);
  return { binary, why };
}

function c(name: string, program: string, flags: readonly string[], get: string): Preparation {
  return (sources, scratch) => {
    const { binary, why } = compileC(sources, scratch, program, flags);
    return why === undefined ? { name, command: [binary], splitAddress: program === 'bare' } : `${why}; ${get}`;
  };
}

const PREPARATIONS: Readonly<Record<string, Preparation>> = {
  [ZKSH]: () => ({ name: ZKSH, command: node('zksh.js') }),
  [BARE_C]: c(BARE_C, 'bare', [], 'apt-get install gcc'),
  [BARE_NODE]: () => ({ name: BARE_NODE, command: node('bare-node.js') }),
  [C_CLIENT]: c(
    C_CLIENT,
    'c_client',
    ['-DTHREADED', '-lzookeeper_mt', '-lpthread'],
    'apt-get install gcc libzookeeper-mt-dev',
  ),
  'Java client': (sources, scratch) => {
    if (!existsSync('/usr/share/java/zookeeper.jar')) return 'no zookeeper.jar; apt-get install libzookeeper-java';
    const args = ['-implicit:none', '-cp', JAVA_JARS, '-d', scratch, join(sources, 'JavaPeer.java')];
    const wrong = compile('javac', args);
    if (wrong !== undefined) return `${wrong}; apt-get install default-jdk-headless`;
    return { name: 'Java client', command: ['java', '-Xmx512m', '-cp', `${scratch}:${JAVA_JARS}`, 'JavaPeer'] };
  },
  [KAZOO]: (sources) => {
    if (!hasKazoo()) return 'apt-get install python3-kazoo';
    return { name: KAZOO, command: [PYTHON, join(sources, 'kazoo_peer.py')] };
  },
  'node-zookeeper-client': (sources) => {
    if (!existsSync(join(sources, '../../../node_modules/node-zookeeper-client'))) return 'npm install';
    return { name: 'node-zookeeper-client', command: node('node-zookeeper-client.js') };
  },
};

/** Debian's Python, when it has kazoo. */
export function hasKazoo(): boolean {
  return spawnSync(PYTHON, ['-c', 'import kazoo'], { stdio: 'ignore' }).status === 0;
}

/** Compiles and finds all peers; one that can't be had is named with what would help. */
export function preparePeers(root: string, scratch: string): { programs: PeerProgram[]; missing: Missing[] } {
  const programs: PeerProgram[] = [];
  const missing: Missing[] = [];
  for (const [peer, prepare] of Object.entries(PREPARATIONS)) {
    const prepared = prepare(join(root, 'test/bench/peers'), scratch);
    if (typeof prepared === 'string') missing.push({ peer, why: prepared });
    else programs.push(prepared);
  }
  return { programs, missing };
}
