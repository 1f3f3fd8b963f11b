import { hex64 } from '../protocol/zxid.ts';
import type { Style } from './style.ts';
import { bytesToJson, bytesToText } from './text-safety.ts';
import { rfc3339, shortDuration } from './times.ts';
import type { AnyView, Cell, CellKind, Column } from './view.ts';

/** A cell as a person reads it on a terminal, on one line; in a pipe, its full value. */
export function cellText(cell: Cell, kind: CellKind | undefined, style: Style): string {
  if (!style.tty) return cellValue(cell, kind);
  if (typeof cell === 'number' || typeof cell === 'bigint' || cell instanceof Date) {
    const amount = cell instanceof Date ? cell.getTime() : cell;
    if (kind === 'time' || cell instanceof Date) return style.time(amount);
    if (kind === 'size') return style.size(amount);
    if (kind === 'duration') return shortDuration(Number(amount));
  }
  return style.name(cellValue(cell, kind));
}

/** A cell's full value for CSV and pipes: RFC 3339 times, plain numbers, `0x…` for zxids, base64 where not UTF-8. */
export function cellValue(cell: Cell, kind: CellKind | undefined): string {
  if (cell === undefined || cell === null) return '';
  if (cell instanceof Uint8Array) return 'utf8' in bytesToJson(cell) ? bytesToText(cell) : bytesToText(cell, 'base64');
  if (cell instanceof Date) return rfc3339(cell.getTime());
  if (typeof cell !== 'number' && typeof cell !== 'bigint') return String(cell);
  if (kind === 'time') return rfc3339(cell);
  return kind === 'hex' ? hex64(BigInt(cell)) : String(cell);
}

/** Columns of numbers are aligned to the right. */
export function alignOf(column: Column<never>): 'left' | 'right' {
  return column.kind === 'number' || column.kind === 'size' || column.kind === 'duration' ? 'right' : 'left';
}

/** The rows a view makes of a result. */
export function rowsOf<T>(view: AnyView<T>, result: T): readonly unknown[] {
  if (view.rows !== undefined) return view.rows(result);
  if (Array.isArray(result)) return result;
  return result === undefined || result === null ? [] : [result];
}

/** One column's value of a row whose type only the view knows. */
export function cellOfRow(column: Column<never>, row: unknown): Cell {
  return column.value(row as never);
}
