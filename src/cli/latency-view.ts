import { alignedBuckets, type Distribution } from '../ensemble/latency/distribution.ts';
import type { ComparedLatency, EnsembleLatency, MemberLatency } from '../ensemble/latency/measure.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Column, View } from '../output/view.ts';
import { ZkshError } from '../protocol/errors.ts';

/** One operation at one member; without an operation, a member that could not be measured. */
export interface LatencyRow {
  member: MemberLatency;
  latency: ComparedLatency | undefined;
}

type Shown = Column<LatencyRow>;

const of = (row: LatencyRow): Distribution | undefined => row.latency?.distribution;

const COLUMNS: readonly Shown[] = [
  { header: 'id', value: ({ member }) => member.id, kind: 'number' },
  { header: 'host', value: ({ member }) => member.host },
  { header: 'role', value: ({ member }) => member.role },
  { header: 'operation', value: ({ latency }) => latency?.operation },
  { header: 'count', value: (row) => of(row)?.count ?? (row.latency && 0), kind: 'number' },
  { header: 'errors', value: ({ latency }) => latency?.errors, kind: 'number' },
  { header: 'min', value: (row) => micro(of(row)?.min), kind: 'number' },
  { header: 'mean', value: (row) => micro(of(row)?.mean), kind: 'number' },
  { header: 'p50', value: (row) => micro(of(row)?.p50), kind: 'number' },
  { header: 'p90', value: (row) => micro(of(row)?.p90), kind: 'number' },
  { header: 'p99', value: (row) => micro(of(row)?.p99), kind: 'number' },
  { header: 'p999', value: (row) => micro(of(row)?.p999), kind: 'number' },
  { header: 'max', value: (row) => micro(of(row)?.max), kind: 'number' },
  { header: 'times_others', value: ({ latency }) => micro(latency?.timesOthers), kind: 'number' },
  { header: 'error', value: ({ member, latency }) => (latency?.failure ?? member.error)?.message },
];

/** How `latency` looks: on a terminal the members, then each operation with its members below one another. */
export const latencyView: View<EnsembleLatency, LatencyRow> = {
  text: (result, style) => {
    if (!style.tty) return plainText(result, { columns: COLUMNS, rows: rowsOf }, style);
    const lines = [...layTable(MEMBERS as Column<never>[], result.members, style), '', ...operations(result, style)];
    return [...lines, ...remarks(result, style)].join('\n');
  },
  columns: COLUMNS,
  rows: rowsOf,
  json: latencyJson,
};

function rowsOf({ members }: EnsembleLatency): LatencyRow[] {
  return members.flatMap((member): LatencyRow[] =>
    member.operations.length === 0
      ? [{ member, latency: undefined }]
      : member.operations.map((latency) => ({ member, latency })),
  );
}

const ERRORS: Shown = {
  header: 'errors',
  value: ({ latency }) => latency?.errors || undefined,
  kind: 'number',
  role: () => 'bad',
};

const MEMBERS: readonly Column<MemberLatency>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'host', value: ({ host }) => host, role: () => 'name' },
  {
    header: 'role',
    value: ({ role }) => role,
    role: ({ role }) =>
      role === 'unreachable' || role === 'not serving' ? 'bad' : role === 'read-only' ? 'warn' : 'good',
  },
  { header: 'round trip ms', value: ({ roundTrip }) => shown(roundTrip), kind: 'number' },
  {
    header: 'server min/avg/max',
    value: ({ server: { min, avg, max } }) => (avg === undefined ? undefined : [min, avg, max].map(told).join('/')),
  },
  { header: 'p99 read', value: ({ server }) => told(server.p99Read), kind: 'number' },
  { header: 'p99 update', value: ({ server }) => told(server.p99Update), kind: 'number' },
];

