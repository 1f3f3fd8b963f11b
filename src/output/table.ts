import { alignOf, cellOfRow, cellText } from './cells.ts';
import { displayWidth, pad, truncate } from './display-width.ts';
import type { Style } from './style.ts';
import type { Role } from './theme.ts';
import type { Column } from './view.ts';

const GAP = '  ';
/** A column is never squeezed below this, however narrow the terminal. */
const MIN_WIDTH = 6;

interface TableCell {
  text: string;
  role: Role | undefined;
}

/** Lays rows out in aligned columns under a header; on a terminal, cut to its width. */
export function layTable(columns: readonly Column<never>[], rows: readonly unknown[], style: Style): string[] {
  const cells = rows.map((row) => columns.map((column) => cellOf(column, row, style)));
  const natural = columns.map((column, i) =>
    Math.max(displayWidth(column.header), ...cells.map((row) => cellWidth(row[i]))),
  );
  const widths = fitWidths(natural, style.width);
  return [headerLine(columns, widths, style), ...cells.map((row) => rowLine(columns, row, widths, style))];
}

/** Lines of a table whose rows come one by one: the first row decides the widths, later rows may overhang. */
export function createRowWriter(columns: readonly Column<never>[], style: Style): (row: unknown) => string[] {
  let widths: number[] | undefined;
  return (row) => {
    const cells = columns.map((column) => cellOf(column, row, style));
    if (widths !== undefined) return [rowLine(columns, cells, widths, style)];
    widths = columns.map((column, i) => Math.max(displayWidth(column.header), cellWidth(cells[i])));
    return [headerLine(columns, widths, style), rowLine(columns, cells, widths, style)];
  };
}

/** Shares the columns of a terminal: the widest columns give way first. */
export function fitWidths(natural: readonly number[], total: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - total;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= MIN_WIDTH) break;
    const among = widths.filter((width) => width === widest).length;
    const next = Math.max(MIN_WIDTH, ...widths.filter((width) => width < widest));
    const cut = Math.max(1, Math.min(widest - next, Math.ceil(excess / among)));
    for (const [i, width] of widths.entries()) if (width === widest) widths[i] = width - cut;
    excess -= cut * among;
  }
  return widths;
}

function cellOf(column: Column<never>, row: unknown, style: Style): TableCell {
  return { text: cellText(cellOfRow(column, row), column.kind, style), role: column.role?.(row as never) };
}

function cellWidth(cell: TableCell | undefined): number {
  return cell === undefined ? 0 : displayWidth(cell.text);
}

function headerLine(columns: readonly Column<never>[], widths: readonly number[], style: Style): string {
  const cells = columns.map((column) => ({ text: column.header.toUpperCase(), role: 'title' as const }));
  return rowLine(columns, cells, widths, style);
}

function rowLine(
  columns: readonly Column<never>[],
  cells: readonly TableCell[],
  widths: readonly number[],
  style: Style,
): string {
  const pieces = columns.map((column, i) =>
    placeCell(cells[i], widths[i] ?? 0, alignOf(column), i === columns.length - 1, style),
  );
  return pieces.join(GAP).trimEnd();
}

function placeCell(
  cell: TableCell | undefined,
  width: number,
  align: 'left' | 'right',
  last: boolean,
  style: Style,
): string {
  const text = cell?.text ?? '';
  const cut = style.tty ? truncate(text, width) : text;
  // The last column is not padded: a trailing space would end up in what a person copies.
  const space = last && align === 'left' ? '' : pad('', width - displayWidth(cut));
  const shown = cell?.role === undefined || cut === '' ? cut : style.paint(cell.role, cut);
  return align === 'right' ? space + shown : shown + space;
}
