/** An object's fields; none for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A whole number of 64 bits, written in decimal or as `0x…`; undefined for anything else. */
export function whole(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^(?:-?\d{1,19}|0x[0-9a-f]{1,16})$/i.test(value) ? BigInt(value) : undefined;
}

/** As `whole`, for a session: signed, as ZooKeeper has its ids; 0 is none. */
export function sessionIdOf(value: unknown): bigint | undefined {
  const id = whole(value);
  return id === undefined || id === 0n ? undefined : BigInt.asIntN(64, id);
}

/** The texts in a list; none for anything else. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** Lines without the line feeds between them; servers on Windows end theirs with CR LF. */
export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
