import type { EnsembleStatus, MemberStatus } from '../ensemble/ensemble-status.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { AFTER_COMING_BACK, BEFORE_TAKING_AWAY } from './gates/gates.ts';
import { type ChangeLimits, type Plan, planId, type Step } from './plan.ts';
import { withTolerance } from './tolerance.ts';
import { inTurn } from './turns.ts';

/** What a rolling restart is worked out from. */
export interface RollingRestart {
  ensemble: string;
  status: EnsembleStatus;
  /** Those alone; every member when empty. */
  only: readonly bigint[];
  limits: ChangeLimits;
  made: number;
  random(): number;
}

/** What a restart is taken to last when nothing is known of it; milliseconds. */
const RESTART_MS = 10_000;

const WHY: Readonly<Record<string, string>> = {
  unreachable: 'it does not answer: the first to bring back',
  'not serving': 'it does not serve: the first to bring back',
  'read-only': 'it is cut off: before those that serve',
  observer: 'an observer: no vote is missed meanwhile',
  follower: 'a follower: the quorum goes on without it',
  leader: 'the leader: last, since its stop is an election',
};

/** Works out in which order members are restarted. @throws ZkshError `NO_MEMBER`, `NO_IDS`, `STANDALONE` */
export function planRollingRestart(input: RollingRestart): Plan {
  return planRolling(input, 'rolling restart', (step) => step, []);
}

/**
 * A change that takes one member after the other.
 *
 * @param edit makes of the restart of a member what is wanted, or nothing
 * @param notes come before the other things that a person should know
 */
export function planRolling(
  { ensemble, status, only, limits, made, random }: RollingRestart,
  kind: string,
  edit: (step: Step) => Step | undefined,
  notes: readonly string[],
): Plan {
  const edited = chosen(status, only).flatMap((member) => {
    const step = edit(stepOf(member));
    return step === undefined ? [] : [{ member, step }];
  });
  const members = edited.map(({ member }) => member);
  const steps = inTurn(
    edited.map(({ step }) => step),
    status,
  );
  const borne = withTolerance(steps, status);
  return {
    id: planId(kind, made, random),
    kind,
    ensemble,
    made,
    order: 'leader-last',
    configVersion: status.config?.version,
    voters: status.quorum?.voters ?? [],
    ...borne,
    risks: [...notes, ...(members.length === 0 ? [] : risksOf(members, borne.tolerance.least))],
    limits,
  };
}

function chosen({ members }: EnsembleStatus, only: readonly bigint[]): MemberStatus[] {
  if (members.some(({ role }) => role === 'standalone')) {
    throw new ZkshError('a standalone server cannot be restarted without an outage', {
      code: 'STANDALONE',
      exitCode: ExitCode.unhealthy,
      hint: 'Restart its service when its clients can bear it.',
    });
  }
  const nameless = members.find(({ id }) => id === undefined);
  if (nameless !== undefined) {
    throw new ZkshError(`the id of ${nameless.host} is not known`, {
      code: 'NO_IDS',
      exitCode: ExitCode.failure,
      hint: 'Name the members with their ids: --members 1=zk1:2181,2=zk2:2181.',
    });
  }
  const ours = members.filter(
    ({ configured }) => configured !== undefined || members.every((one) => one.configured === undefined),
  );
  const stranger = only.find((id) => !ours.some((member) => member.id === id));
  if (stranger !== undefined) {
    throw new ZkshError(`there is no member ${stranger}`, {
      code: 'NO_MEMBER',
      exitCode: ExitCode.notFound,
      hint: `The members are ${ours.map(({ id }) => id).join(', ')}.`,
    });
  }
  return only.length === 0 ? ours : ours.filter(({ id }) => id !== undefined && only.includes(id));
}

function stepOf({ id, role }: MemberStatus): Step {
  const member = id ?? 0n;
  return {
    id: `restart-${member}`,
    title: `restart member ${member}`,
    why: WHY[role] ?? role,
    member,
    action: { do: 'restart', member },
    before: BEFORE_TAKING_AWAY,
    after: AFTER_COMING_BACK,
    // A restart cannot be taken back; a member that it left down can be brought up.
    undo: [],
    mend: [{ do: 'start', member }],
    expected: RESTART_MS,
  };
}

function risksOf(members: readonly MemberStatus[], least: number): string[] {
  const leads = members.some(({ role }) => role === 'leader');
  return [
    ...(leads
      ? [
          'When the leader stops nobody can write until the others have elected another: commonly a fraction of a second to some seconds.',
        ]
      : []),
    ...(least <= 0
      ? [
          'While a voter is away the loss of one more ends the quorum. Nothing else should be done to the ensemble meanwhile.',
        ]
      : []),
    'Clients of the member that restarts move to another one; their sessions, ephemerals and watches stay.',
  ];
}
