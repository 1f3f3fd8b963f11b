import { UsageError } from '../protocol/errors.ts';
import type { At, YamlSource } from './yaml-source.ts';

/** The names most like one that is not known. */
export type Nearest = (typed: string, names: readonly string[]) => string[];

/** What a field must hold, and what becomes of it. */
export type Field<T> = (value: unknown, at: At, reading: Reading) => T;

/** A file as it is read. */
export interface Reading {
  source: YamlSource;
  nearest: Nearest;
}

/** Reads the fields of an object; those that are not there stay out. @throws UsageError for one that is not known */
export function fieldsOf<F extends Readonly<Record<string, Field<unknown>>>>(
  value: unknown,
  at: At,
  reading: Reading,
  fields: F,
): { [K in keyof F]?: ReturnType<F[K]> } {
  const record = asRecord(value, at, reading);
  const known = Object.keys(fields);
  const result: Record<string, unknown> = {};
  for (const [name, inside] of Object.entries(record)) {
    const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (read === undefined) throw unknownField(name, known, at, reading);
    if (inside !== null && inside !== undefined) result[name] = read(inside, [...at, name], reading);
  }
  return result as { [K in keyof F]?: ReturnType<F[K]> };
}

export function asRecord(value: unknown, at: At, { source }: Reading): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw source.bad(at, 'must have fields');
}

function unknownField(name: string, known: readonly string[], at: At, { source, nearest }: Reading): UsageError {
  const [like] = nearest(name, known);
  const hint = like === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${like}?`;
  return source.bad([...at, name], 'is not known', { ofKey: true, hint });
}

export const text: Field<string> = (value, at, { source }) => {
  // A host such as 10 or a unit such as on: YAML reads these as something else.
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw source.bad(at, 'must be a text');
  if (value === '' || /[\0\r\n]/.test(value)) throw source.bad(at, value === '' ? 'is empty' : 'must be one line');
  return value;
};

/** A word that a program must not take for an option. */
export const word: Field<string> = (value, at, reading) => {
  const read = text(value, at, reading);
  if (/^-|\s/.test(read)) throw reading.source.bad(at, 'must be one word that does not begin with a dash');
  return read;
};

export const path: Field<string> = (value, at, reading) => {
  const read = text(value, at, reading);
  if (!read.startsWith('/')) throw reading.source.bad(at, 'must be an absolute path on the machine of the member');
  return read;
};

/** Of this machine: absolute or in the home directory. */
export const ownPath: Field<string> = (value, at, reading) => {
  const read = text(value, at, reading);
  if (!/^~?\//.test(read)) throw reading.source.bad(at, 'must be an absolute path here, or begin with ~/');
  return read;
};

export const port: Field<number> = (value, at, { source }) => {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw source.bad(at, 'must be a port, 1 to 65535');
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

export const duration: Field<number> = (value, at, { source }) => {
  const [, number, unit = ''] = /^(\d{1,7})(ms|s|m)$/.exec(String(value)) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (ms > 0) return ms;
  throw source.bad(at, 'must be a time such as 500ms, 10s or 2m');
};

export const sudo: Field<boolean | string> = (value, at, reading) =>
  typeof value === 'boolean' ? value : word(value, at, reading);

export function oneOf<T extends string>(...values: readonly T[]): Field<T> {
  return (value, at, { source }) => {
    if (values.includes(value as T)) return value as T;
    throw source.bad(at, `must be ${values.join(' or ')}`);
  };
}

/** One, or a list. */
export function several<T>(field: Field<T>): Field<readonly T[]> {
  return (value, at, reading) =>
    Array.isArray(value) ? value.map((item, i) => field(item, [...at, i], reading)) : [field(value, at, reading)];
}

/** Runs what has its own errors, and says where the text stood. */
export function checked<T>(at: At, { source }: Reading, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw source.bad(at, `can't be taken: ${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
  }
}
