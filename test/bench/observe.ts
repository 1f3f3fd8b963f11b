import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/client/connect.ts';
import { askAdminServer } from '../../src/ensemble/admin-server.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { judgeHealth } from '../../src/ensemble/health/judge.ts';
import { DEFAULT_LIMITS } from '../../src/ensemble/health/limits.ts';
import { lookForHealth } from '../../src/ensemble/health/look.ts';
import { type LocalEnsemble, type LocalMember, pause, resume } from '../../src/local/ensemble.ts';
import { blackHole } from './black-hole.ts';
import { entryOf, staleBuild } from './build.ts';
import { interleave, median, ratio } from './figures.ts';
import { hasKazoo, PYTHON } from './peers.ts';
import { digits } from './print.ts';
import { timeOf } from './process-time.ts';
import type { Aim, Bench, Missing, Report, Run, Section } from './section.ts';

const SIZES = [3, 7] as const;
const NODE = 'node -e 0';
const STATUS = 'zksh status, Node';
const WORDS_ALONE = 'zksh status --admin off, Node';
const BINARY = 'zksh status, single executable';
const HEALTH = 'zksh health, Node';
const SHELL = 'a loop in bash, srvr by /dev/tcp';
const KAZOO = 'kazoo, srvr of each member';
const ZKSERVER = 'zkServer.sh status of each member';
const ZKSERVER_SH = '/usr/share/zookeeper/bin/zkServer.sh';

/** Milliseconds given to a member that does not answer, and what a process may take beyond. */
const WAIT = 2000;
const ALLOWANCE = 1.1;

/** Looks by each before any counts. */
const WARM_UP = 3;

/** Small ones: seven of the bench's usual size would not fit everywhere, and nothing is stored. */
const JVM_FLAGS = ['-XX:TieredStopAtLevel=4', '-Xms128m', '-Xmx256m'];

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  /** Why it can't be measured here. */
  readonly why?: string | undefined;
  /** What its output must have in it. */
  readonly output: string;
}

/** What takes a look at every member, each in its own process. */
function subjects(bench: Bench, ensemble: LocalEnsemble): Subject[] {
  const zksh = [process.execPath, entryOf(bench.root)];
  const looking = ['-S', ensemble.connectString, ...admins(ensemble)];
  const without = ['-S', ensemble.connectString, '--admin', 'off'];
  const addresses = ensemble.members.map(({ host, clientPort }) => `${host}:${clientPort}`);
  const built = existsSync(join(bench.root, 'dist')) ? undefined : 'npm run build';
  const binary = join(bench.root, 'dist/bin/zksh');
  return [
    { name: NODE, command: [process.execPath, '-e', '0'], output: '' },
    { name: STATUS, command: [...zksh, 'status', ...looking], why: built, output: 'leader' },
    { name: WORDS_ALONE, command: [...zksh, 'status', ...without], why: built, output: 'leader' },
    {
      name: BINARY,
      command: [binary, 'status', ...looking],
      why: existsSync(binary) ? undefined : 'npm run build:binary',
      output: 'leader',
    },
    { name: HEALTH, command: [...zksh, 'health', ...looking], why: built ?? noHealth(bench), output: '' },
    { name: SHELL, command: ['bash', '-c', SHELL_LOOP, 'bash', ...addresses], output: 'leader' },
    {
      name: KAZOO,
      command: [PYTHON, join(bench.root, 'test/bench/peers/kazoo_status.py'), ...addresses],
      why: hasKazoo() ? undefined : 'apt-get install python3-kazoo',
      output: 'leader',
    },
    {
      name: ZKSERVER,
      command: ['bash', '-c', ZKSERVER_LOOP, 'bash', ...ensemble.members.map(({ dir }) => join(dir, 'zoo.cfg'))],
      why: existsSync(ZKSERVER_SH) ? undefined : 'apt-get install zookeeper',
      output: 'leader',
    },
  ];
}

const SHELL_LOOP = `for member; do
  exec 3<>"/dev/tcp/\${member%:*}/\${member##*:}"; printf srvr >&3; cat <&3; exec 3>&-
done`;
const ZKSERVER_LOOP = `for config; do ${ZKSERVER_SH} status "$config"; done`;

function noHealth({ root }: Bench): string | undefined {
  return existsSync(join(root, 'commands/health.ts')) ? undefined : 'there is no such command yet';
}

