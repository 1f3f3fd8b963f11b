import { type JsonDocument, type JsonNode, textOf } from './json-scan.ts';

const DECIMAL = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * A value as JavaScript has it. A number that would come out as another one, such as an integer beyond 2^53, is given
 * as the string that it was written as.
 */
export function exactValue(doc: JsonDocument, node: JsonNode): unknown {
  if (node.type === 'number') return exactNumber(textOf(doc, node));
  if (!('items' in node)) return JSON.parse(textOf(doc, node));
  if (node.type === 'array') return node.items.map(({ value }) => exactValue(doc, value));
  // fromEntries defines, it does not assign: a key named __proto__ stays an ordinary member.
  return Object.fromEntries(node.items.map(({ key = '', value }) => [key, exactValue(doc, value)]));
}

function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) && amount(text) === amount(String(number)) ? number : text;
}

/** Digits and power of ten: the same for every way to write one amount. */
function amount(text: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return short === '' ? '0' : `${short}e${Number(exponent) - fraction.length + digits.length - short.length}`;
}
