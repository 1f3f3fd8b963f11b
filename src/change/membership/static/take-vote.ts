import type { DynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { formatDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { AFTER_LIST, BEFORE_LIST } from '../../gates/gates.ts';
import type { Step } from '../../plan.ts';
import { rollList } from './list-steps.ts';
import type { Draft, StaticChange } from './static-change.ts';

const RESTART_MS = 10_000;

/**
 * The others get a list in which a member has no vote, or is not at all; then `last` is done to that member. It runs with
 * its vote until then: with four voters a restart beside one that is stopped already would leave two.
 *
 * It must not lead meanwhile, since nobody follows a leader that its own list does not have (FastLeaderElection.validVoter).
 * On 3.4 `last` comes just before the leader's turn: a leader with the new list would count its acknowledgements.
 */
export function takeVote(
  change: StaticChange,
  draft: Draft,
  leaving: { id: bigint; to: DynamicConfig; mark: string; last: Step | undefined },
): Draft {
  const { status, acks } = change;
  const { id, to, mark, last } = leaving;
  const votes = draft.config.servers.some((line) => line.id === id && line.role === 'participant');
  const runs = status.members.some((member) => member.id === id && member.role !== 'unreachable');
  const begun =
    votes && runs ? { ...draft, steps: [...draft.steps, handOver(draft, id, mark)], phase: draft.phase + 1 } : draft;
  const rolled = rollList(begun, to, { mark, but: [id], status });
  if (last === undefined) return rolled;
  const late = acks === 'all';
  const step = { ...last, phase: late ? begun.phase : rolled.phase, late };
  return { ...rolled, steps: [...rolled.steps, step], phase: step.phase + 1 };
}

function handOver({ config, phase }: Draft, id: bigint, mark: string): Step {
  return {
    id: `${mark}-hand-over-${id}`,
    title: `restart member ${id} if it leads`,
    why: 'nobody would follow it with a list that does not have it',
    member: id,
    action: { do: 'hand-over', member: id },
    before: BEFORE_LIST,
    after: AFTER_LIST,
    undo: [],
    mend: [{ do: 'start', member: id }],
    gives: { list: formatDynamicConfig(config) },
    expected: RESTART_MS,
    phase,
  };
}
