import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MEMBER_RULES } from '../../src/config/lint.ts';
import { up } from '../../src/local/ensemble.ts';
import { defaultCacheDir, findZooKeeper } from '../../src/local/installation.ts';
import { CLEAN, EXAMPLES, type Example, zooCfg } from './examples.ts';

/** What the JVM needs to answer quickly, and to say nothing else. */
const JVM = ['-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Dsun.net.inetaddr.ttl=0'];
/** Refused here for what has nothing to do with the rule: a class that Debian leaves out, files of another machine. */
const NOT_HERE = ['metrics-open', 'dynamic-file-unseen', 'volatile-data'];

const LOG4J = `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.SimpleLayout
`;

let directory = '';
const answers = new Map<string, string>();

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

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-config-'));
  const { classPath } = await findZooKeeper({ cacheDir: `${defaultCacheDir()}-unnamed` });
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
  for (const [index, [name]] of examples.entries()) answers.set(name, (lines[index] ?? '').slice('answer '.length));
}, 60_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("ZooKeeper's own QuorumPeerConfig", () => {
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
