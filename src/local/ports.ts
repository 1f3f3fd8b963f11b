import { randomInt } from 'node:crypto';
import { access, mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { identify, type ProcessIdentity, processState } from './process-identity.ts';

/** Who holds a port: it stays claimed while the ensemble's directory or the claiming process exists. */
interface Claim {
  directory: string;
  claimedBy: ProcessIdentity;
}

/**
 * Below the kernels' ranges for outgoing connections (Linux from 32768, macOS from 49152), so that no client
 * socket can sit on the port of a member that is stopped for a while.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;
const TRIES = 2000;

/**
 * Finds `count` distinct free ports on `host` and claims them for an ensemble's directory. A claim is a file every
 * zksh of this user looks at, so parallel launches never pick the same port, and a stopped member gets its own back.
 */
export async function claimPorts(host: string, count: number, directory: string): Promise<number[]> {
  const content = await claimOf(directory);
  const ports: number[] = [];
  for (let attempt = 0; attempt < TRIES && ports.length < count; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!(await claim(port, content))) continue;
    if (await isFree(host, port)) ports.push(port);
    else await unlink(claimFile(port)).catch(() => undefined);
  }
  if (ports.length === count) return ports;
  await releasePorts(ports, directory);
  throw new ZkshError(`only ${ports.length} of ${count} free ports found on ${host}`, {
    code: 'NO_FREE_PORTS',
    exitCode: ExitCode.failure,
    hint: `Check that ${host} is an address of this machine, and stop what listens between ${LOWEST} and ${HIGHEST}.`,
  });
}

/** Claims ports that an ensemble listens at already; one that is claimed for another directory is left alone. */
export async function holdPorts(ports: readonly number[], directory: string): Promise<void> {
  const content = await claimOf(directory);
  for (const port of ports) await claim(port, content);
}

/** Gives ports back; one that is claimed for another directory is left alone. */
export async function releasePorts(ports: readonly number[], directory: string): Promise<void> {
  for (const port of ports) {
    if ((await readClaim(port))?.directory === directory) await unlink(claimFile(port)).catch(() => undefined);
  }
}

/** Gives back every port claimed for a directory, without knowing which they are. */
export async function releaseAllPorts(directory: string): Promise<void> {
  const ports = await readdir(claimDirectory()).catch(() => []);
  await releasePorts(ports.filter((name) => /^\d+$/.test(name)).map(Number), directory);
}

/** Whether a server could listen there now. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** What a claim for that directory says. */
async function claimOf(directory: string): Promise<string> {
  await mkdir(claimDirectory(), { recursive: true, mode: 0o700 });
  const claimedBy = (await identify(process.pid)) ?? { pid: process.pid, startTime: '' };
  return JSON.stringify({ directory, claimedBy } satisfies Claim);
}

async function claim(port: number, content: string): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(claimFile(port), content, { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = await readClaim(port);
    // An unreadable claim is another process's, half written: there are other ports.
    if (held === undefined || (await isHeld(held))) return false;
    await unlink(claimFile(port)).catch(() => undefined);
  }
  return false;
}

async function isHeld(held: Claim): Promise<boolean> {
  if ((await processState(held.claimedBy)) !== 'gone') return true;
  return access(held.directory).then(
    () => true,
    () => false,
  );
}

async function readClaim(port: number): Promise<Claim | undefined> {
  try {
    return JSON.parse(await readFile(claimFile(port), 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}

function claimDirectory(): string {
  return join(tmpdir(), `zksh-ports-${userInfo().uid}`);
}

function claimFile(port: number): string {
  return join(claimDirectory(), String(port));
}
