import { displayWidth, pad, truncate } from './display-width.ts';
import type { Style } from './style.ts';
import { escapeControl } from './text-safety.ts';
import type { Role } from './theme.ts';

/** A column of a table that is drawn again and again: it keeps its width while what it holds fits. */
export interface LiveColumn<Row> {
  readonly header: string;
  /** The least width; what is wider widens it, up to `most`. */
  readonly least: number;
  readonly most?: number | undefined;
  readonly align?: 'left' | 'right' | undefined;
  /** A terminal too narrow for all columns does without these, the greatest number first. */
  readonly expendable?: number | undefined;
  /** Takes what is left of the width, up to `most`. */
  readonly fills?: boolean | undefined;
  text(row: Row, width: number): string;
  role?(row: Row): Role | undefined;
}

export interface LiveTable<Row> {
  readonly columns: readonly LiveColumn<Row>[];
  readonly rows: readonly Row[];
  /** The header of the column that rows are sorted by. */
  readonly sorted?: string | undefined;
  /** What stands in place of the columns from `from` on, such as why there is nothing to show. */
  instead?(row: Row): { from: string; text: string; role: Role } | undefined;
}

const GAP = ' ';

/** A header and a line for each row, none wider than `width`; columns that do not fit are left out. */
export function layLive<Row>(table: LiveTable<Row>, width: number, style: Style): string[] {
  const fitted = fitColumns(table, width);
  const header = fitted.map(({ column, width: own }, i) => {
    const text = place(column.header.toUpperCase(), own, column.align, i === fitted.length - 1);
    return text === '' ? '' : style.paint(column.header === table.sorted ? 'key' : 'title', text);
  });
  return [header.join(GAP), ...table.rows.map((row) => rowLine(table, fitted, row, width, style))];
}

interface Fitted<Row> {
  column: LiveColumn<Row>;
  width: number;
}

function fitColumns<Row>({ columns, rows, instead }: LiveTable<Row>, width: number): Fitted<Row>[] {
  const headers = columns.map(({ header }) => header);
  const from = rows.map((row) => headers.indexOf(instead?.(row)?.from ?? '') + 1 || Number.POSITIVE_INFINITY);
  const fitted = columns.map((column, at) => {
    const whole = column.fills === true ? [] : rows.filter((_, i) => at + 1 < (from[i] ?? 0));
    const natural = whole.map((row) => displayWidth(escapeControl(column.text(row, column.least))));
    const wanted = Math.max(column.least, displayWidth(column.header), ...natural);
    return { column, width: Math.min(wanted, Math.max(column.least, column.most ?? wanted)) };
  });
  const used = () => fitted.reduce((sum, one) => sum + one.width + GAP.length, -GAP.length);
  while (used() > width) {
    const least = fitted.reduce((a, b) => ((b.column.expendable ?? 0) > (a.column.expendable ?? 0) ? b : a));
    if (least.column.expendable === undefined) break;
    fitted.splice(fitted.indexOf(least), 1);
  }
  shrink(fitted, used() - width);
  for (const one of fitted) {
    if (one.column.fills === true) one.width = Math.min(one.column.most ?? width, one.width + width - used());
  }
  return fitted;
}

/** The widest give way; where even that is not enough, the last ones are cut by the edge. */
function shrink(fitted: Fitted<never>[] | Fitted<unknown>[], excess: number): void {
  for (let left = excess; left > 0; left -= 1) {
    const widest = (fitted as Fitted<unknown>[]).reduce((a, b) => (b.width > a.width ? b : a));
    if (widest.width <= 1) return;
    widest.width -= 1;
  }
}

function rowLine<Row>(
  { instead }: LiveTable<Row>,
  fitted: readonly Fitted<Row>[],
  row: Row,
  width: number,
  style: Style,
): string {
  const other = instead?.(row);
  const pieces: string[] = [];
  let used = 0;
  for (const [i, { column, width: own }] of fitted.entries()) {
    if (other?.from === column.header) {
      pieces.push(style.paint(other.role, truncate(style.name(other.text), width - used)));
      return pieces.join(GAP);
    }
    const role = other?.role ?? column.role?.(row);
    const text = place(style.name(column.text(row, own)), own, column.align, i === fitted.length - 1);
    pieces.push(role === undefined || text.trim() === '' ? text : style.paint(role, text));
    used += own + GAP.length;
  }
  return pieces.join(GAP);
}

function place(text: string, width: number, align: 'left' | 'right' | undefined, last: boolean): string {
  const cut = truncate(text, width);
  return last && align !== 'right' ? cut : pad(cut, width, align);
}
