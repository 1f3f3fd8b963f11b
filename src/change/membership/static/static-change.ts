import { type DynamicConfig, formatDynamicConfig } from '../../../ensemble/dynamic-config.ts';

import { formatServerLine, type ServerLine } from '../../../ensemble/server-line.ts';
import { UsageError } from '../../../protocol/errors.ts';
import { type Plan, planId, type Step } from '../../plan.ts';
import { toleranceNow } from '../../tolerance.ts';
import { type MembershipChange, votersNote } from '../membership.ts';
import { underMembership } from './lists-of-plan.ts';
import type { ListFile, MemberLists } from './member-lists.ts';
import { type MixedLists, sameVoters } from './mixed-lists.ts';
import { rehearsed } from './rehearse.ts';
import type { Acks } from './releases.ts';

/** What a change of the lists of members is worked out from. `status` has the part of each member by its list. */
export interface StaticChange extends MembershipChange {
  lists: MemberLists;
  acks: Acks;
  /** Why not by a reconfiguration. */
  why: string;
}

/** A change whose status is by the list that the files of the members hold. */
export function staticChange(
  change: MembershipChange,
  { lists, acks, why }: Pick<StaticChange, 'lists' | 'acks' | 'why'>,
): StaticChange {
  return { ...change, status: underMembership(change.status, lists.config), lists, acks, why };
}

/** The steps made so far, and what they come to. */
export interface Draft {
  steps: readonly Step[];
  config: DynamicConfig;
  files: ReadonlyMap<bigint, ListFile>;
  /** Where the next step may stand. */
  phase: number;
}

export function draftOf({ lists }: StaticChange): Draft {
  return { steps: [], config: lists.config, files: lists.files, phase: 0 };
}

const CHECK_MS = 1000;

/** Who votes by one list may not elect whom another one names: what the quorum bears is not what an election bears. */
const STUCK =
  'While the lists differ, an election may have no winner: when the leader fails then, nobody can write until it is back. Should it be lost for good, all lists must be made the same by hand before another can be elected.';

/** The plan of these steps. @throws ZkshError `LISTS_UNSAFE` with the step that could not be made safely */
export function staticPlan(
  change: StaticChange,
  kind: string,
  draft: Draft,
  rest: { outsiders: readonly ServerLine[]; risks: readonly string[] },
): Plan {
  const { ensemble, status, limits, made, random, why, acks } = change;
  const { config, files, phase } = draft;
  const steps = [...draft.steps, checkStep(files, phase)];
  const now = toleranceNow(status);
  const plan: Plan = {
    id: planId(kind, made, random),
    kind,
    ensemble,
    made,
    order: 'leader-last',
    // Lists in files have no version that a change could be held to: the files are compared to the byte.
    configVersion: undefined,
    voters: status.quorum?.voters ?? [],
    tolerance: { now, least: now, after: now },
    steps,
    risks: [
      `Members are changed by the list in the file of each, and a restart of one after the other: ${why}.`,
      ...rest.risks,
      ...(sameVoters(config, change.lists.config) ? [] : [STUCK]),
      ...votersNote(status.quorum?.voters.length ?? 0, config),
    ],
    limits,
    outsiders: rest.outsiders.map(formatServerLine),
    lists: { ...listsOf(change), acks },
  };
  return rehearsed(plan, status);
}

/** Every member has the same list; one that is down may come back with it. */
function listsOf({ lists: { config }, status: { members } }: StaticChange): MixedLists {
  const list = formatDynamicConfig({ ...config, version: undefined });
  const serves = (id: bigint): boolean => members.some((one) => one.id === id && one.role !== 'unreachable');
  const ids = config.servers.map(({ id }) => id);
  return { of: Object.fromEntries(ids.map((id) => [`${id}`, list])), away: ids.filter((id) => !serves(id)) };
}

function checkStep(files: ReadonlyMap<bigint, ListFile>, phase: number): Step {
  return {
    id: 'check-lists',
    title: 'see that every member has the new list',
    why: 'only now is it the membership of all of them',
    action: { do: 'check-lists', files: [...files].map(([member, { path, text }]) => ({ member, path, text })) },
    before: [],
    after: ['one-leader', 'others-serve', 'all-synced', 'lists-as-planned', 'role-as-listed'],
    undo: [],
    expected: CHECK_MS,
    phase,
  };
}

/** Neither says to which group a new server belongs, nor does 3.4 count with one that it does not know. */
export function refuseGroups({ groups, weights }: DynamicConfig): void {
  if (groups.size === 0 && weights.size === 0) return;
  throw new UsageError('an ensemble with quorum groups or weights is not changed by lists', {
    code: 'BAD_QUORUM',
    hint: 'Work the new group and weight lines out by hand, with quorum --without for what they bear, and roll them out while nobody writes.',
  });
}
