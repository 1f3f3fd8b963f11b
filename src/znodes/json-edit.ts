import { UsageError } from '../protocol/errors.ts';
import { COMPACT, formatJson, indentAt, type JsonLayout, layoutOf, leadOf } from './json-layout.ts';
import { type Located, locate, missing } from './json-locate.ts';
import { formatPointer, type JsonStep } from './json-pointer.ts';
import { type JsonContainer, type JsonDocument, type JsonNode, scanJson, textOf } from './json-scan.ts';

/** One value that an edit replaces, adds (no `before`) or removes (no `after`), as JSON text. */
export interface JsonDifference {
  readonly pointer: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A text after an edit; the same text where there is nothing to change. */
export interface JsonEdited {
  readonly text: string;
  readonly differences: readonly JsonDifference[];
}

/** What becomes of the items of one container. */
interface Rewrite {
  /** By index: the new value, already laid out, or undefined = removed. */
  readonly values: ReadonlyMap<number, string | undefined>;
  readonly added: readonly { readonly key: string | undefined; readonly value: JsonDocument }[];
}

const NOTHING: Rewrite = { values: new Map(), added: [] };

/**
 * Puts a value where a pointer leads; all other text stays as it is. `-` appends to an array. Without `parents`, all but
 * the last step have to be there.
 *
 * @throws ZkshError `NO_VALUE`
 */
export function setValue(
  doc: JsonDocument,
  steps: readonly JsonStep[],
  value: JsonDocument,
  { parents = false }: { parents?: boolean | undefined } = {},
): JsonEdited {
  const located = locate(doc, steps);
  const { node, rest } = located;
  const pointer = formatPointer(steps);
  const after = compact(value);
  if (rest.length === 0) {
    const before = compact(doc, node);
    if (before === after) return { text: doc.text, differences: [] };
    return { text: splice(doc, node, replacement(doc, located, value)), differences: [{ pointer, before, after }] };
  }
  const [step, ...deeper] = rest;
  const appends = 'items' in node && node.type === 'array' && step?.name === '-';
  if (!('items' in node) || step === undefined) throw missing(located, steps);
  if (node.type === 'array' && !appends)
    throw missing(located, steps, 'Write - in place of the index to append to it.');
  if (deeper.length > 0 && !parents)
    throw missing(located, steps, 'Give --parents to create what is missing on the way.');
  const unreachable = deeper.find(({ name, index }) => index && name !== '-' && name !== '0');
  if (unreachable !== undefined) throw missing(located, steps, 'A new array begins with its element 0.');
  const inner = wrapped(deeper, value);
  const added = [{ key: appends ? undefined : step.name, value: inner }];
  const text = splice(doc, node, rewrite(doc, node, { ...NOTHING, added }, layoutOf(doc)));
  return { text, differences: [{ pointer, before: undefined, after }] };
}

/** Takes out the value that a pointer leads to; all other text stays as it is. @throws ZkshError `NO_VALUE` */
export function deleteValue(doc: JsonDocument, steps: readonly JsonStep[]): JsonEdited {
  if (steps.length === 0) {
    throw new UsageError('json del takes out a part, not the whole value', {
      hint: 'To empty the znode: set PATH "". To delete it: delete PATH.',
    });
  }
  const located = locate(doc, steps);
  const last = located.way.at(-1);
  if (located.rest.length > 0 || last === undefined) throw missing(located, steps);
  const { container, item } = last;
  const values = new Map([[container.items.indexOf(item), undefined]]);
  const text = splice(doc, container, rewrite(doc, container, { ...NOTHING, values }, layoutOf(doc)));
  const before = compact(doc, item.value);
  return { text, differences: [{ pointer: formatPointer(steps), before, after: undefined }] };
}

/** Applies a merge patch (RFC 7386); what it leaves alone stays as it is written. */
export function mergePatch(doc: JsonDocument, patch: JsonDocument): JsonEdited {
  const differences: JsonDifference[] = [];
  const { root } = doc;
  if (patch.root.type !== 'object' || root.type !== 'object') return setValue(doc, [], withoutNulls(patch));
  const text = splice(doc, root, merged(doc, root, patch, patch.root as JsonContainer, [], layoutOf(doc), differences));
  return { text: differences.length === 0 ? doc.text : text, differences };
}

/** The value that a merge patch makes where there is none yet. */
export function withoutNulls(patch: JsonDocument): JsonDocument {
  return patch.root.type === 'object' ? scanJson(stripped(patch, patch.root)) : patch;
}

function merged(
  doc: JsonDocument,
  target: JsonContainer,
  patch: JsonDocument,
  changes: JsonContainer,
  steps: readonly JsonStep[],
  layout: JsonLayout,
  differences: JsonDifference[],
): string {
  const values = new Map<number, string | undefined>();
  const added: { key: string; value: JsonDocument }[] = [];
  for (const { key = '', value } of changes.items) {
    const at = target.items.findIndex((item) => item.key === key);
    const item = target.items[at];
    const here = [...steps, { name: key, index: false }];
    const pointer = formatPointer(here);
    if (value.type === 'null') {
      if (item === undefined) continue;
      values.set(at, undefined);
      differences.push({ pointer, before: compact(doc, item.value), after: undefined });
    } else if (item?.value.type === 'object' && value.type === 'object') {
      const nested = [item.value, value] as [JsonContainer, JsonContainer];
      values.set(at, merged(doc, nested[0], patch, nested[1], here, layout, differences));
    } else {
      const wanted = scanJson(stripped(patch, value));
      const before = item && compact(doc, item.value);
      const after = compact(wanted);
      if (before === after) continue;
      if (item === undefined) added.push({ key, value: wanted });
      else values.set(at, laidOut(doc, target, at, wanted, layout));
      differences.push({ pointer, before, after });
    }
  }
  return rewrite(doc, target, { values, added }, layout);
}

/** A container's text after a rewrite. What stays keeps its own blanks; what is first keeps those of the first. */
function rewrite(doc: JsonDocument, container: JsonContainer, { values, added }: Rewrite, layout: JsonLayout): string {
  const { items, start, end } = container;
  const stays = items.flatMap((item, i) => (values.has(i) && values.get(i) === undefined ? [] : [{ item, i }]));
  const kept = stays.map(({ item, i }, n) => {
    const value = values.get(i) ?? textOf(doc, item.value);
    const lead = leadOf(doc, container, n === 0 ? 0 : i);
    // A blank between a value and its comma goes when the comma goes.
    const next = items[i + 1];
    const tail = next === undefined || n === stays.length - 1 ? '' : tailOf(doc, item.value.end);
    return `${lead}${doc.text.slice(item.start, item.value.start)}${value}${tail}`;
  });
  const place = placeOf(doc, container, layout);
  const fresh = added.map(({ key, value }, n) => {
    const lead = n === 0 && kept.length === 0 ? place.first : place.lead;
    const name = key === undefined ? '' : JSON.stringify(key) + layout.colon;
    return lead + name + formatJson(value, value.root, layout, place.indent);
  });
  const [open, close] = [doc.text.slice(start, start + 1), doc.text.slice(end - 1, end)];
  const all = [...kept, ...fresh];
  return all.length === 0 ? `${open}${close}` : `${open}${all.join(',')}${place.closing}${close}`;
}

/** How a further item is set into a container: like the last one there, and in an empty one like all others. */
function placeOf(doc: JsonDocument, container: JsonContainer, layout: JsonLayout) {
  const { items, start, end } = container;
  const last = items.at(-1);
  if (last !== undefined) {
    const own = leadOf(doc, container, items.length - 1);
    const lines = own.includes('\n');
    const lead = lines || items.length > 1 || own !== '' ? own : layout.gap;
    const indent = lines && layout.unit !== undefined ? own.slice(own.lastIndexOf('\n') + 1) : undefined;
    const first = leadOf(doc, container, 0);
    return { first, lead, indent, closing: doc.text.slice(last.value.end, end - 1) };
  }
  if (layout.unit === undefined) return { first: '', lead: layout.gap, indent: undefined, closing: '' };
  const outer = indentAt(doc, start);
  const indent = outer + layout.unit;
  const lead = layout.lineEnd + indent;
  return { first: lead, lead, indent, closing: layout.lineEnd + outer };
}

/** The text of a new value for a place that has one: the whole value as it was given, a part in the layout around it. */
function replacement(doc: JsonDocument, { way }: Located, value: JsonDocument): string {
  const last = way.at(-1);
  if (last === undefined) return textOf(value, value.root);
  return laidOut(doc, last.container, last.container.items.indexOf(last.item), value, layoutOf(doc));
}

function laidOut(doc: JsonDocument, container: JsonContainer, index: number, value: JsonDocument, layout: JsonLayout) {
  const old = container.items[index]?.value;
  const lines = leadOf(doc, container, index).includes('\n');
  const inline = old !== undefined && 'items' in old && old.items.length > 0 && !textOf(doc, old).includes('\n');
  const indent = lines && !inline ? indentAt(doc, container.items[index]?.start ?? 0) : undefined;
  return formatJson(value, value.root, layout, indent);
}

/** Objects, and arrays for `-` and `[0]`, around a value. */
function wrapped(steps: readonly JsonStep[], value: JsonDocument): JsonDocument {
  let text = textOf(value, value.root);
  for (const { name, index } of steps.toReversed()) {
    text = index || name === '-' ? `[${text}]` : `{${JSON.stringify(name)}:${text}}`;
  }
  return scanJson(text);
}

/** A value with the members left out that a merge patch would remove; nulls in arrays are values. */
function stripped(doc: JsonDocument, node: JsonNode): string {
  if (!('items' in node) || node.type === 'array') return textOf(doc, node);
  const kept = node.items.filter(({ value }) => value.type !== 'null');
  return `{${kept.map(({ start, keyEnd, value }) => `${doc.text.slice(start, keyEnd)}:${stripped(doc, value)}`)}}`;
}

/** A value on one line, as short as it can be: equal for values that differ in blanks only. */
export function compact(doc: JsonDocument, node: JsonNode = doc.root): string {
  return formatJson(doc, node, COMPACT);
}

function splice({ text }: JsonDocument, { start, end }: JsonNode, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

function tailOf({ text }: JsonDocument, from: number): string {
  return text.slice(from, text.indexOf(',', from));
}
