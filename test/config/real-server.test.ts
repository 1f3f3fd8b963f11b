import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { lint, MEMBER_RULES } from '../../src/config/lint.ts';
import { NEWEST, parseRelease } from '../../src/config/parameters/release.ts';
import { up } from '../../src/local/ensemble.ts';
import { defaultCacheDir, findZooKeeper } from '../../src/local/installation.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { CLEAN, EXAMPLES, type Example, memberOf, zooCfg } from './examples.ts';
import { javaCompiles } from './java.ts';

/** What the JVM needs to answer quickly, and to say nothing else. */
const JVM = ['-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Dsun.net.inetaddr.ttl=0'];
/** Refused here for what has nothing to do with the rule: a class that Debian leaves out, files of another machine. */
const NOT_HERE = ['metrics-open', 'dynamic-file-unseen', 'volatile-data'];

const LOG4J = `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.SimpleLayout
`;

let directory = '';
let answers = new Map<string, string>();
const maven = await mavenIsThere();
const without = javaCompiles ? '' : ' (skipped: there is no Java compiler here)';

/** Writes an example where a real server can read it. */
async function place(name: string, example: Example): Promise<string> {
  const { dynamic, myid = '1\n' } = example;
  const home = join(directory, name);
  await mkdir(join(home, 'data'), { recursive: true });
  if (myid !== 'missing') await writeFile(join(home, 'data', 'myid'), myid);
  if (dynamic !== undefined && dynamic !== 'missing' && dynamic !== 'unseen') {
    await writeFile(join(home, 'zoo.cfg.dynamic'), dynamic, 'latin1');
  }
  const text = zooCfg(example)
    .replaceAll(CLEAN.dataDir ?? '', join(home, 'data'))
    .replaceAll('/etc/zk/zoo.cfg.dynamic', join(home, 'zoo.cfg.dynamic'));
  await writeFile(join(home, 'zoo.cfg'), text, 'latin1');
  return join(home, 'zoo.cfg');
}

/** What QuorumPeerConfig of an installation says to every example, and to the configuration that breaks no rule. */
async function askJava(classPath: readonly string[]): Promise<Map<string, string>> {
  const examples = Object.entries({ clean: {}, ...EXAMPLES });
  const paths: string[] = [];
  for (const [name, example] of examples) paths.push(await place(name, example));
  const source = fileURLToPath(new URL('CheckConfig.java', import.meta.url));
  const { stdout, stderr } = spawnSync('java', [...JVM, '-cp', classPath.join(delimiter), source], {
    input: `${paths.join('\n')}\n`,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('answer '));
  if (lines.length !== examples.length) throw new Error(`${stdout}${stderr}`);
  return new Map(examples.map(([name], index) => [name, (lines[index] ?? '').slice('answer '.length)]));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-config-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe.skipIf(!javaCompiles)(`ZooKeeper's own QuorumPeerConfig${without}`, () => {
  beforeAll(async () => {
    const { classPath } = await findZooKeeper({ cacheDir: `${defaultCacheDir()}-unnamed` });
    answers = await askJava(classPath);
  }, 60_000);

  it('accepts the configuration that breaks no rule', () => {
    expect(answers.get('clean')).toBe('accepted');
  });

  it.each(MEMBER_RULES.filter(({ refuses }) => refuses === true).map(({ id }) => [id]))(
    'refuses what breaks %s',
    (id) => {
      expect(answers.get(id)).toMatch(/^refused: /);
    },
  );

  const others = MEMBER_RULES.filter(({ id, refuses }) => refuses !== true && !NOT_HERE.includes(id));
  it.each(others.map(({ id }) => [id]))('accepts what breaks %s, which therefore says no more', (id) => {
    const breaks = [id, ...(EXAMPLES[id]?.also ?? [])];
    const refused = MEMBER_RULES.some((rule) => breaks.includes(rule.id) && rule.refuses === true);
    expect(answers.get(id)).toMatch(refused ? /^refused/ : /^accepted$/);
  });
});

describe.skipIf(!maven || !javaCompiles)(`QuorumPeerConfig of an older release${without}`, () => {
  it.each(['3.4.14', '3.5.10'])(
    '%s refuses what lint says it does, and nothing else',
    async (version) => {
      const { classPath } = await findZooKeeper({ version });
      const real = await askJava(classPath);
      const release = parseRelease(version) ?? NEWEST;
      const options = { release, releaseKnown: false, nearest: () => [], severity: 'error' as const, ignore: [] };
      const boots = MEMBER_RULES.filter(({ id, refuses }) => refuses === true || id === 'no-client-port').map(
        ({ id }) => id,
      );
      const others = Object.entries(EXAMPLES).filter(([name]) => !NOT_HERE.includes(name));
      const said = others.map(([name, example]) => {
        const broken = lint([memberOf(example)], options).filter(({ rule }) => boots.includes(rule));
        // From 3.5 on a server without a client port starts; it is an error all the same.
        const refused = broken.some(({ rule }) => rule !== 'no-client-port' || version.startsWith('3.4.'));
        return [name, refused ? 'refused' : 'accepted'];
      });
      expect(said).toEqual(others.map(([name]) => [name, real.get(name)?.split(':')[0]]));
    },
    120_000,
  );
});

describe('a real server', () => {
  /** A start of QuorumPeerMain that should end by itself; no port is named that it could take. */
  async function start(name: string, example: Example): Promise<{ exit: number | null; log: string }> {
    const set = { 'admin.enableServer': 'false', clientPort: undefined, ...example.set };
    const path = await place(`boot-${name}`, { ...example, set });
    await writeFile(join(directory, 'log4j.properties'), LOG4J);
    const { classPath } = await findZooKeeper({ cacheDir: `${defaultCacheDir()}-unnamed` });
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
    const argv = [...JVM, '-cp', [...classPath, directory].join(delimiter), main, path];
    const { status, stdout, stderr } = spawnSync('java', argv, { encoding: 'utf8', timeout: 50_000 });
    return { exit: status, log: `${stdout}${stderr}` };
  }

  it.each([
    ['bad-value', 2, 'For input string: "2000 # ms"'],
    ['limits-missing', 2, 'syncLimit is not set'],
    ['broken-groups', 2, 'is not in a group'],
    ['foreign-line-in-dynamic-file', 2, 'Unrecognised parameter: clientPort'],
    ['foreign-myid', 1, 'not in the peer list'],
    ['secure-port-without-netty', 1, "SSL isn't supported"],
  ])(
    'ends at once where a file breaks %s',
    async (id, exit, reason) => {
      const { set, ...rest } = EXAMPLES[id] ?? {};
      const { clientPort: _clientPort, ...others } = set ?? {};
      const ended = await start(id, { ...rest, set: others });
      expect(ended.log).toContain(reason);
      expect(ended.exit).toBe(exit);
    },
    60_000,
  );

  it('does not serve where a file breaks enforce-auth-without-schemes', async () => {
    const starting = up({
      name: 'auth-without-schemes',
      stateDir: inject('ensemblesDir'),
      servers: 1,
      config: { ...EXAMPLES['enforce-auth-without-schemes']?.set } as Record<string, string>,
    });
    await expect(starting).rejects.toThrow(/enforce\.auth\.schemes must be +configured/);
  }, 60_000);
});
