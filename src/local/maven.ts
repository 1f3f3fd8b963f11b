import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { ExitCode, ZkshError } from '../protocol/errors.ts';

const run = promisify(execFile);
const FETCH_TIMEOUT = 10 * 60_000;

/** Whether `mvn` can be started. */
export async function mavenIsThere(): Promise<boolean> {
  return run('mvn', ['--version']).then(
    () => true,
    () => false,
  );
}

/**
 * Fetches a release with everything a server of it needs into `cacheDir/VERSION` and returns that directory. Several
 * processes may do so at once: each fetches beside, the first to rename wins. Throws `FETCH_FAILED`.
 */
export async function fetchRelease(
  version: string,
  cacheDir: string,
  progress: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const target = join(cacheDir, version);
  const work = join(cacheDir, `.fetch-${version}-${randomUUID()}`);
  await mkdir(join(work, 'jars'), { recursive: true });
  progress(`fetching ZooKeeper ${version} by Maven`);
  try {
    try {
      await copyDependencies(pomFor(version), work, signal);
    } catch (error) {
      // Published apart from the release, and not for every one: a server runs without it.
      if (signal?.aborted === true || !firstError(error).includes(METRICS)) throw error;
      await copyDependencies(pomFor(version, false), work, signal);
    }
    await rename(join(work, 'jars'), target).catch(async (error: unknown) => {
      if ((await readdir(target).catch(() => [])).length === 0) throw error;
    });
    return target;
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw new ZkshError(`Maven could not fetch ZooKeeper ${version}: ${firstError(error)}`, {
      code: 'FETCH_FAILED',
      exitCode: ExitCode.failure,
      hint: 'Check that the release exists and that mvn reaches its repository.',
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function copyDependencies(pom: string, work: string, signal: AbortSignal | undefined): Promise<void> {
  await writeFile(join(work, 'pom.xml'), pom);
  await run(
    'mvn',
    [
      '-B',
      '-q',
      // An earlier failure is remembered for a day otherwise.
      '-U',
      '-f',
      join(work, 'pom.xml'),
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(work, 'jars')}`,
    ],
    { timeout: FETCH_TIMEOUT, maxBuffer: 16 * 1024 * 1024, ...(signal === undefined ? {} : { signal }) },
  );
}

interface Dependency {
  group: string;
  artifact: string;
  version?: string;
  /** `group:artifact`s that must not come with it. */
  exclusions?: readonly string[];
}

/** Of the 1.x line of slf4j, whose back-ends fit each other's minor releases; with log4j 1.2's own packages. */
const RELOAD4J: Dependency[] = [
  { group: 'org.slf4j', artifact: 'slf4j-reload4j', version: '1.7.36' },
  { group: 'ch.qos.reload4j', artifact: 'reload4j', version: '1.2.25' },
];
const METRICS = 'zookeeper-prometheus-metrics';
const OLD_LOG4J = ['log4j:log4j', 'org.slf4j:slf4j-log4j12'];

/** The release, what it declares as provided, and a log back-end of its slf4j generation. */
export function pomFor(version: string, metrics = true): string {
  const minor = Number(version.split('.')[1]);
  const zookeeper: Dependency = { group: 'org.apache.zookeeper', artifact: 'zookeeper', version };
  const own = minor >= 5 && minor <= 7 ? { ...zookeeper, exclusions: OLD_LOG4J } : zookeeper;
  const dependencies = minor <= 4 ? [own] : [own, ...providedBy(minor, version, metrics)];
  // The parent manages the versions its release was built with; 3.4 bundles all it needs.
  const managed =
    minor <= 4
      ? ''
      : `
  <dependencyManagement><dependencies><dependency>
    <groupId>org.apache.zookeeper</groupId><artifactId>parent</artifactId><version>${version}</version>
    <type>pom</type><scope>import</scope>
  </dependency></dependencies></dependencyManagement>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>zksh</groupId><artifactId>zookeeper-server</artifactId><version>1</version><packaging>pom</packaging>${managed}
  <dependencies>
${dependencies.map(element).join('\n')}
  </dependencies>
</project>
`;
}

function providedBy(minor: number, version: string, metrics: boolean): Dependency[] {
  const since = (first: number, dependencies: Dependency[]): Dependency[] => (minor >= first ? dependencies : []);
  return [
    { group: 'org.eclipse.jetty', artifact: 'jetty-server' },
    { group: 'org.eclipse.jetty', artifact: 'jetty-servlet' },
    { group: 'com.fasterxml.jackson.core', artifact: 'jackson-databind' },
    { group: 'commons-cli', artifact: 'commons-cli' },
    { group: jlineGroup(version), artifact: 'jline' },
    ...since(6, [
      { group: 'io.dropwizard.metrics', artifact: 'metrics-core' },
      { group: 'org.xerial.snappy', artifact: 'snappy-java' },
    ]),
    // Up to 3.7 the log back-end was log4j 1.2, optional in the last releases; then logback, always optional.
    ...(minor <= 7 ? RELOAD4J : [{ group: 'ch.qos.logback', artifact: 'logback-classic' }]),
    // Published apart from the binary release only since 3.9.
    ...(metrics ? since(9, [{ group: 'org.apache.zookeeper', artifact: METRICS, version }]) : []),
  ];
}

/** zkCli's line editor: its second generation up to 3.8.5 and 3.9.4, its third after. */
function jlineGroup(version: string): 'jline' | 'org.jline' {
  const [, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return minor > 9 || (minor === 9 && patch >= 5) || (minor === 8 && patch >= 6) ? 'org.jline' : 'jline';
}

function element({ group, artifact, version, exclusions = [] }: Dependency): string {
  const text = version === undefined ? '' : `<version>${version}</version>`;
  const excluded = exclusions.map((name) => `<exclusion>${coordinates(name)}</exclusion>`).join('');
  const without = excluded === '' ? '' : `<exclusions>${excluded}</exclusions>`;
  // The scope is said, since the parent manages some of these as provided or test.
  return `    <dependency>${coordinates(`${group}:${artifact}`)}${text}<scope>runtime</scope>${without}</dependency>`;
}

function coordinates(name: string): string {
  const [group, artifact] = name.split(':');
  return `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>`;
}

/** The most telling line of what Maven said: its first [ERROR] often only announces the others. */
function firstError(error: unknown): string {
  const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
  const lines = stripVTControlCharacters(`${stdout}\n${stderr}`)
    .split('\n')
    .filter((text) => text.includes('[ERROR]'));
  const reason =
    /(?:Could not (?:find|transfer) artifact .*?|\S+ was not found in \S+|Unknown host.*?)(?= @|\s*->| during|$)/;
  const telling = lines.map((line) => reason.exec(line)?.[0]).find((found) => found !== undefined);
  return telling ?? lines[0]?.replaceAll('[ERROR]', '').trim() ?? message;
}
