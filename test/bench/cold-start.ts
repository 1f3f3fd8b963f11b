import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/index.ts';
import { entryOf, staleBuild } from './build.ts';
import { interleave, median, ratio } from './figures.ts';
import { hasKazoo, PYTHON, ZKCLI } from './peers.ts';
import { digits } from './print.ts';
import { timeOf } from './process-time.ts';
import type { Bench, Missing, Report, Section } from './section.ts';

const NODE = 'node -e 0';
const ZKSH = 'zksh get, Node';
const BINARY = 'zksh get, single executable';
const ZKCLI_GET = 'zkCli.sh get';

interface Command {
  readonly name: string;
  readonly command: readonly string[];
}

function commands(root: string, server: string): { present: Command[]; missing: Missing[] } {
  const kazoo = `from kazoo.client import KazooClient as K; k = K("${server}"); k.start(); print(k.get("/a")[0])`;
  const all: (Command & { why?: string | undefined })[] = [
    { name: NODE, command: [process.execPath, '-e', '0'] },
    {
      name: ZKSH,
      command: [process.execPath, entryOf(root), 'get', '/a', '-S', server],
      why: existsSync(join(root, 'dist')) ? undefined : 'npm run build',
    },
    {
      name: BINARY,
      command: [join(root, 'dist/bin/zksh'), 'get', '/a', '-S', server],
      why: existsSync(join(root, 'dist/bin/zksh')) ? undefined : 'npm run build:binary',
    },
    {
      name: ZKCLI_GET,
      command: [ZKCLI, '-server', server, 'get', '/a'],
      why: existsSync(ZKCLI) ? undefined : 'apt-get install zookeeper',
    },
    {
      name: 'kazoo, a script of one line',
      command: [PYTHON, '-c', kazoo],
      why: hasKazoo() ? undefined : 'apt-get install python3-kazoo',
    },
  ];
  return {
    present: all.filter(({ why }) => why === undefined),
    missing: all.flatMap(({ name, why }) => (why === undefined ? [] : [{ peer: name, why }])),
  };
}

async function run(bench: Bench): Promise<Report> {
  const { connectString } = await bench.servers({ servers: 1 });
  const client = await connect(connectString);
  await client.create('/a', 'the value');
  await client.close();
  const { present, missing } = commands(bench.root, connectString);
  const measure = ({ name, command }: Command) => timeOf(command, { output: name === NODE ? '' : 'the value' });
  for (const command of present) await measure(command);
  // A start is short and its time scatters, so there are more rounds than usual.
  bench.say(present.map(({ name }) => name).join(', '));
  const times = await interleave(present, bench.rounds * 4, measure);
  const of = (name: string) => [...times].find(([command]) => command.name === name)?.[1];
  const compare = (one: string, other: string) => {
    const [ours, theirs] = [of(one), of(other)];
    return ours === undefined || theirs === undefined ? undefined : ratio(ours, theirs);
  };
  return {
    tables: [
      {
        title: '**One `get` from a cold process, until it has ended**',
        columns: ['command', 'ms', `of \`${NODE}\``],
        rows: present.map((command) => [
          command.name,
          digits(median(times.get(command) ?? [])),
          digits(compare(command.name, NODE) ?? Number.NaN),
        ]),
      },
    ],
    aims: [
      { what: `${ZKSH}: of ${NODE}`, sense: '≤', wanted: 1.5, got: compare(ZKSH, NODE), unit: '' },
      { what: `${BINARY}: of ${NODE}`, sense: '≤', wanted: 1.5, got: compare(BINARY, NODE), unit: '' },
      { what: `${ZKCLI_GET}: times ${ZKSH}`, sense: '≥', wanted: 5, got: compare(ZKCLI_GET, ZKSH), unit: '' },
    ],
    missing,
    notes: [`A standalone server on the same machine; medians of ${bench.rounds * 4}.`, ...staleBuild(bench.root)],
    runs: [...times].map(([{ name }, values]) => ({ subject: name, work: 'cold start', unit: 'ms', values })),
  };
}

export const coldStart: Section = { name: 'cold-start', title: 'Cold start', run };
