import type { JsonValue } from './json-value.ts';
import type { Cell, Column } from './view.ts';

/** A result whose view names no columns, as a table all the same. */
export interface DerivedTable {
  columns: readonly Column<never>[];
  rows: readonly Record<string, Cell>[];
}

/**
 * One row an item of a list, or one for a single result; nested fields are joined by dots, as in `stat.version`. A
 * list inside is written as JSON, so that nothing is left out.
 */
export function deriveTable(value: JsonValue): DerivedTable {
  const items: readonly JsonValue[] = Array.isArray(value) ? value : value === null ? [] : [value];
  const rows = items.map((item) => Object.fromEntries(fields('', item)));
  const headers = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = headers.map((header): Column<Record<string, Cell>> => ({ header, value: (row) => row[header] }));
  return { columns: columns as readonly Column<never>[], rows };
}

function fields(prefix: string, value: JsonValue): [string, Cell][] {
  if (value === null || typeof value !== 'object') return [[prefix || 'value', value]];
  if (Array.isArray(value)) return [[prefix || 'value', JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, field]) => fields(prefix === '' ? key : `${prefix}.${key}`, field));
}
