import { hasGroups } from '../../ensemble/next-membership.ts';
import { hex64 } from '../../protocol/zxid.ts';
import type { Candidate } from './candidates.ts';
import type { RecoveryPlan } from './plan.ts';
import type { RecoveryStep } from './steps.ts';

/** Something to be read before anything is done. */
export interface Statement {
  readonly gravity: 'good' | 'warn' | 'bad';
  readonly text: string;
}

/** What the plan rests on, in sentences: what is left, who is best and why, what may be lost. */
export function statementsOf(plan: RecoveryPlan): Statement[] {
  const { loss, best, known } = plan;
  const warnings = [
    ...plan.contradictions.map((text) =>
      warn(`${text}: their data is not of one history. Find out why before anything else.`),
    ),
    ...disagreements(plan),
    ...(known.proposed === undefined
      ? []
      : [
          warn(
            `A reconfiguration (version ${known.proposed.version?.toString(16)}) was under way: the lost members may have agreed on it. Both memberships were counted.`,
          ),
        ]),
  ];
  if (best === undefined) {
    return [
      ...plan.survivors.flatMap(whyNot),
      { gravity: 'bad', text: 'None of them can be started: restore a backup.' },
      ...warnings,
    ];
  }
  if (loss.quorum) {
    const text = `Members ${list(loss.alive)} are a quorum of the voters ${list(loss.voters)}: nothing has to be recovered. Start them as they are.`;
    return [{ gravity: 'good', text }, ...plan.survivors.flatMap(whyNot), ...warnings];
  }
  return [
    {
      gravity: 'bad',
      text: `Members ${list(loss.alive) || '(none)'} of the voters ${list(loss.voters)} are left, no quorum (membership from ${known.source}).`,
    },
    { gravity: 'good', text: whyBest(plan, best) },
    ...lossStatements(plan, best),
    ...plan.survivors.flatMap(whyNot),
    ...warnings,
    ...limits(plan),
  ];
}

function warn(text: string): Statement {
  return { gravity: 'warn', text };
}

function list(ids: readonly bigint[]): string {
  return ids.join(', ');
}

function whyBest({ survivors }: RecoveryPlan, best: Candidate): string {
  const others = survivors.filter(
    ({ id, peerEpoch, role }) => id !== best.id && peerEpoch !== undefined && role !== undefined,
  );
  const what = `epoch ${best.peerEpoch}, last transaction ${hex64(best.data.restored.zxid)}`;
  if (others.length === 0) return `Member ${best.id} is the one to recover from: ${what}.`;
  const byEpoch = others.every(({ peerEpoch }) => peerEpoch !== best.peerEpoch);
  const byZxid = others.every(
    ({ peerEpoch, data }) => peerEpoch !== best.peerEpoch || data.restored.zxid !== best.data.restored.zxid,
  );
  const why = byEpoch
    ? 'the highest epoch'
    : byZxid
      ? 'the last transaction of those with that epoch'
      : 'the highest id of those that have the same';
  return `Member ${best.id} is the best: ${what}; it has ${why}, as ZooKeeper's own election decides.`;
}

function lossStatements({ loss, survivors }: RecoveryPlan, best: Candidate): Statement[] {
  const { zxid, time } = best.data.restored;
  const when = time === undefined ? '' : ` of ${new Date(Number(time)).toISOString()}`;
  const first = loss.mayBeMissing
    ? {
        gravity: 'bad' as const,
        text: `What may be lost: the ${loss.lost.length} lost voters (${list(loss.lost)}) were a quorum by themselves, so they may have acknowledged writes after ${hex64(zxid)}${when} that no survivor has. How many cannot be known; every write before that is here.`,
      }
    : {
        gravity: 'good' as const,
        text: `Nothing that was acknowledged is lost: the lost voters (${list(loss.lost)}) were no quorum by themselves, so every acknowledged write is on a survivor, and member ${best.id} has them all.`,
      };
  const ahead = survivors.filter(
    ({ id, peerEpoch, data }) => id !== best.id && peerEpoch !== undefined && data.restored.zxid > zxid,
  );
  return [
    first,
    ...ahead.map(({ id, data }) =>
      warn(
        `Member ${id} has transactions up to ${hex64(data.restored.zxid)}, of an epoch that was given up: no quorum had agreed on those after ${hex64(zxid)}, and they go when it follows.`,
      ),
    ),
  ];
}

