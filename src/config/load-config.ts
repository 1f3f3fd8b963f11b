import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { environmentText, readMachine } from './load-machine.ts';
import { type ConfigFile, type MemberConfig, readConfigFile, type Surroundings, settingOf } from './member.ts';

/** Larger is no zoo.cfg: somebody named a log or a snapshot. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads zoo.cfg with what belongs to it and can be seen from here: the dynamic file, dataDir/myid, java.env, and
 * the machine when dataDir is on this one.
 *
 * @throws ZkshError `NO_FILE`, `BAD_CONFIG_FILE`
 */
export async function loadMemberConfig(path: string): Promise<MemberConfig> {
  const file = await load(path);
  return { file, ...(await surroundings(path, { file })) };
}

/** Reads several, in their order. @throws ZkshError as {@link loadMemberConfig} does, for the first that cannot be read */
export async function loadMemberConfigs(paths: readonly string[]): Promise<MemberConfig[]> {
  const members: MemberConfig[] = [];
  for (const path of paths) members.push(await loadMemberConfig(path));
  return members;
}

async function surroundings(path: string, member: MemberConfig): Promise<Surroundings> {
  const named = settingOf(member, 'dynamicConfigFile')?.value;
  const dynamic = named === undefined || named === '' ? {} : await loadDynamic(path, named);
  const environment = await environmentText(dirname(path));
  const [dataDir, dataLogDir] = ['dataDir', 'dataLogDir'].map((key) => settingOf(member, key)?.value);
  return {
    ...dynamic,
    properties: javaProperties(environment),
    machine: await readMachine(environment, { dataDir, dataLogDir }),
    myid: await readMyid(dataDir),
  };
}

/** The file under its own name, else one of that name beside zoo.cfg: the files may be copies from another machine. */
async function loadDynamic(path: string, named: string): Promise<Surroundings> {
  const beside = join(dirname(path), basename(named));
  for (const place of isAbsolute(named) ? [named, beside] : [join(dirname(path), named), beside]) {
    if (await isFile(place)) return { dynamic: await load(place) };
  }
  return { dynamicMissing: isAbsolute(named) && (await isDirectory(dirname(named))) };
}

async function readMyid(dataDir: string | undefined): Promise<MemberConfig['myid']> {
  if (dataDir === undefined || !isAbsolute(dataDir) || !(await isDirectory(dataDir))) return undefined;
  try {
    return { text: await readFile(join(dataDir, 'myid'), 'latin1') };
  } catch (error) {
    return isNodeError(error) && error.code === 'ENOENT' ? 'missing' : undefined;
  }
}

function javaProperties(environment: string): ReadonlyMap<string, string> {
  return new Map(
    [...environment.matchAll(/-D([\w.-]+)=([^\s"']*)/g)].map(([, key = '', value = '']): [string, string] => [
      key,
      value,
    ]),
  );
}

async function load(path: string): Promise<ConfigFile> {
  return readConfigFile(path, await readBounded(path));
}

async function readBounded(path: string): Promise<string> {
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    handle = await open(path, 'r');
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size <= MAX_BYTES; size += read) {
      read = (await handle.read(buffer, size, buffer.length - size)).bytesRead;
    }
    if (size <= MAX_BYTES) return buffer.toString('latin1', 0, size);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await handle?.close();
  }
  throw new ZkshError(`${path} is over ${MAX_BYTES} bytes`, {
    code: 'BAD_CONFIG_FILE',
    exitCode: ExitCode.usage,
    hint: 'Name a zoo.cfg: configuration files are a few kilobytes.',
  });
}

function unreadable(path: string, cause: unknown): ZkshError {
  const hint = 'Name the configuration files of the servers, such as /etc/zookeeper/conf/zoo.cfg.';
  if (isNodeError(cause) && cause.code === 'ENOENT') {
    const exitCode = ExitCode.notFound;
    return new ZkshError(`cannot read ${path}: there is no such file`, { code: 'NO_FILE', exitCode, hint, cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ZkshError(`cannot read ${path}: ${why}`, {
    code: 'BAD_CONFIG_FILE',
    exitCode: ExitCode.usage,
    hint,
    cause,
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
