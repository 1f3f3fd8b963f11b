import { formatDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import type { ServerLine } from '../../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../../protocol/errors.ts';
import type { GateName } from '../../gates/gates.ts';
import type { Plan } from '../../plan.ts';
import { arrivalSteps, FILES_STAY, refuseKnownId } from '../add-member.ts';
import type { Prepared } from '../prepare-joiner.ts';
import { giveVote, withLine } from './give-vote.ts';
import { listed, rollList } from './list-steps.ts';
import { type Draft, draftOf, refuseGroups, type StaticChange, staticPlan } from './static-change.ts';

/** Of a server that has started and is in nobody's list but its own. */
const AFTER_START: readonly GateName[] = [
  'one-leader',
  'others-serve',
  'member-serves',
  'broadcasting',
  'counted-non-voting',
  'lag-stable',
  'role-as-listed',
  'right-server',
  'reachable-by-others',
];

/**
 * Works out how a new server joins an ensemble without reconfiguration: it starts as an observer, which has no vote; when it
 * has caught up, the members get the new list one by one.
 *
 * @throws ZkshError `ID_IN_USE`, `ID_TOO_LOW`, `LISTS_UNSAFE`; UsageError `BAD_QUORUM`
 */
export function planStaticAddition(change: StaticChange, joining: Prepared): Plan {
  refuseKnownId(change, joining.line.id);
  const draft = joined(change, draftOf(change), joining);
  return staticPlan(change, 'member add', draft, { outsiders: [joining.line], risks: [FILES_STAY] });
}

/** The steps by which a server joins. */
export function joined(change: StaticChange, draft: Draft, { line, files, list }: Prepared): Draft {
  refuseGroups(draft.config);
  refuseLowId(change, line);
  const { id, role } = line;
  const observing = withLine(draft.config, { ...line, role: 'observer' });
  const { prepare, start } = arrivalSteps(id, files, {
    prepare: ['one-leader', 'others-serve', 'all-synced', 'lists-as-planned'],
    start: ['one-leader', 'others-serve', 'lists-as-planned', 'lists-overlap'],
    started: AFTER_START,
  });
  const started: Draft = {
    ...draft,
    steps: [
      ...draft.steps,
      { ...prepare, phase: draft.phase },
      { ...start, gives: { list: formatDynamicConfig(observing) }, phase: draft.phase + 1 },
    ],
    files: new Map(draft.files).set(id, list),
    phase: draft.phase + 2,
  };
  if (role === 'participant') return giveVote(change, started, line, `add-${id}`);
  const to = withLine(draft.config, line);
  const rolled = rollList(started, to, { mark: `add-${id}`, but: [id], status: change.status });
  return { ...rolled, files: new Map(rolled.files).set(id, listed(list, to, id)) };
}

/** QuorumCnxManager: who has the higher id connects, and a 3.4 server does not know where to before it has the new list. */
function refuseLowId({ acks, lists: { config } }: StaticChange, { id }: ServerLine): void {
  const highest = config.servers.reduce((most, one) => (one.id > most ? one.id : most), 0n);
  if (acks === 'known' || id > highest) return;
  throw new ZkshError(`on 3.4 a new server needs a higher id than the members: ${id} is lower than ${highest}`, {
    code: 'ID_TOO_LOW',
    exitCode: ExitCode.conflict,
    hint: `Give it an id of ${highest + 1n} or more in the ensemble file: members with lower ids are connected to by it, those with higher ones would have to know it.`,
  });
}
