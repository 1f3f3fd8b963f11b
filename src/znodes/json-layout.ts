import { type JsonContainer, type JsonDocument, type JsonItem, type JsonNode, textOf } from './json-scan.ts';

/** How a JSON text is laid out, as far as new values have to follow it. */
export interface JsonLayout {
  /** One step of indentation; undefined = all on one line. */
  readonly unit: string | undefined;
  readonly lineEnd: string;
  /** Between key and value. */
  readonly colon: string;
  /** Behind a comma on the same line. */
  readonly gap: string;
}

/** What JSON.stringify writes with an indentation of two. */
export const PRETTY: JsonLayout = { unit: '  ', lineEnd: '\n', colon: ': ', gap: ' ' };
export const COMPACT: JsonLayout = { unit: undefined, lineEnd: '\n', colon: ':', gap: '' };

/** The layout of a text, by the first places that show it. */
export function layoutOf(doc: JsonDocument): JsonLayout {
  let unit: string | undefined;
  let lineEnd = '\n';
  let colon: string | undefined;
  let gap: string | undefined;
  for (const container of containers(doc.root)) {
    for (const [i, item] of container.items.entries()) {
      const lead = leadOf(doc, container, i);
      if (lead.includes('\n')) {
        if (unit === undefined && lead.includes('\r\n')) lineEnd = '\r\n';
        unit ??= unitOf(indentAt(doc, container.start), lead.slice(lead.lastIndexOf('\n') + 1));
      } else if (i > 0) gap ??= lead;
      if (item.key !== undefined) colon ??= doc.text.slice(item.keyEnd, item.value.start);
    }
    if (unit !== undefined && colon !== undefined && gap !== undefined) break;
  }
  colon = colon?.includes('\n') ? ': ' : (colon ?? (unit === undefined ? ':' : ': '));
  return { unit, lineEnd, colon, gap: gap ?? (colon.endsWith(' ') ? ' ' : '') };
}

/** Blanks before an item, behind the bracket or comma. */
export function leadOf({ text }: JsonDocument, { start, items }: JsonContainer, index: number): string {
  const item = items[index] as JsonItem;
  const before = items[index - 1];
  const from = before === undefined ? start + 1 : text.indexOf(',', before.value.end) + 1;
  return text.slice(from, item.start);
}

/** Blanks that the line begins with on which an offset is. */
export function indentAt({ text }: JsonDocument, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** A value in a layout; all on one line where there is no indentation to begin with. Numbers and strings stay as written. */
export function formatJson(doc: JsonDocument, node: JsonNode, layout: JsonLayout, indent?: string): string {
  if (!('items' in node)) return textOf(doc, node);
  const [open, close] = node.type === 'object' ? '{}' : '[]';
  if (node.items.length === 0) return `${open}${close}`;
  const deeper = layout.unit === undefined || indent === undefined ? undefined : indent + layout.unit;
  const items = node.items.map((item) => {
    const key = item.key === undefined ? '' : doc.text.slice(item.start, item.keyEnd) + layout.colon;
    return key + formatJson(doc, item.value, layout, deeper);
  });
  if (deeper === undefined) return `${open}${items.join(`,${layout.gap}`)}${close}`;
  const lead = layout.lineEnd + deeper;
  return `${open}${lead}${items.join(`,${lead}`)}${layout.lineEnd}${indent}${close}`;
}

function* containers(node: JsonNode): Generator<JsonContainer> {
  if (!('items' in node)) return;
  yield node;
  for (const { value } of node.items) yield* containers(value);
}

function unitOf(parent: string, child: string): string {
  return child.length > parent.length && child.startsWith(parent) ? child.slice(parent.length) : '';
}
