import { parseDynamicConfig } from '../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import { type Quorum, quorumOf, toleranceOf } from '../ensemble/quorum.ts';
import type { Action } from './actions/action.ts';
import type { Plan, Step } from './plan.ts';
import { SERVING } from './serving.ts';

/** Who votes, and who serves. */
interface Standing {
  quorum: Quorum;
  live: ReadonlySet<bigint>;
}

/**
 * The steps with how many more voters may fail while each is made, and after it, and the same of the whole: −1 where there
 * is no quorum. What a step brings is taken to serve when it is over: its gates prove it.
 */
export function withTolerance(steps: readonly Step[], status: EnsembleStatus): Pick<Plan, 'steps' | 'tolerance'> {
  let standing = standingOf(status);
  const now = borne(standing);
  const told = steps.map((step) => {
    const { during, after } = effectOf(step.action, standing);
    standing = after;
    return { ...step, tolerance: { during: borne(during), after: borne(after) } };
  });
  const least = Math.min(now, ...told.map(({ tolerance: { during, after } }) => Math.min(during, after)));
  return { steps: told, tolerance: { now, least, after: borne(standing) } };
}

/** How many more voters may fail by what was seen. */
export function toleranceNow(status: EnsembleStatus): number {
  return borne(standingOf(status));
}

function standingOf({ config, members }: EnsembleStatus): Standing {
  const live = new Set(members.flatMap(({ id, role }) => (id !== undefined && SERVING.includes(role) ? [id] : [])));
  if (config !== undefined) return { quorum: quorumOf(config), live };
  // Before 3.5 nobody tells who votes: whoever was listed and does not observe.
  const voters = members.flatMap(({ id, role }) => (id === undefined || role === 'observer' ? [] : [id]));
  const weights = new Map(voters.map((id) => [id, 1n]));
  const groups = new Map([[0n, { total: BigInt(voters.length), weights }]]);
  return { quorum: { kind: 'majority', voters, groups }, live };
}

function borne({ quorum, live }: Standing): number {
  const { quorum: holds, tolerance } = toleranceOf(quorum, live);
  return holds ? tolerance : -1;
}

function effectOf(action: Action, now: Standing): { during: Standing; after: Standing } {
  if (action.do === 'reconfig') {
    const after = { ...now, quorum: quorumOf(parseDynamicConfig(action.next)) };
    return { during: borne(after) < borne(now) ? after : now, after };
  }
  if (!('member' in action)) return { during: now, after: now };
  const others = { ...now, live: new Set([...now.live].filter((id) => id !== action.member)) };
  const all = { ...now, live: new Set([...now.live, action.member]) };
  if (action.do === 'write-files') return { during: now, after: now };
  if (action.do === 'start') return { during: now, after: all };
  if (action.do === 'stop') return { during: others, after: others };
  return { during: others, after: all };
}
