import type { ServerLine } from '../../../ensemble/server-line.ts';
import { UsageError } from '../../../protocol/errors.ts';
import { BEFORE_LIST } from '../../gates/gates.ts';
import type { Plan, Step } from '../../plan.ts';
import { memberLine } from '../membership.ts';
import { AFTER_STOP } from './list-steps.ts';
import { type Draft, draftOf, refuseGroups, type StaticChange, staticPlan } from './static-change.ts';
import { takeVote } from './take-vote.ts';

const STOP_MS = 5000;

/**
 * Works out how a member leaves an ensemble without reconfiguration: the others get a list without it, then its service is
 * stopped, unless that is kept.
 *
 * @throws ZkshError `NO_MEMBER`, `LISTS_UNSAFE`; UsageError `NO_VOTERS`, `BAD_QUORUM`
 */
export function planStaticRemoval(change: StaticChange, id: bigint, keepService: boolean): Plan {
  const line = memberLine(change.lists.config, id);
  const draft = removed(change, draftOf(change), id, keepService);
  return staticPlan(change, 'member remove', draft, {
    outsiders: [line],
    risks: staticRemovalRisks(change, line, keepService),
  });
}

/** The steps by which a member leaves. */
export function removed(change: StaticChange, draft: Draft, id: bigint, keepService: boolean): Draft {
  refuseGroups(draft.config);
  const servers = draft.config.servers.filter((line) => line.id !== id);
  if (!servers.some(({ role }) => role === 'participant'))
    throw new UsageError('nobody would be left to vote', { code: 'NO_VOTERS' });
  const to = { ...draft.config, version: undefined, servers };
  const stop: Step = {
    id: `stop-${id}`,
    title: `stop the service of member ${id}`,
    why:
      change.acks === 'all'
        ? 'before the leader has the new list: 3.4 counts the acknowledgement of whoever follows'
        : 'nobody counts its vote any more',
    member: id,
    action: { do: 'stop', member: id },
    before: BEFORE_LIST,
    after: AFTER_STOP,
    undo: [{ do: 'start', member: id }],
    gives: {},
    expected: STOP_MS,
  };
  const files = new Map(draft.files);
  files.delete(id);
  return takeVote(change, { ...draft, files }, { id, to, mark: `remove-${id}`, last: keepService ? undefined : stop });
}

/** What it means for clients, and what cannot be taken back. */
export function staticRemovalRisks({ acks, status }: StaticChange, { id }: ServerLine, keepService: boolean): string[] {
  return [
    ...(status.leader?.id === id
      ? [`Member ${id} leads: it is restarted first, so that another is elected; nobody can write meanwhile.`]
      : []),
    keepService
      ? `The service of member ${id} is left as it is. While it runs it follows without a vote; its clients stay with it.`
      : `Clients of member ${id} move to another one when it stops. Its data stays where it is.`,
    ...(acks === 'all' && !keepService
      ? [
          `Once member ${id} is stopped and the last one has the new list, rolling abort is refused: it would be added anew.`,
        ]
      : []),
  ];
}
