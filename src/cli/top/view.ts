import type { MemberHistory } from '../../ensemble/sampling/history.ts';
import type { Rates } from '../../ensemble/sampling/rates.ts';
import { formatClientAddress } from '../../ensemble/sessions/client-address.ts';
import { layTable } from '../../output/table.ts';
import type { Column, View } from '../../output/view.ts';
import { connectionTitle, sortedConnections } from './connection-panel.ts';
import { recentLatency } from './figures.ts';
import { frame } from './frame.ts';
import { sortedMembers } from './member-panel.ts';
import type { TopState } from './state.ts';

export interface TopRow extends MemberHistory {
  at: number;
}

const rate = (header: string, value: (rates: Rates) => number | undefined): Column<TopRow> => ({
  header,
  kind: 'number',
  value: (row) => rounded(value(ratesOf(row) ?? NONE)),
});

const COLUMNS: readonly Column<TopRow>[] = [
  { header: 'time', value: ({ at }) => at, kind: 'time' },
  { header: 'id', value: ({ member }) => member.id, kind: 'number' },
  { header: 'host', value: ({ member }) => member.host },
  { header: 'role', value: ({ member }) => member.role },
  { header: 'lag', value: ({ member }) => member.lag, kind: 'number' },
  rate('received_rate', ({ received }) => received),
  rate('sent_rate', ({ sent }) => sent),
  rate('transaction_rate', ({ transactions }) => transactions),
  rate('latency_now', recentLatency),
  { header: 'connections', value: ({ member }) => member.facts.connections?.value, kind: 'number' },
  { header: 'outstanding', value: ({ member }) => member.facts.outstanding?.value, kind: 'number' },
  { header: 'latency_avg', value: ({ member }) => member.facts.latencyAvg?.value, kind: 'number' },
  { header: 'latency_p99', value: ({ member }) => member.facts.latencyP99?.value, kind: 'number' },
  { header: 'latency_max', value: ({ member }) => member.facts.latencyMax?.value, kind: 'number' },
  {
    header: 'reason',
    value: ({ member }) => (member.role === 'unreachable' ? member.observation.missing[0]?.reason : ''),
  },
];

/** How `top` looks where it does not have the whole screen: one frame, or data. */
export const topView: View<TopState, TopRow> = {
  text: (state, style) => {
    if (style.tty) return frame(state, { cols: style.width, rows: Number.POSITIVE_INFINITY, style }).join('\n');
    const members = layTable(COLUMNS as readonly Column<never>[], rowsOf(state), style);
    const head = frame({ ...state, show: 'connections' }, { cols: style.width, rows: Number.POSITIVE_INFINITY, style });
    const connections = connectionTitle(state, style)[0] ?? '';
    const from = head.indexOf(connections);
    return [...head.slice(0, from), ...members, '', ...head.slice(from)].join('\n');
  },
  columns: COLUMNS,
  rows: rowsOf,
  json: topJson,
};

function rowsOf(state: TopState): TopRow[] {
  return sortedMembers(state).map((row) => ({ ...row, at: state.sample?.at ?? state.now }));
}

function topJson(state: TopState): object {
  const { sample, interval, connections } = state;
  const status = sample?.status;
  return {
    time: sample && new Date(sample.at).toISOString(),
    interval,
    serving: status?.serving,
    leader: status?.leader && (status.leader.id ?? status.leader.host),
    quorum: status?.quorum,
    configVersion: status?.config?.version,
    members: sortedMembers(state).map(memberJson),
    connections: connections?.told && sortedConnections(state).map(connectionJson),
    silent: connections?.silent ?? [],
    took: status && Math.round(status.took),
  };
}

function memberJson({ member, points, seen }: MemberHistory): object {
  const { id, host, role, configured, lag, facts, observation } = member;
  const rates = points.at(-1)?.rates;
  return {
    id,
    host,
    role,
    configured,
    lag,
    connections: facts.connections?.value,
    outstanding: facts.outstanding?.value,
    latencyAvg: facts.latencyAvg?.value,
    latencyP99: facts.latencyP99?.value,
    latencyMax: facts.latencyMax?.value,
    znodes: facts.znodes?.value,
    rates: rates && Object.fromEntries(Object.entries(rates).map(([name, value]) => [name, rounded(value)])),
    lastSeen: seen && new Date(seen.at).toISOString(),
    missing: observation.missing,
  };
}

function connectionJson(one: ReturnType<typeof sortedConnections>[number]): object {
  const { client, receivedRate, sentRate, established, sessionId, ...rest } = one;
  return {
    client: client && formatClientAddress(client),
    sessionId,
    ...rest,
    receivedRate: rounded(receivedRate),
    sentRate: rounded(sentRate),
    established: established === undefined ? undefined : new Date(established).toISOString(),
  };
}

const NONE = {} as Rates;

function ratesOf({ points }: MemberHistory): Rates | undefined {
  return points.at(-1)?.rates;
}

/** To a thousandth. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1000) / 1000;
}
