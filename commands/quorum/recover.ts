import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { planRecovery, type RecoveryPlan } from '../../src/change/quorum-recovery/plan.ts';
import type { RecoveryStep } from '../../src/change/quorum-recovery/steps.ts';
import { parseSurvivorPlace, readSurvivor, type SurvivorPlace } from '../../src/change/quorum-recovery/survivor.ts';
import { statementsOf, stepLines } from '../../src/change/quorum-recovery/wording.ts';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { requireRelease } from '../../src/config/parameters/release.ts';
import { formatServerLine } from '../../src/ensemble/server-line.ts';
import type { Style } from '../../src/output/style.ts';
import { layTable } from '../../src/output/table.ts';
import type { Column, View } from '../../src/output/view.ts';
import { wrap } from '../../src/output/wrap.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';
import { localFiles } from '../../src/storage/local-files.ts';

type Survivor = RecoveryPlan['survivors'][number];

const COLUMNS: readonly Column<Survivor>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number', role: () => 'name' },
  { header: 'role', value: ({ role }) => role ?? 'not a member', role: ({ role }) => (role ? undefined : 'warn') },
  { header: 'epoch', value: ({ peerEpoch }) => peerEpoch ?? '-', kind: 'number' },
  { header: 'accepted', value: ({ data }) => data.acceptedEpoch?.value, kind: 'number' },
  { header: 'last_zxid', value: ({ data }) => data.restored.zxid, kind: 'hex' },
  { header: 'written', value: ({ data }) => timeOf(data.restored.time), kind: 'time' },
  { header: 'config', value: ({ committed, config }) => versionOf(committed?.version ?? config?.membership?.version) },
  { header: 'state', value: stateOf, role: ({ peerEpoch }) => (peerEpoch === undefined ? 'bad' : 'good') },
];

export default class QuorumRecover extends ZkshCommand<RecoveryPlan, typeof QuorumRecover> {
  static override summary = 'plan how an ensemble serves again whose quorum is lost for good';
  static override description =
    `For the day when too many servers are gone and do not come back. Reads what is left of each member, without Java and
without any server running, as the server itself would: newest good snapshot, transactions after it, epochs, membership. Says
which survivor has the most, as ZooKeeper's own election decides (epoch, last transaction, id), what may be lost, and which
commands and edits, in which order, make the survivors an ensemble again and bring the others back. Changes nothing.

Each argument is what is left of one member: its dataDir, its dataLogDir where that is another, and its zoo.cfg, joined by
commas, behind its id (which myid tells, too): ID=DATADIR[,LOGDIR][,ZOO.CFG]. A zoo.cfg alone tells the directories. Without
it the plan cannot name files. Name every survivor, observers too. They are read best while their servers are stopped.

When a survivor cannot start because its last log is damaged or its epochs contradict its data, the plan has what mends
that. Exit code: 0 when there is a plan or none is needed, 8 when no survivor can be recovered.

JSON: {needed, release, best, membership, loss, statements, survivors, steps}. membership is {version, voters, servers, source,
reconfig} of the new ensemble, loss {voters, alive, lost, mayBeMissing}, a statement {gravity, text}, a survivor {id, role,
dataDir, dataLogDir, peerEpoch, acceptedEpoch, currentEpoch, lastZxid, lastTime, snapshot, configVersion, usable, reasons,
problems}, a problem {code, gravity, file, offset, message}. A step is {number, phase, member, kind, why} and by its kind:
stop, start; run {command}; write {path, file, content}; edit {path, file, remove, set}: keys that go, then keys that get a
value; empty {path, myid}: a data directory with nothing but myid; wait {command, until}. path is null where it is not known.`;
  static override examples = [
    '<%= config.bin %> quorum recover --plan 1=/etc/zookeeper/conf/zoo.cfg',
    '<%= config.bin %> quorum recover --plan 2=/mnt/zk2/data,/mnt/zk2/log,/mnt/zk2/zoo.cfg 5=/mnt/zk5/data,/mnt/zk5/zoo.cfg',
    '<%= config.bin %> quorum recover --plan 1=/var/lib/zookeeper -o json',
  ];
  static override args = { survivor: Args.string({ description: 'what is left of a member; more may follow' }) };
  static override strict = false;
  static override flags = {
    plan: Flags.boolean({
      env: 'ZKSH_QUORUM_RECOVER_PLAN',
      description: 'make the plan; zksh does no more than that, and wants to hear that it is known',
    }),
    version: Flags.string({
      env: 'ZKSH_QUORUM_RECOVER_VERSION',
      helpValue: '<3.x.y>',
      description: 'release of the servers, where their files do not tell 3.4 from newer ones',
    }),
  };

  protected readonly view: View<RecoveryPlan, Survivor> = {
    text: planText,
    columns: COLUMNS,
    rows: ({ survivors }) => survivors,
    json: planJson,
  };

