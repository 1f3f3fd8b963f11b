import { cellText } from './cells.ts';
import { displayWidth } from './display-width.ts';
import type { Style } from './style.ts';
import type { Column } from './view.ts';

/** The columns that fit a terminal: too narrow a one does without some of them, the first of `optional` first. */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  optional: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
): readonly Column<Row>[] {
  const widths = new Map(
    columns.map((column) => {
      const cells = rows.map((row) => displayWidth(cellText(column.value(row), column.kind, style)));
      return [column, cells.reduce((widest, width) => Math.max(widest, width), column.header.length)];
    }),
  );
  let shown = columns;
  for (const least of optional) {
    if (shown.reduce((sum, column) => sum + (widths.get(column) ?? 0) + 2, -2) <= style.width) break;
    shown = shown.filter((column) => column !== least);
  }
  return shown;
}
