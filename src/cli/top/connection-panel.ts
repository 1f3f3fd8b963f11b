import { byHost, type ClientConnection, type ClientHost } from '../../ensemble/sampling/connections.ts';
import { formatClientAddress } from '../../ensemble/sessions/client-address.ts';
import type { LiveColumn, LiveTable } from '../../output/live-table.ts';
import type { Style } from '../../output/style.ts';
import { shortDuration } from '../../output/times.ts';
import { hex64 } from '../../protocol/zxid.ts';
import { short } from './figures.ts';
import type { Sort, TopState } from './state.ts';

type Figures = Pick<ClientConnection, 'receivedRate' | 'sentRate' | 'queued' | 'latencyAvg' | 'latencyMax'>;

const figure = <Row extends Figures>(
  header: string,
  least: number,
  value: (row: Row) => number | undefined,
  expendable?: number,
): LiveColumn<Row> => ({ header, least, align: 'right', expendable, text: (row) => short(value(row)) });

const figures = <Row extends Figures>(): LiveColumn<Row>[] => [
  figure('in/s', 6, ({ receivedRate }) => receivedRate),
  figure('out/s', 6, ({ sentRate }) => sentRate),
  figure('queue', 5, ({ queued }) => queued),
  figure('avg ms', 6, ({ latencyAvg }) => latencyAvg),
  figure('max', 6, ({ latencyMax }) => latencyMax, 2),
];

const HOSTS: readonly LiveColumn<ClientHost>[] = [
  { header: 'client', least: 15, most: 45, text: ({ host }) => host, role: () => 'name' },
  figure('conns', 5, ({ connections }) => connections),
  { header: 'on', least: 5, most: 12, text: ({ members }) => members.join(','), expendable: 3 },
  ...figures<ClientHost>(),
  { header: 'last', least: 4, most: 8, text: ({ lastOperation }) => lastOperation ?? '-', expendable: 4 },
];

const EACH: readonly LiveColumn<ClientConnection>[] = [
  { header: 'client', least: 21, most: 50, text: addressOf, role: () => 'name' },
  { header: 'on', least: 2, most: 21, text: ({ member }) => member },
  { header: 'session', least: 18, text: ({ sessionId }) => hex64(sessionId), expendable: 6, role: () => 'dim' },
  ...figures<ClientConnection>(),
  { header: 'last', least: 4, most: 8, text: ({ lastOperation }) => lastOperation ?? '-', expendable: 3 },
];

/** Which of the rows, in which order, as how wide a table. */
export function connectionTable(state: TopState): LiveTable<ClientHost> | LiveTable<ClientConnection> {
  const chosen = chosenConnections(state);
  if (state.byHost) {
    const rows = sorted(
      byHost(chosen),
      state,
      ({ host }) => host,
      ({ connections }) => connections,
    );
    return { columns: HOSTS, rows, sorted: headerOf(state.sort) };
  }
  const { sample } = state;
  const age: LiveColumn<ClientConnection> = {
    header: 'age',
    least: 5,
    align: 'right',
    expendable: 5,
    text: ({ established }) => (established === undefined || !sample ? '-' : ageOf(sample.at - established)),
  };
  return { columns: [...EACH, age], rows: sortedConnections(state), sorted: headerOf(state.sort) };
}

/** Each connection that the filter lets through, in the order asked for. */
export function sortedConnections(state: TopState): ClientConnection[] {
  return sorted(chosenConnections(state), state, addressOf);
}

/** The head of the table: how many there are, and who told nothing. */
export function connectionTitle(state: TopState, style: Style): string[] {
  const { connections, filter } = state;
  const told = connections?.told ?? [];
  const chosen = chosenConnections(state);
  const hosts = new Set(chosen.map(({ client }) => client?.host));
  const of = filter === '' ? `${chosen.length}` : `${chosen.length} of ${told.length}`;
  const matching = filter === '' ? '' : `, clients with "${style.name(filter)}"`;
  const counted =
    connections?.told === undefined
      ? 'not told'
      : `${of} from ${hosts.size} ${hosts.size === 1 ? 'client' : 'clients'}${matching}`;
  return [`${style.paint('title', 'Connections')}  ${counted}`, ...silentLines(state, style)];
}

function silentLines({ connections }: TopState, style: Style): string[] {
  const byReason = new Map<string, string[]>();
  for (const { member, reason } of connections?.silent ?? []) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), member]);
  }
  return [...byReason].map(([reason, members]) =>
    style.paint('warn', `not told by ${style.name(members.join(', '))}: ${style.name(reason)}`),
  );
}

function chosenConnections({ connections, filter }: TopState): readonly ClientConnection[] {
  const told = connections?.told ?? [];
  return filter === '' ? told : told.filter((one) => addressOf(one).includes(filter.toLowerCase()));
}

function sorted<Row extends Figures>(
  rows: readonly Row[],
  { sort, reversed }: TopState,
  client: (row: Row) => string,
  connections: (row: Row) => number = () => 1,
): Row[] {
  const amounts: Partial<Record<Sort, (row: Row) => number | undefined>> = {
    sent: ({ sentRate }) => sentRate,
    queued: ({ queued }) => queued,
    latency: ({ latencyAvg }) => latencyAvg,
    connections,
  };
  const amount = amounts[sort] ?? (({ receivedRate }: Row) => receivedRate);
  const way = reversed ? -1 : 1;
  const byName = (a: Row, b: Row) => client(a).localeCompare(client(b), 'en', { numeric: true });
  if (sort === 'client') return rows.toSorted((a, b) => byName(a, b) * way);
  return rows.toSorted((a, b) => ((amount(b) ?? -1) - (amount(a) ?? -1)) * way || byName(a, b));
}

function headerOf(sort: Sort): string {
  const headers: Partial<Record<Sort, string>> = {
    client: 'client',
    sent: 'out/s',
    queued: 'queue',
    latency: 'avg ms',
    connections: 'conns',
  };
  return headers[sort] ?? 'in/s';
}

function addressOf({ client }: ClientConnection): string {
  return client === undefined ? '?' : formatClientAddress(client);
}

function ageOf(milliseconds: number): string {
  return milliseconds < 0 ? '-' : shortDuration(milliseconds);
}
