import { execFile, spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';

/** One server's JVM. */
export interface Launch {
  classPath: readonly string[];
  jvmFlags: readonly string[];
  directory: string;
  log: string;
}

/**
 * Small and quick to start rather than fast for long: many of these share a laptop. The C1 compiler alone and the
 * serial collector halve the CPU of a start.
 */
const JVM_FLAGS = [
  '-Xmx256m',
  '-Xms32m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-XX:-UsePerfData',
  '-Djava.awt.headless=true',
];
const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
/** They would reach every JVM started here and change the server behind our back. */
const SCRUBBED = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS', 'CLASSPATH', 'SERVER_JVMFLAGS', 'JVMFLAGS'];

/** Starts a server that outlives this process, its output appended to the log; throws `NO_JAVA`. */
export async function launchServer(launch: Launch): Promise<ProcessIdentity> {
  await mkdir(launch.directory, { recursive: true, mode: 0o700 });
  const log = await open(launch.log, 'a', 0o600);
  try {
    const args = [
      ...JVM_FLAGS,
      ...launch.jvmFlags,
      '-cp',
      launch.classPath.join(':'),
      MAIN_CLASS,
      configFile(launch.directory),
    ];
    const child = spawn(javaCommand(), args, {
      cwd: launch.directory,
      detached: true,
      env: environment(),
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(noJava(error)));
    });
    child.unref();
    const identity = await identify(child.pid ?? 0);
    // Gone this soon: the JVM refused its flags. The caller finds the reason in the log.
    return identity ?? { pid: child.pid ?? 0, startTime: 'gone' };
  } finally {
    await log.close();
  }
}

/** Every live server whose configuration lies under `ensembleDir`, also those no state file knows of. */
export async function findServersUnder(ensembleDir: string): Promise<ProcessIdentity[]> {
  const commands = process.platform === 'linux' ? await commandsInProc() : await commandsFromPs();
  const ours = commands.filter(({ words }) => {
    const config = words[words.indexOf(MAIN_CLASS) + 1] ?? '';
    return words.includes(MAIN_CLASS) && config.startsWith(`${ensembleDir}/`);
  });
  const identities = await Promise.all(ours.map(({ pid }) => identify(pid)));
  return identities.filter((identity) => identity !== undefined);
}

interface Command {
  pid: number;
  words: string[];
}

async function commandsInProc(): Promise<Command[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = async (pid: number): Promise<Command> => ({
    pid,
    words: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0'),
  });
  return Promise.all(pids.map(read));
}

async function commandsFromPs(): Promise<Command[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,args='], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split('\n').map((line) => {
    const [pid = '', ...words] = line.trim().split(' ');
    return { pid: Number(pid), words };
  });
}

export function configFile(memberDir: string): string {
  return join(memberDir, 'zoo.cfg');
}

function javaCommand(): string {
  const home = process.env.JAVA_HOME;
  return home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
}

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !SCRUBBED.includes(name)));
}

function noJava(cause: Error): ZkshError {
  return new ZkshError(`Java can't be started: ${cause.message}`, {
    code: 'NO_JAVA',
    exitCode: ExitCode.failure,
    hint: 'Install a Java runtime (Debian: apt-get install default-jre-headless) or set JAVA_HOME.',
    cause,
  });
}
