import { access, readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { fetchRelease, mavenIsThere } from './maven.ts';

/** A ZooKeeper that can be started: its jars (or `dir/*` wildcards) and which release it is. */
export interface Installation {
  version: string;
  source: 'home' | 'cache' | 'debian' | 'homebrew' | 'maven';
  classPath: readonly string[];
}

export interface FindOptions {
  version?: string | undefined;
  zookeeperHome?: string | undefined;
  /** Where fetched releases are kept, one directory a version. */
  cacheDir?: string | undefined;
  progress?: ((line: string) => void) | undefined;
  /** Ends a fetch. */
  signal?: AbortSignal | undefined;
}

const DEBIAN_JAVA = '/usr/share/java';
/**
 * What Debian's zookeeper.jar does not name in its manifest but a server needs: a log back-end, AdminServer
 * (it fails silently without the servlet API), and Netty's codec for secureClientPort.
 */
const DEBIAN_ADDITIONS = [
  'slf4j-log4j12',
  'log4j-1.2',
  'servlet-api',
  'jetty9-util-ajax',
  'netty-codec',
  'netty-resolver',
  'netty-tcnative',
  'netty-transport-native-unix-common',
];
const HOMEBREW = ['/opt/homebrew/opt/zookeeper/libexec', '/usr/local/opt/zookeeper/libexec'];
/** What is fetched when nothing is installed and no version was asked for. */
const FALLBACK_VERSION = '3.9.4';

/** The directory of fetched releases: `$XDG_CACHE_HOME/zksh/zookeeper`. */
export function defaultCacheDir(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'zksh', 'zookeeper');
}

/**
 * Finds a ZooKeeper: `zookeeperHome`, else the newest of zksh's cache, Debian's jars and Homebrew (the first where they
 * are equal): an old release once fetched by name must not become everybody's default. A named version is fetched by
 * Maven when none of these is it. Throws `NO_ZOOKEEPER` with what to install.
 */
export async function findZooKeeper(options: FindOptions): Promise<Installation> {
  const { version, zookeeperHome, progress = () => undefined } = options;
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  if (version !== undefined && !/^3\.\d+\.\d+(?:-\w+)?$/.test(version)) {
    throw new UsageError(`"${version}" is not a release of ZooKeeper`, { hint: 'Give it whole, for example 3.9.4.' });
  }
  if (zookeeperHome !== undefined) return fromHome(zookeeperHome, version);
  const installed = [await newestCached(cacheDir, version), await fromDebian(), await fromHomebrew()].filter(
    (one) => one !== undefined,
  );
  const found = version === undefined ? newest(installed) : installed.find((one) => one.version === version);
  if (found !== undefined) return found;
  if (await mavenIsThere()) {
    const wanted = version ?? FALLBACK_VERSION;
    const jars = await fetchRelease(wanted, cacheDir, progress, options.signal);
    return { version: wanted, source: 'maven', classPath: [join(jars, '*')] };
  }
  throw notFound(version, installed);
}

async function fromHome(home: string, version: string | undefined): Promise<Installation> {
  // 3.5 and later keep every jar in lib/, 3.4 its own jar beside it.
  for (const directory of [join(home, 'lib'), home]) {
    const found = versionOf(await readdir(directory).catch(() => []));
    if (found === undefined) continue;
    if (version !== undefined && version !== found) {
      throw new UsageError(`${home} is ZooKeeper ${found}, not ${version}`, {
        hint: 'Leave out --zookeeper-home (or unset ZOOKEEPER_HOME), or the version.',
      });
    }
    return { version: found, source: 'home', classPath: [join(home, 'lib', '*'), join(home, '*')] };
  }
  throw new UsageError(`there is no ZooKeeper in ${home}`, {
    hint: 'It must be an unpacked release: a directory with lib/zookeeper-3.x.y.jar.',
  });
}

async function newestCached(cacheDir: string, version: string | undefined): Promise<Installation | undefined> {
  const versions = (await readdir(cacheDir).catch(() => [])).filter((name) => /^\d+\.\d+\.\d+[-\w]*$/.test(name));
  const chosen = version === undefined ? versions.sort(byVersion).at(-1) : versions.find((name) => name === version);
  if (chosen === undefined) return undefined;
  return { version: chosen, source: 'cache', classPath: [join(cacheDir, chosen, '*')] };
}

async function fromDebian(): Promise<Installation | undefined> {
  const jar = join(DEBIAN_JAVA, 'zookeeper.jar');
  const names: string[] = await readdir(DEBIAN_JAVA).catch(() => []);
  const version = versionOf(names) ?? versionOf([basename(await realpath(jar).catch(() => ''))]);
  if (!names.includes('zookeeper.jar') || version === undefined) return undefined;
  const additions = DEBIAN_ADDITIONS.map((name) => `${name}.jar`).filter((name) => names.includes(name));
  return { version, source: 'debian', classPath: [jar, ...additions.map((name) => join(DEBIAN_JAVA, name))] };
}

async function fromHomebrew(): Promise<Installation | undefined> {
  for (const home of HOMEBREW) {
    if (
      await access(home).then(
        () => true,
        () => false,
      )
    ) {
      return { ...(await fromHome(home, undefined)), source: 'homebrew' };
    }
  }
  return undefined;
}

function versionOf(names: readonly string[]): string | undefined {
  for (const name of names) {
    const match = /^zookeeper-(\d+\.\d+\.\d+(?:-\w+)?)\.jar$/.exec(name);
    if (match !== null) return match[1];
  }
  return undefined;
}

function newest(installed: readonly Installation[]): Installation | undefined {
  return installed.reduce<Installation | undefined>(
    (best, one) => (best === undefined || byVersion(one.version, best.version) > 0 ? one : best),
    undefined,
  );
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function notFound(version: string | undefined, others: readonly Installation[]): ZkshError {
  const here = others.map((one) => `${one.version} (${one.source})`).join(', ');
  return new ZkshError(
    version === undefined
      ? 'There is no ZooKeeper on this machine'
      : `There is no ZooKeeper ${version} on this machine${here === '' ? '' : `, only ${here}`}, and no Maven to fetch it`,
    {
      code: 'NO_ZOOKEEPER',
      exitCode: ExitCode.failure,
      hint:
        version === undefined
          ? 'Install it (Debian: apt-get install zookeeper libservlet-api-java; macOS: brew install zookeeper), or name an unpacked release with --zookeeper-home or ZOOKEEPER_HOME.'
          : 'Install Maven (Debian: apt-get install maven), or name an unpacked release with --zookeeper-home.',
    },
  );
}