function operations({ members, plan }: EnsembleLatency, style: Style): string[] {
  const rows = plan.operations.flatMap((operation) =>
    members.flatMap((member): LatencyRow[] => {
      const latency = member.operations.find((one) => one.operation === operation);
      return latency === undefined ? [] : [{ member, latency }];
    }),
  );
  if (rows.length === 0) return [];
  const { from, to, counts } = alignedBuckets(rows.map(of));
  const bars = new Map(rows.map((row, i) => [row, bar(counts[i] ?? [])]));
  const first = new Set(plan.operations.map((name) => rows.find(({ latency }) => latency?.operation === name)));
  const role = ({ latency }: LatencyRow) => (latency?.slow === true ? ('warn' as const) : undefined);
  const columns: Shown[] = [
    {
      header: 'operation',
      value: (row) => (first.has(row) ? row.latency?.operation : ''),
      role: () => 'key',
    },
    { header: 'member', value: ({ member }) => member.id ?? member.host, kind: 'number' },
    { header: 'count', value: (row) => of(row)?.count ?? 0, kind: 'number' },
    ...(rows.some(({ latency }) => latency?.errors) ? [ERRORS] : []),
    { header: 'min', value: (row) => shown(of(row)?.min), kind: 'number' },
    { header: 'p50', value: (row) => shown(of(row)?.p50), kind: 'number', role },
    { header: 'p99', value: (row) => shown(of(row)?.p99) ?? '-', kind: 'number', role },
    { header: 'max', value: (row) => shown(of(row)?.max), kind: 'number', role },
    { header: `${from}–${to} ms`, value: (row) => bars.get(row), role },
  ];
  return layTable(columns as Column<never>[], rows, style);
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/** One character a bucket; whatever is in one at all is to be seen, a single slow answer above all. */
function bar(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((count) => (count === 0 ? ' ' : BLOCKS.charAt(Math.ceil((count / most) * BLOCKS.length) - 1)))
    .join('')
    .trimEnd();
}

function remarks({ members }: EnsembleLatency, style: Style): string[] {
  const lines = members.flatMap((member) => {
    const { id, host, error, operations: all } = member;
    const name = `${id ?? style.name(host)}`;
    const slow = all.filter((one) => one.slow);
    return [
      ...(error === undefined ? [] : [style.paint('bad', remark(name, style.name(error.message)))]),
      ...failures(all).map((message) => style.paint('bad', `${name}: ${style.name(message)}`)),
      ...(slow.length === 0
        ? []
        : [style.paint('warn', `${name} is slow beside the others: ${slow.map(slowness).join(', ')}`)]),
    ];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

/** An error that begins with the member's own name needs no other. */
function remark(name: string, message: string): string {
  return message.startsWith(`${name} `) ? message : `${name}: ${message}`;
}

function failures(all: readonly ComparedLatency[]): string[] {
  return [...new Set(all.flatMap(({ failure }) => failure?.message ?? []))];
}

function slowness({ operation, timesOthers = 0 }: ComparedLatency): string {
  return `${operation} ${Number(timesOthers.toPrecision(2))} times as long`;
}

/** Three digits, in milliseconds: below a microsecond there is nothing to be read. */
function shown(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  if (ms >= 100) return `${Math.round(ms)}`;
  return ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

/** What a server tells is whole milliseconds, but for averages. */
function told(ms: number | undefined): string {
  return ms === undefined ? '-' : `${Number(ms.toFixed(1))}`;
}

function micro(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Number(ms.toFixed(3));
}

function latencyJson({ members, exitCode, took }: EnsembleLatency): object {
  return { answered: exitCode === 0, members: members.map(memberJson), took: Math.round(took) };
}

function memberJson(member: MemberLatency): object {
  const { id, host, role, roundTrip, server, operations: all, error, took, observation } = member;
  return {
    id,
    host,
    role,
    configured: observation.member.configured,
    roundTrip: micro(roundTrip),
    server,
    operations: all.map(operationJson),
    error: error && { code: error.code, message: error.message },
    took: Math.round(took),
  };
}

function operationJson({ operation, distribution, errors, failure, timesOthers, slow }: ComparedLatency): object {
  const { count = 0, min, mean, p50, p90, p99, p999, max, buckets = [] } = distribution ?? {};
  return {
    operation,
    count,
    errors,
    error: failure && { code: failure instanceof ZkshError ? failure.code : undefined, message: failure.message },
    ...Object.fromEntries(
      Object.entries({ min, mean, p50, p90, p99, p999, max, timesOthers }).map(([name, value]) => [name, micro(value)]),
    ),
    slow,
    buckets,
  };
}