/** Each AdminServer is at a port of its own, since the members share a host. */
function admins({ members }: LocalEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

/** Milliseconds until the slowest member has answered what every look asks, all members and questions at once. */
async function slowestAnswer({ members }: LocalEnsemble): Promise<number> {
  const times = members.map(async ({ host, clientPort: port, adminPort }) => {
    const before = performance.now();
    const url = `http://${host}:${adminPort}/commands`;
    await Promise.all([
      ...['srvr', 'mntr', 'conf'].map((word) => fourLetterWord({ host, port, word })),
      ...['monitor', 'server_stats', 'configuration'].map((command) => askAdminServer({ url, command })),
    ]);
    return performance.now() - before;
  });
  return Math.max(...(await Promise.all(times)));
}

/** Milliseconds of a judgement in a process that runs already: what `health` itself adds, without the start of Node. */
async function judgedHere({ members }: LocalEnsemble): Promise<number> {
  const admins = members.map(({ id, adminPort }): [string, string] => [`${id}`, `${adminPort}`]);
  const wanted = {
    listed: members.map(({ host, clientPort: port }) => ({ server: { host, port } })),
    only: false,
    tls: false,
    admin: { off: false, everywhere: undefined, of: new Map(admins) },
  };
  const before = performance.now();
  const asking = { limit: WAIT, connect, options: {} };
  judgeHealth(await lookForHealth(wanted, asking, { limits: DEFAULT_LIMITS, now: Date.now, quorumTls: false }), []);
  return performance.now() - before;
}

/** Whole processes that look at an ensemble, and its slowest member's own answer in the same rounds. */
interface Looks {
  readonly size: number;
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly answers: readonly number[];
  /** Judgements in this process, in the same rounds. */
  readonly judged: readonly number[];
  readonly missing: readonly Missing[];
}

async function look(bench: Bench, size: number, ensemble: LocalEnsemble): Promise<Looks> {
  const all = subjects(bench, ensemble);
  const present = all.filter(({ why }) => why === undefined);
  // Whether the ensemble is well is for `health` to say: some of its answers are not 0.
  const codes = (name: string) => (name === HEALTH ? [0, 8] : [0]);
  const measure = ({ name, command, output }: Subject) => timeOf(command, { output, codes: codes(name) });
  // Servers are compiled hot by being asked.
  for (let i = 0; i < WARM_UP; i++) for (const subject of present) await measure(subject);
  bench.say(`${size} members: ${present.map(({ name }) => name).join(', ')}`);
  const answers: number[] = [];
  const judged: number[] = [];
  const times = await interleave(present, bench.quick ? bench.rounds : bench.rounds * 3, async (subject) => {
    if (subject === present[0]) {
      answers.push(await slowestAnswer(ensemble));
      judged.push(await judgedHere(ensemble));
    }
    return measure(subject);
  });
  return {
    size,
    times: new Map([...times].map(([{ name }, taken]) => [name, taken])),
    answers,
    judged,
    missing: all.flatMap(({ name, why }) => (why === undefined ? [] : [{ peer: name, why }])),
  };
}

const HUNG = 'one member hung (SIGSTOP)';
const DROPPED = 'one address that drops what comes';

/** Milliseconds by command, for each way not to answer. */
type Waits = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

/** How long a look takes with `--wait 2s` when a member does not answer. */
async function waits(bench: Bench, ensemble: LocalEnsemble): Promise<Waits> {
  const hung = await followerOf(ensemble);
  const hole = await blackHole();
  const others = ensemble.members.filter((member) => member !== hung);
  const place = ({ id, host, clientPort }: LocalMember) => `${id}=${host}:${clientPort}`;
  const dropped = [...others.map(place), `${hung.id}=127.0.0.1:${hole.port}`].join(',');
  const commands = ['status', ...(noHealth(bench) === undefined ? ['health'] : [])];
  const run = (command: string, where: readonly string[]) =>
    timeOf([process.execPath, entryOf(bench.root), command, ...where, ...admins(ensemble), '--wait', `${WAIT}ms`], {
      output: '',
      codes: [0, 8],
    });
  const rounds = (where: readonly string[]) => interleave(commands, bench.rounds, (command) => run(command, where));
  bench.say('a member that does not answer');
  try {
    const dropping = await rounds(['--members', dropped]);
    await pause(ensemble, hung.id);
    const hanging = await rounds(['-S', ensemble.connectString]).finally(() => resume(ensemble, hung.id));
    return new Map([
      [HUNG, hanging],
      [DROPPED, dropping],
    ]);
  } finally {
    hole.close();
  }
}

/** Without the leader there would be no quorum to tell of. */
async function followerOf({ members }: LocalEnsemble): Promise<LocalMember> {
  for (const member of members) {
    const { host, clientPort: port } = member;
    if ((await fourLetterWord({ host, port, word: 'srvr' })).includes('Mode: follower')) return member;
  }
  throw new Error('the ensemble has no follower');
}

async function run(bench: Bench): Promise<Report> {
  const looks: Looks[] = [];
  let waited: Waits = new Map();
  for (const size of SIZES) {
    const ensemble = await bench.servers({ servers: size, jvmFlags: JVM_FLAGS });
    looks.push(await look(bench, size, ensemble));
    if (size === SIZES[0]) waited = await waits(bench, ensemble);
  }
  return {
    tables: [
      {
        title: '**One look at every member from a cold process, until it has ended, in milliseconds**',
        columns: ['command', ...looks.map(({ size }) => `${size} members`), 'of the loop in bash'],
        rows: [...(looks[0]?.times.keys() ?? [])].map((name) => [
          name,
          ...looks.map(({ times }) => digits(median(times.get(name) ?? []))),
          looks.map((one) => digits(compare(one, name, SHELL) ?? Number.NaN)).join(' / '),
        ]),
      },
      {
        title: `**The same with \`--wait ${WAIT / 1000}s\` and a member that does not answer, in milliseconds**`,
        columns: ['command', HUNG, DROPPED],
        rows: [...(waited.get(HUNG)?.keys() ?? [])].map((command) => [
          `zksh ${command}`,
          ...[HUNG, DROPPED].map((how) => digits(median(waited.get(how)?.get(command) ?? []))),
        ]),
      },
    ],
    aims: aims(looks, waited),
    missing: looks[0]?.missing ?? [],
    notes: [
      'All servers on one machine. zksh asks each for srvr, mntr and conf and, but with `--admin off`, three commands of its AdminServer; the peers ask for srvr alone, one member after the other.',
      `Above the slowest answer: a judgement in a process that runs already (median ${digits(median(looks[0]?.judged ?? []))} ms) less the time of the slowest member for the same words and commands at once (${digits(median(looks[0]?.answers ?? []))} ms), in the same round; the start of the process is in the table.`,
      ...staleBuild(bench.root),
    ],
    runs: [...looks.flatMap(runsOf), ...waitRuns(waited)],
  };
}

function compare({ times }: Looks, one: string, other: string): number | undefined {
  const [ours, theirs] = [times.get(one), times.get(other)];
  return ours === undefined || theirs === undefined ? undefined : ratio(ours, theirs);
}

function aims(looks: readonly Looks[], waited: Waits): Aim[] {
  const [few] = looks;
  const [status, more] = looks.map(({ times }) => times.get(STATUS));
  const wait = (command: string, how: string): number | undefined => {
    const taken = waited.get(how)?.get(command);
    return taken && Math.max(...taken);
  };
  return [
    ...looks.flatMap((one): Aim[] => [
      {
        what: `status --admin off, ${one.size} members: of kazoo`,
        sense: '≤',
        wanted: 1,
        got: compare(one, WORDS_ALONE, KAZOO),
        unit: '',
      },
      {
        what: `status, ${one.size} members: of zkServer.sh`,
        sense: '≤',
        wanted: 0.5,
        got: compare(one, STATUS, ZKSERVER),
        unit: '',
      },
    ]),
    {
      what: 'status: 7 members of 3',
      sense: '≤',
      wanted: 1.5,
      got: status && more && median(more) / median(status),
      unit: '',
    },
    {
      what: 'health, 3 members, in a running process: above the slowest answer',
      sense: '≤',
      wanted: 150,
      got: few && median(few.judged.map((ms, i) => ms - (few.answers[i] ?? 0))),
      unit: ' ms',
    },
    ...['status', 'health'].flatMap((command) =>
      [HUNG, DROPPED].map(
        (how): Aim => ({
          what: `${command} --wait ${WAIT / 1000}s, ${how}: the longest`,
          sense: '≤',
          wanted: WAIT * ALLOWANCE,
          got: wait(command, how),
          unit: ' ms',
        }),
      ),
    ),
  ];
}

function runsOf({ size, times, answers, judged }: Looks): Run[] {
  const work = `${size} members`;
  return [
    ...[...times].map(([subject, values]) => ({ subject, work, unit: 'ms', values })),
    { subject: 'the slowest member', work, unit: 'ms', values: answers },
    { subject: 'health in a running process', work, unit: 'ms', values: judged },
  ];
}

function waitRuns(waited: Waits): Run[] {
  return [...waited].flatMap(([work, byCommand]) =>
    [...byCommand].map(([command, values]) => ({ subject: `zksh ${command}`, work, unit: 'ms', values })),
  );
}

export const observe: Section = { name: 'observe', title: 'A look at every member', run };
