/** A result with its values replaced by what kind of value stands there: what a contract of JSON holds. */
export function jsonShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonShape);
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return 'time (RFC 3339)';
    return /^-?\d+$/.test(value) ? 'decimal' : 'text';
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, jsonShape(field)]));
}
