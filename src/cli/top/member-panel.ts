import type { MemberHistory, Point } from '../../ensemble/sampling/history.ts';
import type { LiveColumn, LiveTable } from '../../output/live-table.ts';
import { sparkline } from '../../output/sparkline.ts';
import { shortDuration } from '../../output/times.ts';
import { paintOf } from '../member-role.ts';
import { latencyOf, short } from './figures.ts';
import type { Sort, TopState } from './state.ts';

type Row = MemberHistory;

const figure = (
  header: string,
  least: number,
  value: (point: Point) => number | bigint | undefined,
  more: Partial<LiveColumn<Row>> = {},
): LiveColumn<Row> => ({
  header,
  least,
  align: 'right',
  text: (row) => short(inPoint(row, value)),
  ...more,
});

const COLUMNS: readonly LiveColumn<Row>[] = [
  { header: 'id', least: 2, align: 'right', text: ({ member }) => `${member.id ?? '-'}` },
  { header: 'host', least: 15, most: 40, text: ({ member }) => member.host, role: () => 'name' },
  {
    header: 'role',
    least: 8,
    text: ({ member }) => member.role,
    role: ({ member }) => paintOf(member),
  },
  figure('lag', 4, ({ lag }) => lag, { role: ({ member }) => (member.lag ? 'warn' : undefined) }),
  figure('in/s', 6, ({ rates }) => rates?.received),
  figure('out/s', 6, ({ rates }) => rates?.sent, { expendable: 1 }),
  figure('conns', 5, ({ facts }) => facts.connections?.value),
  figure('queue', 5, ({ facts }) => facts.outstanding?.value),
  figure('ms', 5, latencyOf),
  figure('p99', 4, ({ facts }) => facts.latencyP99?.value, { expendable: 2 }),
  figure('max', 5, ({ facts }) => facts.latencyMax?.value, { expendable: 4 }),
  figure('avg', 5, ({ facts }) => facts.latencyAvg?.value, { expendable: 5 }),
];

const SORTED_BY: Partial<Record<Sort, [header: string, value: (point: Point) => number | bigint | undefined]>> = {
  received: ['in/s', ({ rates }) => rates?.received],
  sent: ['out/s', ({ rates }) => rates?.sent],
  connections: ['conns', ({ facts }) => facts.connections?.value],
  latency: ['ms', latencyOf],
  queued: ['queue', ({ facts }) => facts.outstanding?.value],
  lag: ['lag', ({ lag }) => lag],
};

/** The members of the newest sample. */
export function memberTable(state: TopState): LiveTable<Row> {
  const { sort, trend, now } = state;
  const values = trend === 'requests' ? ({ rates }: Point) => rates?.received : latencyOf;
  const trended: LiveColumn<Row> = {
    header: trend === 'requests' ? 'trend in/s' : 'trend ms',
    least: 10,
    most: 60,
    fills: true,
    expendable: 3,
    text: ({ points }, width) => sparkline(points.map(values), width),
    role: () => 'path',
  };
  const [header] = SORTED_BY[sort] ?? ['id'];
  return {
    columns: [...COLUMNS, trended],
    rows: sortedMembers(state),
    sorted: header,
    instead: (row) => absent(row, now),
  };
}

/** Members in the order asked for; those of which nothing is told come last, however the others are. */
export function sortedMembers({ history, sample, sort, reversed }: TopState): readonly Row[] {
  const present = history.filter(({ member }) => sample?.status.members.includes(member) === true);
  const [, value] = SORTED_BY[sort] ?? [];
  if (value === undefined) return reversed ? present.toReversed() : present;
  const amount = (row: Row) => Number(inPoint(row, value) ?? Number.NaN);
  const told = present.filter((row) => !Number.isNaN(amount(row)));
  told.sort((a, b) => (amount(b) - amount(a)) * (reversed ? -1 : 1));
  return [...told, ...present.filter((row) => !told.includes(row))];
}

function inPoint<T>({ points }: Row, value: (point: Point) => T | undefined): T | undefined {
  const newest = points.at(-1);
  return newest === undefined ? undefined : value(newest);
}

/** A dead member's reason stands where its figures were. */
function absent({ member, seen }: Row, now: number): ReturnType<NonNullable<LiveTable<Row>['instead']>> {
  if (member.role !== 'unreachable') return undefined;
  const since = seen === undefined ? 'never seen' : `seen ${shortDuration(Math.max(0, now - seen.at))} ago`;
  const reason = member.observation.missing[0]?.reason ?? 'it has no client address';
  const why = reason.replace(/^\S+ did not answer/, 'did not answer');
  return { from: 'role', text: `unreachable, ${since}: ${why}`, role: 'bad' };
}
