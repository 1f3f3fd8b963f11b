import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { type QuorumPlace, withServer } from '../../ensemble/next-membership.ts';
import { isQuorum, quorumOf } from '../../ensemble/quorum.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ActionOf } from '../actions/action.ts';
import { BEFORE_RECONFIG, type GateName } from '../gates/gates.ts';
import type { Plan, Step } from '../plan.ts';
import { BEFORE_VOTE } from './change-role.ts';
import { committedConfig, type MembershipChange, membershipPlan, reconfigStep } from './membership.ts';

/** What is written on the machine of a new server. */
type JoinerFiles = Omit<ActionOf<'write-files'>, 'do' | 'member'>;

const PREPARE_MS = 1000;
const CATCH_UP_MS = 15_000;

/** Of a server that was started and is no member yet. */
const AFTER_START: readonly GateName[] = [
  'one-leader',
  'others-serve',
  ...BEFORE_VOTE,
  'right-server',
  'reachable-by-others',
];

/**
 * The membership that a server knows before it is a member: the committed one, and itself as an observer, which has no vote.
 * Where the voters there are would be no quorum with it, as with one voter, its own acknowledgement is needed, and the leader
 * counts none that observes (Leader.isQuorumSynced): there it knows itself as a participant, and follows without a vote.
 *
 * @throws ZkshError `OWN_QUORUM`; UsageError `GROUP_NEEDED`, `NO_GROUPS`
 */
export function joiningMembership(config: DynamicConfig, line: ServerLine, place?: QuorumPlace): DynamicConfig {
  const next = withServer(config, line, place);
  const needed = line.role === 'participant' && !isQuorum(quorumOf(next), new Set(quorumOf(config).voters));
  if (!needed) return withServer(config, { ...line, role: 'observer' });
  // It must not be able to elect itself, empty as it is: others must agree.
  if (!isQuorum(quorumOf(next), new Set([line.id]))) return next;
  throw new ZkshError(`member ${line.id} would be a quorum by itself: it could elect itself before it has the data`, {
    code: 'OWN_QUORUM',
    exitCode: ExitCode.unhealthy,
    hint: 'Give it less --weight.',
  });
}

/** A server that joins, and what is written on its machine. */
export interface Joining {
  line: ServerLine;
  place?: QuorumPlace | undefined;
  files: JoinerFiles;
}

/**
 * Works out how a new server joins: its files, its start without a vote, and, when it has caught up, one reconfiguration.
 *
 * @throws ZkshError `ID_IN_USE`, `NO_CONFIG_VERSION`; UsageError `GROUP_NEEDED`, `NO_GROUPS`
 */
export function planAddition(change: MembershipChange, joining: Joining): Plan {
  const { line } = joining;
  refuseKnownId(change, line.id);
  const { steps, next } = additionSteps(committedConfig(change.status), joining);
  return membershipPlan(change, 'member add', { steps, next, outsiders: [line], risks: [FILES_STAY] });
}

export const FILES_STAY =
  'When it is aborted the new server is stopped and its files stay: empty its data directory before it is added anew.';

/** The steps by which a new server joins that membership. */
export function additionSteps(
  config: DynamicConfig,
  { line, place, files }: Joining,
): { steps: readonly Step[]; next: DynamicConfig } {
  const { id, role } = line;
  const next = withServer(config, line, place);
  const gates = {
    prepare: BEFORE_RECONFIG,
    start: ['one-leader', 'others-serve', 'config-settled'],
    started: AFTER_START,
  } as const;
  const { prepare, start } = arrivalSteps(id, files, gates);
  const reconfig = reconfigStep(config, next, {
    id: `add-${id}`,
    title: `take member ${id} in as ${role === 'observer' ? 'an observer' : 'a participant'}`,
    why: 'the leader counts it as caught up',
    member: id,
    before: BEFORE_VOTE,
    after: ['role-as-configured', 'lag-stable'],
  });
  return { steps: [prepare, start, reconfig], next };
}

/** The steps by which a server comes to run without a vote. */
export function arrivalSteps(
  id: bigint,
  files: JoinerFiles,
  gates: { prepare: readonly GateName[]; start: readonly GateName[]; started: readonly GateName[] },
): { prepare: Step; start: Step } {
  return {
    prepare: {
      id: `prepare-${id}`,
      title: `write the files of member ${id}`,
      why: 'it must know the members, and itself without a vote, before it starts',
      member: id,
      action: { do: 'write-files', member: id, ...files },
      before: gates.prepare,
      after: [],
      // They do no harm, and stay for a look.
      undo: [],
      expected: PREPARE_MS,
    },
    start: {
      id: `start-${id}`,
      title: `start member ${id}, and let it catch up`,
      why: 'it copies the data without a vote: nothing depends on it',
      member: id,
      action: { do: 'start', member: id },
      before: gates.start,
      after: gates.started,
      undo: [{ do: 'stop', member: id }],
      expected: CATCH_UP_MS,
    },
  };
}

/** Two servers of one id would each be taken for the other. */
export function refuseKnownId({ status }: MembershipChange, id: bigint): void {
  const member = committedConfig(status).servers.some((one) => one.id === id);
  const stranger = status.members.find((one) => one.id === id && one.role !== 'unreachable');
  if (!member && stranger === undefined) return;
  throw new ZkshError(
    member ? `there is a member ${id} already` : `a server with the id ${id} runs at ${stranger?.host}`,
    {
      code: 'ID_IN_USE',
      exitCode: ExitCode.conflict,
      hint: 'Give the new server an id that none has had: member list shows them.',
    },
  );
}
