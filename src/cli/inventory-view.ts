import { formatServerLine, type ServerLine } from '../ensemble/server-line.ts';
import type { Drift } from '../inventory/drift.ts';
import type { InventoryReport, MemberReport } from '../inventory/report.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Role } from '../output/theme.ts';
import type { Column, View } from '../output/view.ts';

/** A line of the table: a member of the inventory, or one of the ensemble that it does not have. */
export interface InventoryRow extends Partial<MemberReport> {
  id: bigint;
  problems: readonly string[];
}

type Shown = Column<InventoryRow>;

const STATES: Readonly<Record<string, Role>> = { running: 'good', stopped: 'warn', failed: 'bad', unknown: 'warn' };

const ID: Shown = { header: 'id', value: ({ id }) => id, kind: 'number' };
const SERVER: Shown = { header: 'server', value: ({ line }) => line && serverOf(line) };
const HOST: Shown = { header: 'host', value: hostOf, role: () => 'name' };
const SERVICE: Shown = { header: 'service', value: ({ service }) => service };
const CONFIG: Shown = { header: 'config', value: ({ files }) => files?.config, role: () => 'path' };
const STATE: Shown = {
  header: 'state',
  value: ({ check }) => check && (check.reachable ? (check.service?.state ?? 'unknown') : 'unreachable'),
  role: ({ check }) => (check?.reachable === true ? STATES[check.service?.state ?? 'unknown'] : 'bad'),
};
const SINCE: Shown = { header: 'since', value: ({ check }) => dateOf(check?.service?.since), kind: 'time' };
const FREE: Shown = { header: 'free disk', value: ({ check }) => check?.free, kind: 'size' };
const MEMORY: Shown = { header: 'free memory', value: ({ check }) => check?.freeMemory, kind: 'size' };
const CLOCK: Shown = { header: 'clock', value: ({ check }) => clockOf(check) };
const PROBLEMS: Shown = { header: 'problems', value: ({ problems }) => problems.join('; ') };

/** For programs the same columns always. */
const PIPED: readonly Shown[] = [ID, SERVER, HOST, SERVICE, CONFIG, STATE, SINCE, FREE, MEMORY, CLOCK, PROBLEMS];

/** How `member inventory` looks. */
export const inventoryView: View<InventoryReport, InventoryRow> = {
  text: (report, style) => {
    if (!style.tty) return plainText(report, { columns: PIPED, rows: rowsOf }, style);
    const table = layTable(columnsOf(report) as Column<never>[], report.members, style);
    return [heading(report, style), '', ...table, ...problemLines(report, style)].join('\n');
  },
  columns: PIPED,
  rows: rowsOf,
  json: inventoryJson,
};

function columnsOf({ members }: InventoryReport): Shown[] {
  const checked = members.some(({ check }) => check !== undefined);
  if (!checked) return [ID, SERVER, HOST, SERVICE, CONFIG];
  const since = members.some(({ check }) => check?.service?.since !== undefined);
  return [ID, HOST, STATE, ...(since ? [SINCE] : []), FREE, MEMORY, CLOCK, CONFIG];
}

function heading({ name, source, members }: InventoryReport, style: Style): string {
  const count = members.length === 1 ? '1 member' : `${members.length} members`;
  const from = source.kind === 'local' ? 'a local ensemble' : `from ${style.name(source.path)}`;
  return `${style.paint('title', style.name(name))}: ${count}, ${from}`;
}

function problemLines(report: InventoryReport, style: Style): string[] {
  const lines = rowsOf(report).flatMap(({ id, problems }) =>
    problems.map((problem) => `${style.paint('bad', `member ${id}`)}: ${style.name(problem)}`),
  );
  const unknown = 'no configuration was told: whether these are the members of the ensemble is not known';
  if (report.drift === undefined) lines.push(style.paint('warn', unknown));
  return lines.length === 0 ? [] : ['', ...lines];
}

function rowsOf({ members, drift }: InventoryReport): InventoryRow[] {
  const missing = (drift?.missing ?? []).map((id) => ({ id, problems: ['in the ensemble, and not in the inventory'] }));
  const ours = members.map((member) => ({
    ...member,
    problems: [...driftOfMember(member.id, drift), ...(member.check?.problems ?? [])],
  }));
  return [...ours, ...missing].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function driftOfMember(id: bigint, drift: Drift | undefined): string[] {
  const other = drift?.differing.find((one) => one.id === id);
  return [
    ...(drift?.extra.includes(id) ? ['in the inventory, and not in the ensemble'] : []),
    ...(other === undefined ? [] : [`the ensemble has it as ${other.committed}`]),
  ];
}

function serverOf(line: ServerLine): string {
  return formatServerLine(line).replace(/^server\.\d+=/, '');
}

function hostOf({ host }: InventoryRow): string | undefined {
  if (host === undefined) return undefined;
  return host.kind === 'ssh' ? `ssh ${host.name}` : host.name;
}

function clockOf(check: MemberReport['check']): string | undefined {
  if (check?.clock === undefined) return undefined;
  const { offset, uncertainty } = check.clock;
  return `${offset < 0 ? '' : '+'}${offset} ±${uncertainty} ms`;
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function inventoryJson({ members, source, drift, configVersion, name, context, fit }: InventoryReport): object {
  return {
    name,
    source,
    context,
    fit,
    configVersion,
    members: members.map(({ id, line, host, service, files, check }) => ({
      id,
      server: serverOf(line),
      role: line.role,
      host,
      service,
      files,
      check,
    })),
    drift,
  };
}
