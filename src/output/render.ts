import { cellOfRow, cellValue, rowsOf } from './cells.ts';
import { csvRecord } from './csv.ts';
import { deriveTable } from './derived-table.ts';
import { type JsonValue, toJsonValue } from './json-value.ts';
import { plainText } from './plain-text.ts';
import { type Sink, SinkClosed } from './sink.ts';
import type { Style } from './style.ts';
import { createRowWriter, layTable } from './table.ts';
import { escapeJson } from './text-safety.ts';
import type { AnyView, Format, ItemOf } from './view.ts';

/** How and where one result is printed. */
export interface RenderOptions {
  format: Format;
  style: Style;
  sink: Sink;
}

/**
 * Prints a result in the format asked for; an AsyncIterable item by item. A reader that goes away ends it quietly.
 * Returns whether there was nothing to show: a list without items.
 */
export async function render<T>(result: T, view: AnyView<ItemOf<T>>, options: RenderOptions): Promise<boolean> {
  try {
    if (isAsyncIterable<ItemOf<T>>(result)) return (await renderStream(result, view, options)) === 0;
    await renderOne(result as ItemOf<T>, view, options);
    await options.sink.flush();
    return view.columns !== undefined && rowsOf(view, result as ItemOf<T>).length === 0;
  } catch (error) {
    if (!(error instanceof SinkClosed)) throw error;
    return false;
  }
}

async function renderOne<T>(result: T, given: AnyView<T>, { format, style, sink }: RenderOptions): Promise<void> {
  const view = format === 'csv' ? withColumns(result, given) : given;
  switch (format) {
    case 'json':
      return sink.write(`${jsonText(jsonOf(result, view), style, 2)}\n`);
    case 'ndjson':
      return sink.write(ndjsonLines(jsonOf(result, view), style));
    case 'yaml':
      return sink.write(style.finish(await yamlOf(jsonOf(result, view))));
    case 'csv':
      return writeCsv(result, view, style, sink);
    case 'raw':
      // What has no bytes of its own is printed as text.
      return view.raw === undefined ? writeText(result, view, style, sink) : sink.write(view.raw(result));
    case 'table':
      return writeTable(result, view, style, sink);
    case 'text':
      return writeText(result, view, style, sink);
  }
}

async function renderStream<T>(items: AsyncIterable<T>, view: AnyView<T>, options: RenderOptions): Promise<number> {
  const { sink } = options;
  const writeItem = itemWriter(view, options);
  const asText = options.format === 'text' || options.format === 'raw';
  let count = 0;
  for await (const item of items) {
    if (!asText && view.textOnly?.(item) === true) continue;
    await writeItem(item, count);
    count += 1;
  }
  if (options.format === 'json') await sink.write(count === 0 ? '[]\n' : '\n]\n');
  if (options.format === 'yaml' && count === 0) await sink.write('[]\n');
  if (options.format === 'csv' && count === 0 && view.columns !== undefined) await sink.write(csvHeader(view));
  await sink.flush();
  return count;
}

function itemWriter<T>(view: AnyView<T>, options: RenderOptions): (item: T, index: number) => Promise<void> {
  const { format, style, sink } = options;
  if (format === 'json') {
    return (item, index) => {
      const text = jsonText(jsonOf(item, view), style, 2).replaceAll('\n', '\n  ');
      return sink.write(`${index === 0 ? '[\n' : ',\n'}  ${text}`);
    };
  }
  if (format === 'yaml') return async (item) => sink.write(style.finish(await yamlOf([jsonOf(item, view)])));
  if (format === 'ndjson') return (item) => sink.write(`${jsonText(jsonOf(item, view), style)}\n`);
  if (format === 'csv') return (item, index) => writeCsv(item, withColumns(item, view), style, sink, index === 0);
  if (format === 'table' && view.columns !== undefined) {
    const lines = createRowWriter(view.columns, style);
    return (item) =>
      sink.write(
        rowsOf(view, item)
          .flatMap(lines)
          .map((line) => `${style.finish(line)}\n`)
          .join(''),
      );
  }
  return (item) => renderOne(item, view, options);
}

/** CSV is there for every result: where the view names no columns, its JSON form gives them. */
function withColumns<T>(result: T, view: AnyView<T>): AnyView<T> {
  if (view.columns !== undefined) return view;
  const { columns, rows } = deriveTable(jsonOf(result, view));
  return { ...view, columns, rows: () => rows };
}

function jsonOf<T>(result: T, view: AnyView<T>): JsonValue {
  return toJsonValue(view.json === undefined ? result : view.json(result));
}

// A list is one line an item: that is what NDJSON readers expect of it.
function ndjsonLines(value: JsonValue, style: Style): string {
  const items: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  return items.map((item) => `${jsonText(item, style)}\n`).join('');
}

function jsonText(value: JsonValue, style: Style, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return style.tty ? escapeJson(text) : text;
}

async function yamlOf(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0 });
}

async function writeCsv<T>(result: T, view: AnyView<T>, style: Style, sink: Sink, header = true): Promise<void> {
  const columns = view.columns ?? [];
  const records = rowsOf(view, result).map((row) =>
    columns.map((column) => cellValue(cellOfRow(column, row), column.kind)),
  );
  if (header) await sink.write(csvHeader(view));
  // RFC 4180 asks for CRLF, but every tool in a Unix pipe reads LF, and cut or awk would keep the CR.
  for (const record of records) await sink.write(`${style.finish(csvRecord(record))}\n`);
}

function csvHeader({ columns = [] }: AnyView<never>): string {
  return `${csvRecord(columns.map(({ header }) => header))}\n`;
}

async function writeTable<T>(result: T, view: AnyView<T>, style: Style, sink: Sink): Promise<void> {
  if (view.columns === undefined) return writeText(result, view, style, sink);
  const rows = rowsOf(view, result);
  if (rows.length === 0) return;
  for (const line of layTable(view.columns, rows, style)) await sink.write(`${style.finish(line)}\n`);
}

async function writeText<T>(result: T, view: AnyView<T>, style: Style, sink: Sink): Promise<void> {
  const text = view.text === undefined ? plainText(result, view, style) : view.text(result, style);
  if (text !== undefined) await sink.write(`${style.finish(text)}\n`);
}

function isAsyncIterable<Item>(value: unknown): value is AsyncIterable<Item> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
