import { cellOfRow, cellText, rowsOf } from './cells.ts';
import { toJsonValue } from './json-value.ts';
import type { Style } from './style.ts';
import { escapeControl } from './text-safety.ts';
import type { AnyView } from './view.ts';

/**
 * The text of a result whose view has none of its own: tab-separated rows where it has columns (what `cut` and `awk`
 * read), one line an item for a list, `key: value` lines for a record, the value itself otherwise.
 */
export function plainText<T>(result: T, view: AnyView<T>, style: Style): string | undefined {
  const { columns } = view;
  if (columns !== undefined) {
    const lines = rowsOf(view, result).map((row) =>
      columns.map((column) => escapeControl(cellText(cellOfRow(column, row), column.kind, style))).join('\t'),
    );
    return lines.length === 0 ? undefined : lines.join('\n');
  }
  return valueText(view.json === undefined ? result : view.json(result), style);
}

function valueText(value: unknown, style: Style): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return style.data(value);
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => fieldText(item)).join('\n');
  if (typeof value !== 'object' || value === null || value instanceof Date) return fieldText(value);
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${style.paint('key', key)}: ${fieldText(field)}`)
    .join('\n');
}

function fieldText(value: unknown): string {
  const json = toJsonValue(value);
  return typeof json === 'string' ? json : JSON.stringify(json);
}
