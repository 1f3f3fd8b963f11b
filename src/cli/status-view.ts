import type { EnsembleStatus, MemberStatus } from '../ensemble/ensemble-status.ts';
import type { Fact, Facts } from '../ensemble/facts.ts';
import { fitColumns } from '../output/fit-columns.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Column, View } from '../output/view.ts';
import { paintOf } from './member-role.ts';

type Shown = Column<MemberStatus>;

const IDENTITY: readonly Shown[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'host', value: ({ host }) => host, role: () => 'name' },
  { header: 'role', value: ({ role }) => role, role: paintOf },
];
const VERSION: Shown = { header: 'version', value: ({ facts }) => facts.version?.value };
const LAG: Shown = {
  header: 'lag',
  value: ({ lag }) => lag,
  kind: 'number',
  role: ({ lag }) => (lag ? 'warn' : undefined),
};
const QUEUE: Shown = { header: 'queued', value: ({ facts }) => facts.outstanding?.value, kind: 'number' };
const CONNECTIONS: Shown = { header: 'conns', value: ({ facts }) => facts.connections?.value, kind: 'number' };
const ZNODES: Shown = { header: 'znodes', value: ({ facts }) => facts.znodes?.value, kind: 'number' };
const DATA: Shown = { header: 'data', value: ({ facts }) => facts.dataSize?.value, kind: 'size' };
const UPTIME: Shown = { header: 'uptime', value: ({ facts }) => facts.uptime?.value, kind: 'duration' };
const LATENCY: Shown = {
  header: 'ms avg/p99/max',
  value: ({ facts: { latencyAvg, latencyP99, latencyMax } }) =>
    latencyAvg && `${short(latencyAvg.value)}/${latencyP99?.value ?? '-'}/${latencyMax?.value ?? '-'}`,
};

/** What a terminal too narrow for all does without, least telling first. */
const OPTIONAL: readonly Shown[] = [UPTIME, QUEUE, DATA, ZNODES];

const COLUMNS: readonly Shown[] = [
  ...IDENTITY,
  VERSION,
  { header: 'zxid', value: ({ facts }) => facts.zxid?.value, kind: 'hex' },
  LAG,
  CONNECTIONS,
  { header: 'outstanding', value: QUEUE.value, kind: 'number' },
  { header: 'latency_avg', value: ({ facts }) => facts.latencyAvg?.value, kind: 'number' },
  { header: 'latency_p99', value: ({ facts }) => facts.latencyP99?.value, kind: 'number' },
  { header: 'latency_max', value: ({ facts }) => facts.latencyMax?.value, kind: 'number' },
  ZNODES,
  DATA,
  UPTIME,
  { header: 'source', value: (member) => sourcesOf(member).join(' ') },
];

/** How `status` looks: a table with what it amounts to below, on a terminal; whole rows in a pipe. */
export const statusView: View<EnsembleStatus, MemberStatus> = {
  text: (status, style) => {
    if (!style.tty) return plainText(status, { columns: COLUMNS, rows: ({ members }) => members }, style);
    const columns = shownColumns(status.members, style);
    return [
      ...layTable(columns as readonly Column<never>[], status.members, style),
      '',
      ...summary(status, style),
    ].join('\n');
  },
  columns: COLUMNS,
  rows: ({ members }) => members,
  json: statusJson,
};

/** The release is worth a column where there are several. */
function shownColumns(members: readonly MemberStatus[], style: Style): readonly Shown[] {
  const mixed = new Set(members.flatMap(({ facts }) => facts.version?.value ?? [])).size > 1;
  const columns = [...IDENTITY, ...(mixed ? [VERSION] : []), LAG, CONNECTIONS, QUEUE, LATENCY, ZNODES, DATA, UPTIME];
  return fitColumns(columns, OPTIONAL, members, style);
}

function summary(status: EnsembleStatus, style: Style): string[] {
  const { members } = status;
  const silent = members.filter(({ role, observation }) => role === 'unreachable' && observation.missing.length > 0);
  return [
    ...headLines(status, style),
    ...silent.map(
      ({ id, host, observation }) =>
        `${style.paint('bad', `${id ?? style.name(host)} is unreachable`)}: ${style.name(observation.missing[0]?.reason ?? '')}`,
    ),
    ...poorly(members, style),
  ];
}

/** What the ensemble amounts to: release and leader, then how many voters serve. */
export function headLines(status: EnsembleStatus, style: Style): string[] {
  const { members, leader } = status;
  const versions = [...new Set(members.flatMap(({ facts }) => facts.version?.value ?? []))];
  const zxid = leader?.facts.zxid && `, zxid ${style.hex(leader.facts.zxid.value)}`;
  const led = leader && `leader ${leader.id ?? style.name(leader.host)}${zxid ?? ''}`;
  return [
    [...(versions.length === 1 ? [`ZooKeeper ${versions[0]}`] : []), ...(led === undefined ? [] : [led])].join(', '),
    quorumLine(status, style),
  ].filter((line) => line !== '');
}

/** How far the quorum is from its end; empty where a server serves without one. */
export function quorumLine(
  { quorum, serving, unasked }: Pick<EnsembleStatus, 'quorum' | 'serving' | 'unasked'>,
  style: Style,
): string {
  if (unasked.length > 0) {
    return style.paint(
      'warn',
      `of the voters, ${unasked.join(', ')} ${unasked.length === 1 ? 'was' : 'were'} not asked`,
    );
  }
  if (quorum === undefined) return serving ? '' : style.paint('bad', 'nothing serves');
  const { live, voters, tolerance, critical } = quorum;
  const counted = `${live.length} of ${voters.length} voters serve`;
  if (!quorum.quorum) return style.paint('bad', `no quorum: ${counted}`);
  if (tolerance > 0) return `${counted}, ${tolerance} more may fail`;
  return style.paint('warn', `${counted}, none more may fail: the loss of ${critical.join(' or ')} ends the quorum`);
}

/** What a richer source would have told, where nobody is asked that could. */
function poorly(members: readonly MemberStatus[], style: Style): string[] {
  const poor = members.filter(({ role, observation }) => role !== 'unreachable' && observation.metrics === undefined);
  if (poor.length === 0) return [];
  const names = poor.map(({ id, host }) => `${id ?? style.name(host)}`).join(', ');
  return [style.paint('dim', `no mntr and no AdminServer at ${names}: p99, data size and uptime are not known`)];
}

function sourcesOf({ facts }: MemberStatus): string[] {
  return [...new Set(Object.values(facts).flatMap((fact) => fact?.source ?? []))].sort();
}

function short(value: number): string {
  return `${Number(value.toFixed(1))}`;
}

function statusJson({ members, leader, serving, quorum, config, took }: EnsembleStatus): object {
  return {
    serving,
    leader: leader && (leader.id ?? leader.host),
    quorum,
    configVersion: config?.version,
    members: members.map(memberJson),
    took: Math.round(took),
  };
}

function memberJson({ id, host, role, configured, lag, facts, observation }: MemberStatus): object {
  const { role: _role, ...rest } = facts;
  const known = Object.entries(rest).filter((entry): entry is [keyof Facts, Fact<never>] => entry[1] !== undefined);
  return {
    id,
    host,
    role,
    configured,
    lag,
    ...Object.fromEntries(known.map(([name, { value }]) => [name, value])),
    sources: Object.fromEntries(Object.entries(facts).flatMap(([name, fact]) => (fact ? [[name, fact.source]] : []))),
    missing: observation.missing,
    roundTrip: observation.roundTrip && Math.round(observation.roundTrip),
    took: Math.round(observation.took),
  };
}
