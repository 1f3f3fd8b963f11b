import type { Plan } from '../../plan.ts';
import { SERVING } from '../../serving.ts';
import { FILES_STAY, refuseKnownId } from '../add-member.ts';
import { memberLine } from '../membership.ts';
import type { Prepared } from '../prepare-joiner.ts';
import { joined } from './static-addition.ts';
import { draftOf, type StaticChange, staticPlan } from './static-change.ts';
import { removed, staticRemovalRisks } from './static-removal.ts';

/**
 * Works out how a new server takes the place of a member without reconfiguration. In one round of restarts a majority of the
 * old list (1 and 3 of 1, 2, 3) and one of the new (2 and 4 of 1, 2, 4) could have nobody in common: it joins in one round,
 * and the old one leaves in another. The place of one that is down is given up first.
 *
 * @throws ZkshError `NO_MEMBER`, `ID_IN_USE`, `ID_TOO_LOW`, `LISTS_UNSAFE`; UsageError `BAD_QUORUM`
 */
export function planStaticReplacement(change: StaticChange, id: bigint, joining: Prepared, keepService: boolean): Plan {
  const { status, lists } = change;
  const old = memberLine(lists.config, id);
  refuseKnownId(change, joining.line.id);
  const serves = SERVING.includes(status.members.find((one) => one.id === id)?.role ?? '');
  const come = (draft: ReturnType<typeof draftOf>) => joined(change, draft, joining);
  const go = (draft: ReturnType<typeof draftOf>) => removed(change, draft, id, keepService);
  const begin = draftOf(change);
  const draft = serves ? go(come(begin)) : come(go(begin));
  const risks = [
    ...staticRemovalRisks(change, old, keepService),
    FILES_STAY,
    ...(serves ? [] : [`Member ${id} does not serve: it is taken out before the new one joins.`]),
  ];
  return staticPlan(change, 'member replace', draft, { outsiders: [joining.line, old], risks });
}