function whyNot({ id, role, reasons }: Candidate): Statement[] {
  if (reasons.length > 0) return [warn(`Member ${id} cannot be started: ${reasons.join('; ')}.`)];
  return role === undefined ? [warn(`Member ${id} is not in the membership: it is left out.`)] : [];
}

/** Survivors whose configuration is another than the one in force. */
function disagreements({ survivors, known }: RecoveryPlan): Statement[] {
  const line = (config: RecoveryPlan['known']['config']): string =>
    list(config.servers.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1)));
  const others = survivors.flatMap(({ id, config, committed }) => {
    const own = config?.membership ?? committed;
    return own === undefined || line(own) === line(known.config) ? [] : [`member ${id} knows members ${line(own)}`];
  });
  return others.length === 0
    ? []
    : [
        warn(
          `The survivors do not agree on the membership: ${others.join('; ')}. The newest (${known.source}: ${line(known.config)}) counts.`,
        ),
      ];
}

function limits({ survivors, known, membership, old }: RecoveryPlan): Statement[] {
  if (membership === undefined) return [];
  const copies = survivors
    .filter(({ config, data }) => dataDirOf(config) !== undefined && dataDirOf(config) !== data.dataDir)
    .map(({ id }) => id);
  const blind = survivors.filter(({ config }) => config === undefined).map(({ id }) => id);
  const { voters } = membership;
  return [
    ...(blind.length === 0
      ? []
      : [
          warn(
            `The zoo.cfg of member ${list(blind)} was not named: whether it can reconfigure is not known, and the places of its files are left open. Name it behind the id.`,
          ),
        ]),
    ...(copies.length === 0
      ? []
      : [
          warn(
            `The files of member ${list(copies)} were read at another place than its zoo.cfg names: use its own paths where the steps name those.`,
          ),
        ]),
    ...(membership.standalone
      ? [warn('A single voter of 3.4 runs as a standalone server until a second one is back.')]
      : []),
    ...(hasGroups(known.config)
      ? [
          warn(
            'The quorum groups and weights are given up: every voter counts the same from then on. Once all are back, set them again with: zksh reconfig -file.',
          ),
        ]
      : []),
    ...(voters.length < 3
      ? [warn(`Until more are back, the loss of ${voters.length === 1 ? 'it' : 'one of them'} ends it again.`)]
      : []),
    ...(membership.reconfig || old
      ? []
      : [warn('reconfigEnabled is not on: the others come back with a stop of all, one at a time.')]),
    warn('The lost members must never start with the data they had: keep them off, or their disks away.'),
  ];
}

/** Where its zoo.cfg says that its data is, without a slash at the end. */
function dataDirOf(config: Candidate['config']): string | undefined {
  return config?.file.settings.findLast(({ key }) => key === 'dataDir')?.value.replace(/(?<=.)\/+$/, '');
}

/** A step in words, with what has to be typed below it. */
export function stepLines(step: RecoveryStep): { head: string; body: readonly string[] } {
  const place = (path: string | undefined, file: string): string => path ?? `its ${file}`;
  switch (step.kind) {
    case 'stop':
      return { head: 'stop the server', body: ['systemctl stop zookeeper   (or however it is run)'] };
    case 'start':
      return { head: 'start the server', body: ['systemctl start zookeeper   (or however it is run)'] };
    case 'run':
      return { head: 'run', body: [step.command] };
    case 'wait':
      return { head: `wait until ${step.until}`, body: [step.command] };
    case 'write':
      return {
        head: `write ${place(step.path, step.file)}, keeping owner and mode`,
        body: step.content.trimEnd().split('\n'),
      };
    case 'edit':
      return {
        head: `edit ${place(step.path, step.file)}`,
        body: [
          ...step.remove.map((key) => `- ${key}=…`),
          ...Object.entries(step.set).map(([key, value]) => `+ ${key}=${value}`),
        ],
      };
    case 'empty':
      return {
        head: `make ${step.path ?? 'its dataDir (and dataLogDir)'} empty but for myid`,
        body: [`myid holds ${step.myid}; what else was there is moved to another disk`],
      };
  }
}
