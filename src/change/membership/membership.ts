import { type DynamicConfig, formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../ensemble/ensemble-status.ts';
import { hasGroups, refuseVoteless } from '../../ensemble/next-membership.ts';
import { quorumOf } from '../../ensemble/quorum.ts';
import { requestBetween } from '../../ensemble/reconfiguration.ts';
import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { AFTER_RECONFIG, BEFORE_RECONFIG, type GateName } from '../gates/gates.ts';
import { type ChangeLimits, type Plan, planId, type Step } from '../plan.ts';
import { withTolerance } from '../tolerance.ts';

/** What a change of the membership is worked out from. */
export interface MembershipChange {
  ensemble: string;
  status: EnsembleStatus;
  limits: ChangeLimits;
  made: number;
  random(): number;
}

/** What a reconfiguration is taken to last, with the election where the leader goes; milliseconds. */
const RECONFIG_MS = 2000;

/** The committed configuration with its version. @throws ZkshError `NO_CONFIG_VERSION` where there is none, as on 3.4 */
export function committedConfig({ config }: EnsembleStatus): DynamicConfig {
  if (config?.version !== undefined && config.servers.length > 0) return config;
  throw new ZkshError('the ensemble has no versioned configuration', {
    code: 'NO_CONFIG_VERSION',
    exitCode: ExitCode.failure,
    hint: 'Before 3.5, and in a standalone server, members are changed by their configuration files.',
  });
}

/** The line of a member of the committed configuration. @throws ZkshError `NO_MEMBER` */
export function memberLine(config: DynamicConfig, id: bigint): ServerLine {
  const line = config.servers.find((one) => one.id === id);
  if (line !== undefined) return line;
  throw new ZkshError(`there is no member ${id}`, {
    code: 'NO_MEMBER',
    exitCode: ExitCode.notFound,
    hint: `The members are ${config.servers.map((one) => one.id).join(', ')}.`,
  });
}

/** What a step that reconfigures adds to every such step. */
interface ReconfigStep extends Pick<Step, 'id' | 'title' | 'why'> {
  member: bigint;
  /** Besides those of every reconfiguration. */
  before: readonly GateName[];
  after: readonly GateName[];
  /** Must serve when it is taken back: it is given a vote again. */
  serving?: ServerLine | undefined;
}

/**
 * One reconfiguration from one membership to the next, with what takes it back.
 *
 * @throws UsageError `NO_VOTERS`; ZkshError `GROUP_EMPTY`
 */
export function reconfigStep(config: DynamicConfig, next: DynamicConfig, step: ReconfigStep): Step {
  refuseVoteless(config, next);
  const { before, after, serving, ...rest } = step;
  const was = formatDynamicConfig({ ...config, version: undefined });
  const is = formatDynamicConfig({ ...next, version: undefined });
  const given = serving?.role === 'participant' ? { serving: formatServerLine(serving) } : {};
  return {
    ...rest,
    action: { do: 'reconfig', ...requestBetween(config, next), next: is, from: was },
    before: [...BEFORE_RECONFIG, ...before],
    after: [...AFTER_RECONFIG, ...after],
    undo: [{ do: 'reconfig', ...requestBetween(next, config), next: was, from: is, ...given }],
    expected: RECONFIG_MS,
  };
}

/** The plan of steps in this order. */
export function membershipPlan(
  { ensemble, status, limits, made, random }: MembershipChange,
  kind: string,
  rest: { steps: readonly Step[]; next: DynamicConfig; outsiders: readonly ServerLine[]; risks: readonly string[] },
): Plan {
  const { steps, next, outsiders, risks } = rest;
  return {
    id: planId(kind, made, random),
    kind,
    ensemble,
    made,
    order: 'fixed',
    configVersion: status.config?.version,
    voters: status.quorum?.voters ?? [],
    ...withTolerance(steps, status),
    risks: [
      ...risks,
      ...groupsNote(status, next),
      ...aloneNote(status, next),
      ...votersNote(status.quorum?.voters.length ?? 0, next),
    ],
    limits,
    outsiders: outsiders.map(formatServerLine),
  };
}

/** Leader.isQuorumSynced counts none that observes: one voter cannot give a vote to an observer. */
function aloneNote({ config }: EnsembleStatus, next: DynamicConfig): string[] {
  const [before, after] = [config ?? next, next].map((one) => quorumOf(one).voters.length);
  if (after !== 1 || before === 1) return [];
  return [
    'One voter is left. No promotion takes that back: an observer gets a vote again only by being removed and added anew, with an empty data directory.',
  ];
}

/** A mistyped number would make one. */
function groupsNote({ config }: EnsembleStatus, { groups }: DynamicConfig): string[] {
  const fresh = [...groups.keys()].filter((group) => config?.groups.has(group) === false);
  return fresh.map(
    (group) =>
      `Group ${group} is a new one: a quorum is then a majority in each of more than half of ${groups.size} groups.`,
  );
}

export function votersNote(before: number, next: DynamicConfig): string[] {
  const after = next.servers.filter(({ role }) => role === 'participant').length;
  if (after === before || after % 2 === 1 || hasGroups(next)) return [];
  return [`With ${after} voters the ensemble bears no more failures than with ${after - 1}: an odd number is better.`];
}
