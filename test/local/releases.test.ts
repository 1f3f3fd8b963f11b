import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { findZooKeeper } from '../../src/local/installation.ts';
import { mavenIsThere, pomFor } from '../../src/local/maven.ts';
import { ephemeralEnsemble, sharedRelease } from '../support/ensembles.ts';

const maven = await mavenIsThere();
const without = maven ? '' : ' (skipped: there is no mvn here to fetch it)';
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-releases-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function jar(...path: string[]): Promise<void> {
  await mkdir(join(directory, ...path.slice(0, -1)), { recursive: true });
  await writeFile(join(directory, ...path), '');
}

describe('ZooKeeper is found', () => {
  it('in the home that was named, whatever else there is', async () => {
    await jar('home', 'lib', 'zookeeper-3.7.1.jar');
    await jar('cache', '3.8.4', 'zookeeper-3.8.4.jar');
    const found = await findZooKeeper({ zookeeperHome: join(directory, 'home'), cacheDir: join(directory, 'cache') });
    expect(found).toMatchObject({ version: '3.7.1', source: 'home' });
  });

  it('in a home of 3.4, which keeps its own jar on top', async () => {
    await jar('home', 'zookeeper-3.4.14.jar');
    await jar('home', 'lib', 'slf4j-api-1.7.25.jar');
    expect((await findZooKeeper({ zookeeperHome: join(directory, 'home') })).version).toBe('3.4.14');
  });

  it('in the cache: the newest, or the one that is asked for', async () => {
    for (const version of ['3.9.4', '3.10.0', '3.6.4']) await jar(version, 'zookeeper.jar');
    await jar('.fetch-3.11.0-x', 'jars', 'zookeeper.jar');
    expect(await findZooKeeper({ cacheDir: directory })).toMatchObject({ version: '3.10.0', source: 'cache' });
    expect(await findZooKeeper({ cacheDir: directory, version: '3.6.4' })).toMatchObject({ version: '3.6.4' });
  });

  it('not in the cache when what is installed is newer', async () => {
    await jar('3.3.6', 'zookeeper.jar');
    const { version, source } = await findZooKeeper({ cacheDir: directory });
    expect(version === '3.3.6').toBe(source === 'cache');
  });

  it('only where it is: a wrong home, a wrong version and half a version are refused', async () => {
    await jar('home', 'lib', 'zookeeper-3.7.1.jar');
    const home = join(directory, 'home');
    await expect(findZooKeeper({ zookeeperHome: directory })).rejects.toMatchObject({ exitCode: 2 });
    await expect(findZooKeeper({ zookeeperHome: home, version: '3.9.4' })).rejects.toThrow(
      'is ZooKeeper 3.7.1, not 3.9.4',
    );
    await expect(findZooKeeper({ version: '3.9' })).rejects.toThrow('not a release');
    await expect(findZooKeeper({ version: '../../3.9.4' })).rejects.toThrow('not a release');
  });

  it('by naming what to install when it is nowhere and cannot be fetched', async () => {
    const path = process.env.PATH;
    process.env.PATH = directory;
    try {
      const looking = findZooKeeper({ version: '3.9.4', cacheDir: directory });
      await expect(looking).rejects.toMatchObject({ code: 'NO_ZOOKEEPER', hint: expect.stringContaining('maven') });
    } finally {
      process.env.PATH = path;
    }
  });

  it('with the Debian packages that the set-up installs', async () => {
    const list = new URL('../../src/local/debian-packages.json', import.meta.url);
    const source = await readFile(new URL('../../src/local/installation.ts', import.meta.url), 'utf8');
    const packages = JSON.parse(await readFile(list, 'utf8')) as string[];
    expect(source).toContain(`apt-get install ${packages.join(' ')}`);
  });
});

describe('the pom that fetches a release', () => {
  it('names a log back-end of the same slf4j generation', () => {
    expect(pomFor('3.5.10')).toContain('reload4j');
    expect(pomFor('3.7.2')).toContain('reload4j');
    expect(pomFor('3.8.4')).toContain('logback-classic');
    expect(pomFor('3.9.4')).toContain('logback-classic');
    expect(pomFor('3.4.14')).not.toMatch(/reload4j|logback|jetty/);
  });

  it('asks for the Prometheus provider only where it was published', () => {
    expect(pomFor('3.9.4')).toContain('zookeeper-prometheus-metrics');
    expect(pomFor('3.8.4')).not.toContain('zookeeper-prometheus-metrics');
  });

  it("names zkCli's line editor as the release's own parent does", () => {
    for (const version of ['3.8.5', '3.9.4']) expect(pomFor(version)).toContain('<groupId>jline</groupId>');
    for (const version of ['3.8.6', '3.9.5', '3.10.0'])
      expect(pomFor(version)).toContain('<groupId>org.jline</groupId>');
  });
});

describe.skipIf(!maven)(`a release fetched by Maven${without}`, () => {
  it.each(['3.5.10', '3.9.4'])('%s serves clients and its AdminServer', async (version) => {
    const { members, version: started } = await sharedRelease(version);
    const { host, clientPort: port, adminPort } = members[0]!;
    expect(started).toBe(version);
    expect(parseServerStatus(await fourLetterWord({ host, port, word: 'srvr' }))).toMatchObject({
      version,
      mode: 'standalone',
    });
    expect((await fetch(`http://${host}:${adminPort}/commands/ruok`)).status).toBe(200);
  });

  it('3.4.14, which has no reconfiguration and no AdminServer, forms an ensemble', async () => {
    const { members } = await ephemeralEnsemble({ servers: 2, observers: 1, version: '3.4.14' });
    const asked = members.map(({ host, clientPort: port }) => fourLetterWord({ host, port, word: 'srvr' }));
    const modes = (await Promise.all(asked)).map((text) => parseServerStatus(text).mode);
    expect(modes.sort()).toEqual(['follower', 'leader', 'observer']);
    expect(members[0]!.adminPort).toBeUndefined();
    await expect(ephemeralEnsemble({ version: '3.4.14', tls: true })).rejects.toThrow('has no TLS');
  });

  it('that does not exist is an error that says so', async () => {
    const fetching = findZooKeeper({ version: '3.9.999', cacheDir: directory });
    await expect(fetching).rejects.toMatchObject({ code: 'FETCH_FAILED', exitCode: 1 });
    await expect(fetching).rejects.toThrow('3.9.999');
    const { stdout } = await promisify(execFile)('ls', ['-A', directory]);
    expect(stdout).toBe('');
  });
});
