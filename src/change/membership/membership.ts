import { type DynamicConfig, formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../ensemble/ensemble-status.ts';
import { quorumOf, toleranceOf } from '../../ensemble/quorum.ts';
import { planReconfiguration, type WantedChange } from '../../ensemble/reconfiguration.ts';
import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ActionOf } from '../actions/action.ts';
import { type ChangeLimits, type Plan, planId, type Step } from '../plan.ts';
import { toleranceWithout } from '../tolerance.ts';

/** What a change of the membership is worked out from. */
export interface MembershipChange {
  ensemble: string;
  status: EnsembleStatus;
  limits: ChangeLimits;
  made: number;
  random(): number;
}

/** What a reconfiguration is taken to last, with the election where the leader goes; milliseconds. */
export const RECONFIG_MS = 2000;

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

/** One reconfiguration with what takes it back; `back` is the line of the server as it was, for one that was a member. */
export function reconfigActions(
  config: DynamicConfig,
  wanted: Extract<WantedChange, { kind: 'incremental' }>,
  back: ServerLine | undefined,
): { action: ActionOf<'reconfig'>; undo: ActionOf<'reconfig'>; next: DynamicConfig } {
  const { next, request } = planReconfiguration(config, wanted);
  const before = formatDynamicConfig({ ...config, version: undefined });
  const after = formatDynamicConfig(next);
  const gone = wanted.add.filter(({ id }) => !config.servers.some((one) => one.id === id)).map(({ id }) => id);
  const undo: ActionOf<'reconfig'> = {
    do: 'reconfig',
    next: before,
    from: after,
    ...(gone.length > 0 ? { leaving: gone.join(',') } : {}),
    ...(back === undefined ? {} : { joining: formatServerLine(back), ...votingBack(back) }),
  };
  return { action: { do: 'reconfig', ...request, next: after, from: before }, undo, next };
}

/** Only a vote is given back to none but a server that serves. */
function votingBack(line: ServerLine): { serving?: string } {
  return line.role === 'participant' ? { serving: formatServerLine(line) } : {};
}

/** The plan of steps in this order. */
export function membershipPlan(
  { ensemble, status, limits, made, random }: MembershipChange,
  kind: string,
  rest: { steps: readonly Step[]; next: DynamicConfig; outsiders: readonly ServerLine[]; risks: readonly string[] },
): Plan {
  const { steps, next, outsiders, risks } = rest;
  const now = toleranceWithout(status, []) ?? 0;
  const after = toleranceIn(next, status, outsiders);
  return {
    id: planId(kind, made, random),
    kind,
    ensemble,
    made,
    order: 'fixed',
    configVersion: status.config?.version,
    voters: status.quorum?.voters ?? [],
    tolerance: { now, least: Math.min(now, after), after },
    steps,
    risks: [...risks, ...votersNote(status.quorum?.voters.length ?? 0, next)],
    limits,
    outsiders: outsiders.map(formatServerLine),
  };
}

/** What the next membership bears with those that serve now, and those that join by then. */
function toleranceIn(next: DynamicConfig, status: EnsembleStatus, joining: readonly ServerLine[]): number {
  const serving = status.members.flatMap(({ id, role }) =>
    id !== undefined && ['leader', 'follower', 'observer'].includes(role) ? [id] : [],
  );
  const live = new Set([...serving, ...joining.map(({ id }) => id)]);
  const { quorum, tolerance } = toleranceOf(quorumOf(next), live);
  return quorum ? tolerance : -1;
}

export function votersNote(before: number, { servers }: DynamicConfig): string[] {
  const after = servers.filter(({ role }) => role === 'participant').length;
  if (after === before || after % 2 === 1) return [];
  return [`With ${after} voters the ensemble bears no more failures than with ${after - 1}: an odd number is better.`];
}