  protected async execute(): Promise<RecoveryPlan> {
    const { plan: asked, version } = this.flags;
    if (!asked) {
      throw new UsageError('quorum recover only plans: say --plan', {
        hint: 'The steps of the plan are yours to take; nothing was done.',
      });
    }
    if (this.words.length === 0) {
      throw new UsageError('no survivor was named', {
        hint: 'zksh quorum recover --plan 1=/var/lib/zookeeper,/etc/zookeeper/conf/zoo.cfg',
      });
    }
    const old = version === undefined ? undefined : isOld(requireRelease(version));
    const survivors = [];
    for (const place of this.words.map(absolutePlace)) survivors.push(await readSurvivor(localFiles, place));
    const plan = planRecovery(survivors, old);
    if (plan.best === undefined) this.exitCode = ExitCode.unhealthy;
    return plan;
  }
}

/** The steps are taken elsewhere: a path must not depend on where zksh was started. */
function absolutePlace(text: string): SurvivorPlace {
  const place = parseSurvivorPlace(text);
  return { ...place, paths: place.paths.map((path) => resolve(path)) };
}

function isOld([major, minor]: readonly number[]): boolean {
  return major === 3 && (minor ?? 0) < 5;
}

function timeOf(time: bigint | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(Number(time));
}

function versionOf(version: bigint | undefined): string | undefined {
  return version?.toString(16);
}

function stateOf({ peerEpoch, repairs }: Survivor): string {
  if (peerEpoch === undefined) return 'cannot start';
  return repairs.length === 0 ? 'whole' : 'to be mended';
}

function planText(plan: RecoveryPlan, style: Style): string {
  const width = style.tty ? style.width : Number.POSITIVE_INFINITY;
  const statements = statementsOf(plan).flatMap(({ gravity, text }) => [
    '',
    ...wrap(text, width).map((line) => style.paint(gravity, style.name(line))),
  ]);
  const problems = plan.survivors.flatMap(({ id, data }) =>
    data.problems.map(({ file, message }) =>
      style.paint('dim', style.name(`member ${id}: ${file === undefined ? '' : `${file} `}${message}`)),
    ),
  );
  return [
    ...layTable(COLUMNS as Column<never>[], plan.survivors, style),
    ...(problems.length === 0 ? [] : ['', ...problems]),
    ...statements,
    ...phaseLines(plan, 'recover', 'TO SERVE AGAIN', style),
    ...phaseLines(plan, 'grow', 'THEN, TO BRING THE OTHERS BACK', style),
  ].join('\n');
}

function phaseLines({ steps }: RecoveryPlan, phase: RecoveryStep['phase'], title: string, style: Style): string[] {
  const lines = steps.flatMap((step, index) => {
    if (step.phase !== phase) return [];
    const { head, body } = stepLines(step);
    const lead = `${`${index + 1}.`.padStart(4)} member ${step.member}: `;
    const [first = '', ...more] = wrap(
      `${lead.trimStart()}${head} (${step.why})`,
      (style.tty ? style.width : Number.POSITIVE_INFINITY) - 5,
    );
    return [
      `${`${index + 1}.`.padStart(4)}${style.name(first).slice(`${index + 1}.`.length)}`,
      ...more.map((line) => `     ${style.name(line)}`),
      ...body.map((line) => `       ${style.paint('path', style.name(line))}`),
    ];
  });
  return lines.length === 0 ? [] : ['', style.paint('title', title), ...lines];
}

function planJson(plan: RecoveryPlan): object {
  const { loss, best, membership, known, old } = plan;
  return {
    needed: best === undefined || !loss.quorum,
    release: old ? '3.4' : '3.5 or later',
    best: best?.id ?? null,
    membership: membership && {
      version: membership.config.version,
      voters: membership.voters,
      servers: membership.config.servers.map(formatServerLine),
      source: known.source,
      reconfig: membership.reconfig,
    },
    loss: { voters: loss.voters, alive: loss.alive, lost: loss.lost, mayBeMissing: loss.mayBeMissing },
    statements: statementsOf(plan),
    survivors: plan.survivors.map(survivorJson),
    steps: plan.steps.map((step, index) => ({
      number: index + 1,
      ...step,
      ...('file' in step || 'myid' in step ? { path: step.path ?? null } : {}),
    })),
  };
}

function survivorJson({ id, role, data, committed, config, peerEpoch, reasons }: Survivor): object {
  return {
    id,
    role: role ?? null,
    dataDir: data.dataDir,
    dataLogDir: data.dataLogDir,
    peerEpoch: peerEpoch ?? null,
    acceptedEpoch: data.acceptedEpoch?.value ?? null,
    currentEpoch: data.currentEpoch?.value ?? null,
    lastZxid: data.restored.zxid,
    lastTime: timeOf(data.restored.time) ?? null,
    snapshot: data.snapshot?.path ?? null,
    configVersion: committed?.version ?? config?.membership?.version ?? null,
    usable: peerEpoch !== undefined && role !== undefined,
    reasons,
    problems: data.problems,
  };
}
