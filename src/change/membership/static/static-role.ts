import { type QuorumPlace, refusePlace } from '../../../ensemble/next-membership.ts';
import type { ServerLine } from '../../../ensemble/server-line.ts';
import { formatServerLine } from '../../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../../protocol/errors.ts';
import type { Plan } from '../../plan.ts';
import { memberLine } from '../membership.ts';
import { giveVote, withLine } from './give-vote.ts';
import { fileOf, giveList, listed } from './list-steps.ts';
import { draftOf, refuseGroups, type StaticChange, staticPlan } from './static-change.ts';
import { takeVote } from './take-vote.ts';

/**
 * Works out how an observer is made a participant, or a participant an observer, without reconfiguration.
 *
 * @param place where it is asked to vote: there are no groups where lists are changed
 * @throws ZkshError `NO_MEMBER`, `SAME_ROLE`, `LISTS_UNSAFE`; UsageError `BAD_QUORUM`, `NO_GROUPS`
 */
export function planStaticRole(
  change: StaticChange,
  id: bigint,
  role: ServerLine['role'],
  place?: QuorumPlace | undefined,
): Plan {
  const line = memberLine(change.lists.config, id);
  refuseGroups(change.lists.config);
  if (place !== undefined) refusePlace(change.lists.config, { ...line, role });
  if (line.role === role) {
    throw new ZkshError(`member ${id} is ${role === 'observer' ? 'an observer' : 'a participant'} already`, {
      code: 'SAME_ROLE',
      exitCode: ExitCode.conflict,
      hint: `It is configured as ${formatServerLine(line)}.`,
    });
  }
  const draft = draftOf(change);
  const rest = { outsiders: [], risks: [] };
  if (role === 'participant')
    return staticPlan(change, 'member promote', giveVote(change, draft, { ...line, role }, `promote-${id}`), rest);
  const to = withLine(draft.config, { ...line, role });
  const file = fileOf(draft, id);
  const last = giveList(id, file, to, {
    id: `demote-vote-${id}`,
    title: `restart member ${id} as an observer`,
    why: change.acks === 'all' ? 'before the leader has the new list' : 'nobody counts its vote any more',
  });
  const taken = takeVote(change, draft, { id, to, mark: `demote-${id}`, last });
  const files = new Map(taken.files).set(id, listed(file, to, id));
  return staticPlan(change, 'member demote', { ...taken, files }, rest);
}
