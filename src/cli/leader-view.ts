import type { Foreseen } from '../change/foresee.ts';
import { likelyHeir } from '../change/leader/heir.ts';
import type { Candidate, Leadership } from '../change/leader/leadership.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import { shortDuration } from '../output/times.ts';
import type { Column, View } from '../output/view.ts';
import { wrap } from '../output/wrap.ts';
import { gatesJson } from './change-view.ts';

/** Who leads, with the gates of a hand-over as they are. */
export type LeaderShown = Leadership & { gates: readonly Foreseen[] };

const CANDIDATES: readonly Column<Candidate>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'host', value: ({ host }) => host, role: () => 'name' },
  { header: 'role', value: ({ role }) => role, role: ({ role }) => (role === 'follower' ? 'good' : 'bad') },
  { header: 'lag', value: ({ lag }) => lag, kind: 'number' },
  {
    header: 'could_lead',
    value: ({ ready }) => (ready ? 'yes' : 'no'),
    role: ({ ready }) => (ready ? 'good' : 'warn'),
  },
];

/** How `leader show` looks: the voters that do not lead are its rows. */
export const leaderView: View<LeaderShown, Candidate> = {
  text: (shown, style) =>
    [
      ...leaderLines(shown, style),
      '',
      ...layTable(CANDIDATES as Column<never>[], shown.candidates, style),
      '',
      ...moveLines(shown, style).flatMap((line) => wrap(line, style.width)),
    ].join('\n'),
  columns: CANDIDATES,
  rows: ({ candidates }) => candidates,
  json: (shown) => {
    const { leader, ledFor, epoch, synced, candidates, move } = shown;
    return {
      leader: leader && { id: leader.id, host: leader.host, source: leader.facts.role?.source, ledFor, epoch, synced },
      candidates,
      tolerance: 'plan' in move ? move.plan.tolerance : undefined,
      move: moveJson(shown),
    };
  },
};

function leaderLines({ leader, ledFor, epoch, synced }: LeaderShown, style: Style): string[] {
  if (leader === undefined) return [style.paint('bad', 'no one member leads')];
  const since = ledFor === undefined ? 'since when it does not tell' : `for ${shortDuration(ledFor)}`;
  return [
    style.paint('title', `member ${leader.id ?? '?'} (${style.name(leader.host)}) leads, ${since}`),
    `epoch ${epoch ?? '?'}, told by ${leader.facts.role?.source}; ${synced === undefined ? 'it does not tell whom it counts as synced' : `it counts ${synced} followers as synced`}`,
  ];
}

function moveLines(shown: LeaderShown, style: Style): string[] {
  const { possible, heir, reason, hint } = moveJson(shown);
  if (!possible)
    return [
      style.paint('warn', `no hand-over now: ${style.name(reason ?? '')}`),
      ...(hint === undefined ? [] : [hint]),
    ];
  const { now, least } = 'plan' in shown.move ? shown.move.plan.tolerance : { now: 0, least: 0 };
  return [
    style.paint('good', `leader move would hand over by reconfiguration, commonly to member ${heir}`),
    `${now} more may fail now, ${least} while it is made; nobody can write for the moment in which leadership moves`,
    ...(hint === undefined ? [] : [hint]),
  ];
}

/** Whether it would be made, and what remains where not. */
function moveJson({ move, gates, leader }: LeaderShown) {
  if ('refused' in move) {
    const { message, hint } = move.refused;
    const way = leader === undefined ? undefined : ('election' as const);
    return { possible: false, way, heir: undefined, reason: message, hint, gates: [] };
  }
  const shut = gates.filter(({ verdict }) => !verdict.pass);
  const refuses = shut.some(({ gate }) => gate === 'reconfig-enabled');
  const [first] = move.plan.steps;
  return {
    possible: shut.length === 0,
    way: refuses ? ('election' as const) : ('reconfiguration' as const),
    heir: likelyHeir(move.plan.voters, first?.member ?? 0n),
    reason: shut.length === 0 ? undefined : shut.map(({ gate, verdict }) => `${gate}: ${verdict.evidence}`).join('; '),
    hint: refuses
      ? `An election remains: zksh rolling restart --only ${leader?.id}. No one can choose its winner.`
      : undefined,
    gates: gatesJson(gates),
  };
}
