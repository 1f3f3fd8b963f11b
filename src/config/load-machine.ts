import { readdir, readFile, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Machine } from './member.ts';

/** What zkEnv.sh sources from the directory of zoo.cfg. */
const ENVIRONMENT_FILES = ['zookeeper-env.sh', 'java.env'];
const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: MIB, g: 1024 * MIB, t: 1024 * 1024 * MIB };

/** What java.env and zookeeper-env.sh of a directory say, comments left out. */
export async function environmentText(directory: string): Promise<string> {
  const texts = await Promise.all(
    ENVIRONMENT_FILES.map((name) => readFile(join(directory, name), 'utf8').catch(() => '')),
  );
  const lines = texts.flatMap((text) => text.split('\n'));
  return lines.filter((line) => !/^\s*#/.test(line)).join('\n');
}

/** The machine a file is for; undefined unless its dataDir is on this one. */
export async function readMachine(
  environment: string,
  { dataDir, dataLogDir }: { dataDir: string | undefined; dataLogDir: string | undefined },
): Promise<Machine | undefined> {
  const data = await deviceOf(dataDir);
  if (data === undefined) return undefined;
  const log = dataLogDir === undefined ? data : await deviceOf(dataLogDir);
  return {
    memory: totalmem(),
    heap: heapIn(environment),
    oneDevice: log === undefined ? undefined : log === data,
    snapshot: await newestSnapshot(dataDir ?? ''),
  };
}

/** The last -Xmx for the server counts, as for the JVM; the client's own flags are another's. ZK_SERVER_HEAP is in MiB. */
export function heapIn(environment: string): number | undefined {
  const lines = environment.split('\n').filter((line) => !/^\s*(?:export\s+)?CLIENT_JVMFLAGS=/.test(line));
  const flag = [...lines.join('\n').matchAll(/-Xmx(\d{1,15})([kmgt]?)\b/gi)].at(-1);
  if (flag !== undefined) return Number(flag[1]) * (UNITS[flag[2]?.toLowerCase() ?? ''] ?? 1);
  const heap = /\bZK_SERVER_HEAP=["']?(\d{1,9})\b/.exec(lines.join('\n'))?.[1];
  return heap === undefined ? undefined : Number(heap) * MIB;
}

async function deviceOf(directory: string | undefined): Promise<number | undefined> {
  if (directory === undefined || !isAbsolute(directory)) return undefined;
  return stat(directory).then(
    (found) => (found.isDirectory() ? found.dev : undefined),
    () => undefined,
  );
}

/** The one with the highest zxid in its name; a compressed one, which has another ending, says nothing of the data. */
async function newestSnapshot(dataDir: string): Promise<number | undefined> {
  const directory = join(dataDir, 'version-2');
  const names = await readdir(directory).catch(() => []);
  const found = names.flatMap((name) => {
    const zxid = /^snapshot\.([0-9a-f]{1,16})$/.exec(name)?.[1];
    return zxid === undefined ? [] : [{ name, zxid: BigInt(`0x${zxid}`) }];
  });
  found.sort((a, b) => (a.zxid < b.zxid ? 1 : -1));
  const [newest] = found;
  if (newest === undefined) return undefined;
  return stat(join(directory, newest.name)).then(
    ({ size }) => size,
    () => undefined,
  );
}
