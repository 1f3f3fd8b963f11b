import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entryOf, staleBuild } from './build.ts';
import { interleave, median, ratio } from './figures.ts';
import { compileC, compiled, hasKazoo, PYTHON, ZKCLI } from './peers.ts';
import { digits } from './print.ts';
import type { Aim, Bench, Missing, Report, Run, Section } from './section.ts';

const MIB = 1024;
/** A million znodes with their names and data take a server about a gigabyte. */
const LARGE_HEAP = ['-XX:TieredStopAtLevel=4', '-Xms3g', '-Xmx3g'];

const WALK = 'walk (ls -R)';
const EXPORT = 'export --no-acl';
const EXPORT_ACL = 'export, with ACLs';
const ONE_BY_ONE = 'export --no-acl without multiRead';
const BARE_EXPORT = 'export by a bare C socket, pipelined';
const IMPORT = 'import';
const DELETE = 'deleteall';
const KAZOO_WALK = 'walk by kazoo, pipelined';
const ZKCLI_WALK = 'walk by zkCli.sh (ls -R)';
const ZKCLI_DELETE = 'deleteall by zkCli.sh';

interface Work {
  readonly name: string;
  readonly command: readonly string[];
  /** Done before each round, and not measured. */
  readonly before?: readonly string[] | undefined;
}

interface Measured {
  readonly ms: number;
  /** The most memory the process held; undefined where it is not Node's. */
  readonly kib: number | undefined;
}

/** Runs a command to its end, its output thrown away. @throws Error when it fails */
async function measure(command: readonly string[], scratch: string): Promise<Measured> {
  const [file = '', ...args] = command;
  const rss = join(scratch, 'max-rss');
  const preload = `--require ${compiled('max-rss.cjs')}`;
  const isNode = file === process.execPath;
  const env = isNode ? { ...process.env, NODE_OPTIONS: preload, BENCH_MAX_RSS: rss } : process.env;
  const before = performance.now();
  const ms = await new Promise<number>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(performance.now() - before);
      else reject(new Error(`${command.join(' ')} ended with ${code}: ${complaint.trim()}`));
    });
  });
  return { ms, kib: isNode ? Number(await readFile(rss, 'utf8')) : undefined };
}

/** `zksh` as it is installed, with a server. */
function zkshOf(bench: Bench, server: string): (...argv: string[]) => string[] {
  return (...argv) => [process.execPath, entryOf(bench.root), ...argv, '-S', server, '--quiet', '--yes'];
}

function peerWorks(bench: Bench, server: string, restore: readonly string[]): { works: Work[]; missing: Missing[] } {
  const bare = compileC(join(bench.root, 'test/bench/peers'), bench.scratch, 'bare_export');
  const peers: (Work & { why?: string | undefined })[] = [
    {
      name: BARE_EXPORT,
      command: [bare.binary, ...server.split(':'), '/tree', join(bench.scratch, 'bare.out')],
      why: bare.why,
    },
    {
      name: KAZOO_WALK,
      command: [PYTHON, join(bench.root, 'test/bench/peers/kazoo_walk.py'), server, '/tree'],
      why: hasKazoo() ? undefined : 'apt-get install python3-kazoo',
    },
    ...(['ls -R /tree', 'deleteall /copy'] as const).map((line, i) => ({
      name: i === 0 ? ZKCLI_WALK : ZKCLI_DELETE,
      command: [ZKCLI, '-server', server, ...line.split(' ')],
      before: i === 0 ? undefined : restore,
      why: existsSync(ZKCLI) ? undefined : 'apt-get install zookeeper',
    })),
  ];
  return {
    works: peers.filter(({ why }) => why === undefined),
    missing: peers.flatMap(({ name, why }) => (why === undefined ? [] : [{ peer: name, why }])),
  };
}

/** `/tree` is there all the time, `/copy` comes and goes. */
function ownWorks(bench: Bench, server: string, file: string): Work[] {
  const zksh = zkshOf(bench, server);
  const again = join(bench.scratch, 'again.ndjson');
  const node = [process.execPath, compiled('export-one-by-one.js'), server, '/tree', again];
  return [
    { name: WALK, command: zksh('ls', '-R', '/tree') },
    { name: EXPORT, command: zksh('export', '--no-acl', '/tree', again) },
    { name: EXPORT_ACL, command: zksh('export', '/tree', again) },
    { name: ONE_BY_ONE, command: node },
    { name: IMPORT, command: zksh('import', file, '/copy'), before: zksh('rm', '-rf', '/copy') },
    { name: DELETE, command: zksh('deleteall', '/copy'), before: zksh('import', file, '/copy') },
  ];
}

