import { connect } from '../../src/index.ts';
import { type DrivenPeer, drive } from './driven-peer.ts';
import { interleave, median, ratio } from './figures.ts';
import type { LoadResult } from './peers/load.ts';
import { BARE_C, C_CLIENT, preparePeers, ZKSH } from './peers.ts';
import { digits } from './print.ts';
import type { Aim, Bench, Report, Run, Section, Table } from './section.ts';

const WORKS = ['get', 'set', 'create', 'delete'] as const;
type Work = (typeof WORKS)[number];

/** Requests under way at once, and how many are made of each work in a round. */
const DEPTHS = [
  { depth: 1, count: 800 },
  { depth: 32, count: 4_000 },
  { depth: 1024, count: 6_000 },
] as const;
/** Many short turns rather than few long ones: what disturbs one peer then disturbs its neighbours too. */
const TURNS = 3;

const ROOT = '/bench';

/** The measurements of one work at one depth. */
interface Cell {
  readonly work: Work;
  readonly depth: number;
  readonly count: number;
  readonly results: ReadonlyMap<string, readonly LoadResult[]>;
}

async function run(bench: Bench): Promise<Report> {
  const { connectString } = await bench.servers({
    servers: 1,
    config: { maxSessionTimeout: '600000', minSessionTimeout: '4000' },
  });
  const client = await connect(connectString);
  await client.create(ROOT);
  await client.create(`${ROOT}/node`, Buffer.alloc(100, 'x'));
  await client.close();

  const { programs, missing } = preparePeers(bench.root, bench.scratch);
  const peers: DrivenPeer[] = [];
  const absent = [...missing];
  for (const program of programs) {
    try {
      peers.push(await drive(program, connectString));
    } catch (error) {
      absent.push({ peer: program.name, why: (error as Error).message });
    }
  }
  try {
    bench.say(`warming up ${peers.map(({ name }) => name).join(', ')}`);
    for (const peer of peers) await warmUp(peer);
    const cells: Cell[] = [];
    for (const { depth, count } of DEPTHS) {
      cells.push(...(await measureDepth(bench, peers, depth, count)));
    }
    return report(cells, peers, [
      ...absent,
      ...peers.flatMap(({ name, failure }) => (failure === undefined ? [] : [{ peer: name, why: failure }])),
    ]);
  } finally {
    for (const peer of peers) peer.end();
  }
}

async function warmUp(peer: DrivenPeer): Promise<void> {
  const base = `${ROOT}/${slug(peer)}-w`;
  for (const work of WORKS) await peer.ask(`${work} 32 5000 ${targetOf(work, base)}`);
}

/** Peers' names have blanks and brackets, which a line of the peers' language has no place for. */
function slug(peer: DrivenPeer): string {
  return peer.name.replace(/\W+/g, '-');
}

function targetOf(work: Work, base: string): string {
  return work === 'get' || work === 'set' ? `${ROOT}/node` : base;
}

async function measureDepth(
  bench: Bench,
  subjects: readonly DrivenPeer[],
  depth: number,
  count: number,
): Promise<Cell[]> {
  // Works one after the other, peers taking turns in each: what a peer creates in one round it deletes in the same.
  const taken = new Map<Work, Map<string, LoadResult[]>>(WORKS.map((work) => [work, new Map()]));
  for (const group of [['get'], ['set'], ['create', 'delete']] as const) {
    bench.say(`${group.join(' and ')}, depth ${depth}`);
    await interleave(subjects, bench.quick ? bench.rounds : bench.rounds * TURNS, async (peer, round) => {
      const base = `${ROOT}/${slug(peer)}-${depth}-${round}-`;
      for (const work of group) {
        const result = await peer.ask<LoadResult>(`${work} ${depth} ${count} ${targetOf(work, base)}`);
        if (result !== undefined) addTo(taken.get(work), peer.name, result);
      }
    });
  }
  return [...taken].map(([work, results]) => ({ work, depth, count, results }));
}

function addTo<K, V>(lists: Map<K, V[]> | undefined, key: K, value: V): void {
  const list = lists?.get(key);
  if (list === undefined) lists?.set(key, [value]);
  else list.push(value);
}

const rate = (count: number) => (result: LoadResult) => count / result.seconds;
const cpuMicros = (count: number) => (result: LoadResult) => (result.cpu / count) * 1e6;

function report(cells: readonly Cell[], subjects: readonly DrivenPeer[], missing: Report['missing']): Report {
  return {
    tables: WORKS.map((work) =>
      tableOf(
        work,
        cells.filter((cell) => cell.work === work),
        subjects,
      ),
    ),
    aims: aims(cells),
    missing,
    notes: [
      'One standalone server on the same machine, znodes of 100 bytes, one session each; medians.',
      `Versions: ${subjects.map(({ name, version }) => `${name} ${version}`).join('; ')}`,
    ],
    runs: cells.flatMap(runsOf),
  };
}

function tableOf(work: Work, cells: readonly Cell[], subjects: readonly DrivenPeer[]): Table {
  const columns = cells.flatMap(({ depth }) => [`depth ${depth}: ops/s`, 'p50 / p99 ms', 'CPU µs/op']);
  const rows = subjects.map(({ name }) => [
    name,
    ...cells.flatMap(({ count, results }) => {
      const taken = results.get(name) ?? [];
      const middle = (of: (result: LoadResult) => number) => digits(median(taken.map(of)));
      const ranks = `${middle(({ p50 }) => p50 / 1000)} / ${middle(({ p99 }) => p99 / 1000)}`;
      return [middle(rate(count)), ranks, middle(cpuMicros(count))];
    }),
  ]);
  return { title: `**${work}**`, columns: ['client', ...columns], rows };
}

function aims(cells: readonly Cell[]): Aim[] {
  return cells.flatMap((cell): Aim[] => {
    const where = `${cell.work}, depth ${cell.depth}`;
    const against = (peer: string) => {
      const [ours, theirs] = [ZKSH, peer].map((name) => (cell.results.get(name) ?? []).map(rate(cell.count)));
      return theirs?.length ? ratio(ours ?? [], theirs) : undefined;
    };
    if (cell.depth === 1) {
      return [{ what: `${where}: of the C client's rate`, sense: '≥', wanted: 0.95, got: against(C_CLIENT), unit: '' }];
    }
    const cpu = median((cell.results.get(ZKSH) ?? []).map(cpuMicros(cell.count)));
    return [
      { what: `${where}: of a bare C socket's rate`, sense: '≥', wanted: 0.85, got: against(BARE_C), unit: '' },
      { what: `${where}: of the C client's rate`, sense: '≥', wanted: 1.5, got: against(C_CLIENT), unit: '' },
      { what: `${where}: client CPU an operation`, sense: '≤', wanted: 20, got: cpu, unit: ' µs' },
    ];
  });
}

function runsOf({ work, depth, count, results }: Cell): Run[] {
  return [...results].flatMap(([subject, taken]) => [
    { subject, work: `${work}, depth ${depth}`, unit: 'ops/s', values: taken.map(rate(count)) },
    { subject, work: `${work}, depth ${depth}`, unit: 'CPU µs/op', values: taken.map(cpuMicros(count)) },
    { subject, work: `${work}, depth ${depth}`, unit: 'p50 µs', values: taken.map(({ p50 }) => p50) },
    { subject, work: `${work}, depth ${depth}`, unit: 'p99 µs', values: taken.map(({ p99 }) => p99) },
  ]);
}

export const operations: Section = {
  name: 'operations',
  title: 'Operations a second',
  run,
};
