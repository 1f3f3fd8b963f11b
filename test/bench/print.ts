import { isMet, type Report, type Section, type Table } from './section.ts';

/** Three digits are all that such figures are good for. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const shown = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return shown.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** A Markdown table that is also one to look at: columns padded, numbers to the right. */
export function printTable(table: Table): string {
  const rows = [table.columns, ...table.rows];
  const widths = table.columns.map((_, i) => Math.max(3, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(table.columns), rule, ...table.rows.map(line)].join('\n');
}

/** One section's report as Markdown. */
export function printReport(section: Pick<Section, 'title'>, report: Report): string {
  const aims: Table = {
    title: 'Aims',
    columns: ['aim', 'wanted', 'got', 'reached'],
    rows: report.aims.map((aim) => [
      aim.what,
      `${aim.sense} ${digits(aim.wanted)}${aim.unit}`,
      aim.got === undefined ? 'not measured' : `${digits(aim.got)}${aim.unit}`,
      isMet(aim) ? 'yes' : 'no',
    ]),
  };
  const missing = report.missing.map(({ peer, why }) => `- not here: ${peer} – ${why}`);
  const notes = report.notes.map((note) => `- ${note}`);
  const tables = [...report.tables, ...(aims.rows.length > 0 ? [aims] : [])];
  return [
    `### ${section.title}`,
    ...tables.map((table) => `${table.title}\n\n${printTable(table)}`),
    ...(missing.length + notes.length > 0 ? [[...notes, ...missing].join('\n')] : []),
  ].join('\n\n');
}
