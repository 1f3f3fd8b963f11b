import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { quorumOf } from '../../ensemble/quorum.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ActionOf } from '../actions/action.ts';
import { AFTER_RECONFIG, BEFORE_RECONFIG, type GateName } from '../gates/gates.ts';
import type { Plan, Step } from '../plan.ts';
import { BEFORE_VOTE } from './change-role.ts';
import { committedConfig, type MembershipChange, membershipPlan, RECONFIG_MS, reconfigActions } from './membership.ts';

/** What is written on the machine of a new server. */
export type JoinerFiles = Omit<ActionOf<'write-files'>, 'do' | 'member'>;

const PREPARE_MS = 1000;
const CATCH_UP_MS = 15_000;

/** Of a server that was started and is no member yet. */
const AFTER_START: readonly GateName[] = [
  'one-leader',
  'others-serve',
  ...BEFORE_VOTE,
  'right-server',
  'joiner-reachable',
];

/**
 * How a server knows itself before it is a member: as an observer, which has no vote. With one voter the next quorum needs
 * its own acknowledgement, and the leader counts none that observes (Leader.isQuorumSynced): there it follows without a vote.
 * It cannot elect itself, since the two that it knows must agree.
 */
export function joiningLine(change: MembershipChange, line: ServerLine): ServerLine {
  const { voters } = quorumOf(committedConfig(change.status));
  const needed = line.role === 'participant' && voters.length === 1;
  return { ...line, role: needed ? 'participant' : 'observer' };
}

/**
 * Works out how a new server joins: its files, its start without a vote, and, when it has caught up, one reconfiguration.
 *
 * @throws ZkshError `ID_IN_USE`, `NO_CONFIG_VERSION`; UsageError for quorum groups
 */
export function planAddition(change: MembershipChange, line: ServerLine, files: JoinerFiles): Plan {
  refuseKnownId(change, line.id);
  const { steps, next } = additionSteps(committedConfig(change.status), line, files);
  return membershipPlan(change, 'member add', { steps, next, outsiders: [line], risks: [FILES_STAY] });
}

export const FILES_STAY =
  'When it is aborted the new server is stopped and its files stay: empty its data directory before it is added anew.';

/** The steps by which a new server joins that membership. */
export function additionSteps(
  config: DynamicConfig,
  line: ServerLine,
  files: JoinerFiles,
): { steps: readonly Step[]; next: DynamicConfig } {
  const { id, role } = line;
  const { action, undo, next } = reconfigActions(config, { kind: 'incremental', add: [line], remove: [] }, undefined);
  const prepare: Step = {
    id: `prepare-${id}`,
    title: `write the files of member ${id}`,
    why: 'it must know the members, and itself without a vote, before it starts',
    member: id,
    action: { do: 'write-files', member: id, ...files },
    before: BEFORE_RECONFIG,
    after: [],
    // They do no harm, and stay for a look.
    undo: [],
    expected: PREPARE_MS,
  };
  const start: Step = {
    id: `start-${id}`,
    title: `start member ${id}, and let it catch up`,
    why: 'it copies the data without a vote: nothing depends on it',
    member: id,
    action: { do: 'start', member: id },
    before: ['one-leader', 'others-serve', 'config-settled'],
    after: AFTER_START,
    undo: [{ do: 'stop', member: id }],
    expected: CATCH_UP_MS,
  };
  const reconfig: Step = {
    id: `add-${id}`,
    title: `take member ${id} in as ${role === 'observer' ? 'an observer' : 'a participant'}`,
    why: 'the leader counts it as caught up',
    member: id,
    action,
    before: [...BEFORE_RECONFIG, ...BEFORE_VOTE],
    after: [...AFTER_RECONFIG, 'role-as-configured', 'lag-stable'],
    undo: [undo],
    expected: RECONFIG_MS,
  };
  return { steps: [prepare, start, reconfig], next };
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
