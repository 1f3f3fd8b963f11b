import type { Style } from './style.ts';
import type { Role } from './theme.ts';

/** The formats of `-o`. */
export const FORMATS = ['table', 'text', 'json', 'ndjson', 'yaml', 'csv', 'raw'] as const;

export type Format = (typeof FORMATS)[number];

/** What a cell of a table holds before it is written: undefined and null are an empty cell. */
export type Cell = string | number | bigint | boolean | Date | Uint8Array | undefined | null;

/** How a cell is shown to a person: `time` relative, `size` with a unit, `hex` as `0x…`, `duration` as `2m30s`. */
export type CellKind = 'text' | 'number' | 'time' | 'size' | 'hex' | 'duration';

/** One column of a table; the same columns make the CSV. */
export interface Column<Row> {
  /** Lower case; the CSV header as it is, the table's in capitals. */
  readonly header: string;
  value(row: Row): Cell;
  readonly kind?: CellKind | undefined;
  /** The cell's meaning, for colour. */
  role?(row: Row): Role | undefined;
}

/** The rows of a result: its items where it is a list, itself otherwise. */
type RowOf<T> = T extends readonly (infer R)[] ? R : T;

/**
 * How a command's result looks, beside the command, read by `render` alone. For an AsyncIterable result, the view
 * describes one item. Everything is optional: JSON, YAML and a plain text form exist for any value.
 */
export interface View<T, Row = RowOf<T>> {
  /** Plain lines, without the last line feed; undefined = print nothing. Where present, `text` is the default format. */
  text?(result: T, style: Style): string | undefined;
  /** Table and CSV (a CSV without them has the fields of the JSON form); where present and `text` is absent, `table` is the default format. */
  readonly columns?: readonly Column<Row>[] | undefined;
  /** Default: the result's items where it is a list, else the result itself. */
  rows?(result: T): readonly Row[];
  /** The JSON contract; default: the result with bigint as decimal string and bytes as `{utf8}` or `{base64}`. */
  json?(result: T): unknown;
  /** What `-o raw` writes, with nothing added; a result without it is written as text. */
  raw?(result: T): Uint8Array | string;
  /** A sentence for stderr on a terminal when there are no rows. */
  readonly empty?: string | undefined;
  /** The default format off a terminal, where a program is the likelier reader of it. */
  readonly piped?: Format | undefined;
  /** Items of a stream that only a reader of text needs, such as a sum at the end: other formats leave them out. */
  textOnly?(item: T): boolean;
}

/** A view whose row type the reader need not know. */
export interface AnyView<T> {
  text?(result: T, style: Style): string | undefined;
  readonly columns?: readonly Column<never>[] | undefined;
  rows?(result: T): readonly unknown[];
  json?(result: T): unknown;
  raw?(result: T): Uint8Array | string;
  readonly empty?: string | undefined;
  readonly piped?: Format | undefined;
  textOnly?(item: T): boolean;
}

/** The item type of a streamed result, or the result's own type. */
export type ItemOf<T> = T extends AsyncIterable<infer Item> ? Item : T;

/** The format used when nobody asked for one. */
export function defaultFormat(view: AnyView<never>, tty: boolean): Format {
  if (!tty && view.piped !== undefined) return view.piped;
  return view.text === undefined && view.columns !== undefined && tty ? 'table' : 'text';
}
