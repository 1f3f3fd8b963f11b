import { bytesToJson } from './text-safety.ts';

/** What JSON, NDJSON and YAML can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * The JSON form of any result: 64-bit integers as decimal strings, bytes as `{utf8}` or `{base64}`, dates as RFC 3339.
 * Fields that are undefined or functions are left out; `undefined` itself becomes null.
 */
export function toJsonValue(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      return null;
  }
}

function objectToJson(value: object): JsonValue {
  if (value instanceof Uint8Array) return bytesToJson(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map) return objectToJson(Object.fromEntries(value));
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, toJsonValue);
  const entries: [string, JsonValue][] = [];
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined && typeof field !== 'function') entries.push([key, toJsonValue(field)]);
  }
  // fromEntries defines, it does not assign: a key named __proto__ stays an ordinary field.
  return Object.fromEntries(entries);
}
