import type { Rebalanced } from '../ensemble/balance/rebalance.ts';
import type { MemberLoad, RebalanceLimits, Shed, Skew } from '../ensemble/balance/skew.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import { shortDuration } from '../output/times.ts';
import type { Column, View } from '../output/view.ts';
import { wrap } from '../output/wrap.ts';

/** A member that has too many, and cannot be made to shed any. */
export interface Unable {
  id: bigint | undefined;
  host: string;
  reason: string;
}

/** How clients are spread, and what is, or was, done about it. */
export interface Rebalance {
  skew: Skew;
  limits: RebalanceLimits;
  /** The first step; undefined where all is even, or nobody can shed. */
  next: Shed | undefined;
  unable: readonly Unable[];
  /** Undefined where nothing was made. */
  made: Rebalanced | undefined;
}

const MEMBERS: readonly Column<MemberLoad>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'host', value: ({ host }) => host, role: () => 'name' },
  { header: 'role', value: ({ role }) => role },
  { header: 'connections', value: ({ connections }) => connections, kind: 'number' },
  { header: 'share', value: ({ share }) => (share === undefined ? undefined : `${Math.round(100 * share)}%`) },
  { header: 'of_mean', value: ({ ofMean }) => (ofMean === undefined ? undefined : rounded(ofMean)), kind: 'number' },
  { header: 'told_by', value: ({ source }) => source },
];

/** How `clients rebalance` looks: the members are its rows, as they are in the end. */
export const rebalanceView: View<Rebalance, MemberLoad> = {
  text: (result, style) => {
    const { members, total, mean, ratio } = result.skew;
    return [
      ...layTable(MEMBERS as Column<never>[], members, style),
      '',
      total === 0
        ? 'no connections'
        : `${total} connections, ${rounded(mean)} a member; the fullest has ${rounded(ratio)} times that`,
      ...(result.made === undefined ? planLines(result, style) : madeLines(result.made, style)),
      ...unableLines(result, style),
    ].join('\n');
  },
  columns: MEMBERS,
  rows: rowsOf,
  json: ({ skew, limits, next, unable, made }) => ({
    ...skew,
    limits,
    next,
    unable,
    steps: made?.steps,
    ended: made?.ended,
  }),
};

/** What will be done, as it is shown before the question. */
export function planLines({ next, limits, unable }: Rebalance, style?: Style): string[] {
  if (next === undefined) {
    if (unable.length > 0) return [];
    const even = `no member has more than ${limits.within}% over the mean: nothing to do`;
    return [style?.paint('good', even) ?? even];
  }
  const { percent, steps, pause } = limits;
  return [
    `first member ${next.id ?? next.host} closes about ${next.about} connections (${next.percent}%); after ${shortDuration(pause)} all are counted again`,
    `then the fullest again, ${percent}% of its connections at once and ${steps} times at most, until none has more than ${limits.within}% over the mean`,
    'The sessions go on wherever their clients connect again; the server throws a die for each connection.',
  ];
}

function madeLines({ steps, ended }: Rebalanced, style: Style): string[] {
  const closed = steps.reduce((sum, step) => sum + step.closed, 0);
  const how =
    steps.length === 0 ? `nothing to do: ${ended}` : `${ended}: ${closed} connections closed in ${steps.length} steps`;
  return [
    style.paint(ended === 'even' ? 'good' : 'warn', how),
    ...(ended === 'no better'
      ? ['Clients come back to where they were: look at their connect strings, and at what stands between.']
      : []),
  ];
}

function unableLines({ unable }: Rebalance, style: Style): string[] {
  if (unable.length === 0) return [];
  return [
    ...unable.map(({ id, host, reason }) => style.paint('warn', `member ${id ?? host}: ${style.name(reason)}`)),
    ...wrap(
      'What does help there: all members in the clients’ connect strings, in any order; rolling restart --only ID, which moves the clients of that member alone; a load balancer in front (zksh lb).',
      style.width,
    ),
  ];
}

function rowsOf({ skew }: Rebalance): readonly MemberLoad[] {
  return skew.members;
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}