async function run(bench: Bench): Promise<Report> {
  const count = bench.quick ? 20_000 : 100_000;
  const { connectString } = await bench.servers({ servers: 1, jvmFlags: LARGE_HEAP });
  const zksh = zkshOf(bench, connectString);
  const file = join(bench.scratch, 'tree.ndjson');
  await measure(zksh('fill', '/tree', '--count', String(count), '--depth', '2', '--size', '100'), bench.scratch);
  await measure(zksh('export', '/tree', file), bench.scratch);
  const { works, missing } = peerWorks(bench, connectString, zksh('import', file, '/copy'));
  const all = [...ownWorks(bench, connectString, file), ...works];
  bench.say(all.map(({ name }) => name).join(', '));
  const taken = await interleave(all, bench.rounds, async ({ before, command }) => {
    if (before !== undefined) await measure(before, bench.scratch);
    return measure(command, bench.scratch);
  });
  const of = (name: string) => [...taken].find(([work]) => work.name === name)?.[1];
  const times = (name: string) => of(name)?.map(({ ms }) => ms) ?? [];
  const memory = (name: string) => median((of(name) ?? []).flatMap(({ kib = [] }) => kib)) / MIB;
  const million = await runMillion(bench);
  const seconds = (name: string, wanted: number): Aim => {
    const got = bench.quick ? undefined : median(times(name)) / 1000;
    return { what: `${name}: 100,000 znodes`, sense: '≤', wanted, got, unit: ' s' };
  };
  const [single, bare] = [times(ONE_BY_ONE), times(BARE_EXPORT)];
  return {
    tables: [
      {
        title: `**${count.toLocaleString('en-US')} znodes of 100 bytes, each a whole process from start to end**`,
        columns: ['work', 'seconds', 'of walk', 'MiB at most'],
        rows: all.map(({ name }) => [
          name,
          digits(median(times(name)) / 1000),
          digits(ratio(times(name), times(WALK))),
          digits(memory(name)),
        ]),
      },
      ...million.tables,
    ],
    aims: [
      seconds(WALK, 0.7),
      seconds(EXPORT, 1),
      seconds(IMPORT, 2),
      seconds(DELETE, 1.5),
      { what: `${EXPORT}: memory`, sense: '≤', wanted: 130, got: memory(EXPORT), unit: ' MiB' },
      {
        what: `${ONE_BY_ONE}: speed of a bare C socket's`,
        sense: '≥',
        wanted: 0.9,
        got: bare.length > 0 ? ratio(bare, single) : undefined,
        unit: '',
      },
      ...million.aims,
    ],
    missing,
    notes: [
      'A standalone server on the same machine. Every command is a process of its own.',
      ...staleBuild(bench.root),
    ],
    runs: [...taken].flatMap(([{ name }, values]): Run[] => [
      { subject: name, work: `${count} znodes`, unit: 'ms', values: values.map(({ ms }) => ms) },
    ]),
  };
}

/** What memory a tree takes that would not fit into it. */
async function runMillion(bench: Bench): Promise<Pick<Report, 'tables' | 'aims'>> {
  const count = bench.quick ? 200_000 : 1_000_000;
  const { connectString } = await bench.servers({ servers: 1, jvmFlags: LARGE_HEAP });
  const zksh = zkshOf(bench, connectString);
  const file = join(bench.scratch, 'million.ndjson');
  const works: Work[] = [
    { name: 'fill', command: zksh('fill', '/tree', '--count', String(count), '--depth', '2', '--size', '100') },
    { name: WALK, command: zksh('ls', '-R', '/tree') },
    { name: EXPORT, command: zksh('export', '--no-acl', '/tree', file) },
    { name: DELETE, command: zksh('deleteall', '/tree') },
    { name: IMPORT, command: zksh('import', file, '/tree', '--acl', 'world:anyone:cdrwa') },
  ];
  const rows: string[][] = [];
  let most = 0;
  for (const { name, command } of works) {
    bench.say(`${count.toLocaleString('en-US')} znodes: ${name}`);
    const { ms, kib = Number.NaN } = await measure(command, bench.scratch);
    rows.push([name, digits(ms / 1000), digits(kib / MIB)]);
    most = Math.max(most, kib / MIB);
  }
  return {
    tables: [
      {
        title: `**${count.toLocaleString('en-US')} znodes of 100 bytes, once each**`,
        columns: ['work', 'seconds', 'MiB at most'],
        rows,
      },
    ],
    aims: [
      {
        what: 'the most memory with 1,000,000 znodes',
        sense: '≤',
        wanted: 200,
        got: bench.quick ? undefined : most,
        unit: ' MiB',
      },
    ],
  };
}

export const bulk: Section = { name: 'bulk', title: 'Trees', run };
