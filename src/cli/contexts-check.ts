import { UsageError } from '../protocol/errors.ts';
import type { Context, Contexts } from './context.ts';

type Kind = 'text' | 'flag' | 'milliseconds' | 'texts' | 'text or fields';
type Shape = Readonly<Record<string, Kind | { readonly [field: string]: Kind }>>;

const TLS: Readonly<Record<string, Kind>> = {
  ca: 'text',
  cert: 'text',
  key: 'text',
  keyPassword: 'text',
  keystore: 'text',
  keystorePassword: 'text',
  truststore: 'text',
  truststorePassword: 'text',
  serverName: 'text',
  verifyHostname: 'flag',
};

const CONTEXT: Shape = {
  servers: 'text',
  sessionTimeout: 'milliseconds',
  tls: TLS,
  auth: 'texts',
  sasl: { mechanism: 'text', user: 'text', secret: 'text' },
  readOnly: 'flag',
  admin: 'texts',
  // What its fields hold is checked by who needs them: most commands do not.
  ensemble: 'text or fields',
  protected: 'flag',
  note: 'text',
};

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: 'a text',
  flag: 'true or false',
  milliseconds: 'a number of milliseconds above 0',
  texts: 'a list of texts',
  'text or fields': 'the path of an ensemble file, or what stands in one',
};

/**
 * What may name a context: it is typed in commands, and shown in the prompt. Also keeps `__proto__` and flags out.
 */
export const CONTEXT_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;

/** Checks what was read from the file of contexts. Throws a UsageError that names the file and the field. */
export function checkContexts(value: unknown, file: string): Contexts {
  const top = asRecord(value, file, 'the file');
  refuseUnknown(top, ['current', 'contexts'], file, '');
  const entries = Object.entries(asRecord(top.contexts ?? {}, file, 'contexts'));
  const contexts: Record<string, Context> = {};
  for (const [name, context] of entries) {
    if (!CONTEXT_NAME.test(name)) throw bad(file, `contexts.${name}`, 'is no name for a context');
    contexts[name] = checkContext(context, file, `contexts.${name}`);
  }
  const { current } = top;
  if (current === undefined) return { contexts };
  if (typeof current !== 'string' || !Object.hasOwn(contexts, current)) {
    throw bad(file, 'current', `names no context: ${JSON.stringify(current)}`);
  }
  return { current, contexts };
}

function checkContext(value: unknown, file: string, at: string): Context {
  const record = asRecord(value, file, at);
  checkShape(record, CONTEXT, file, at);
  if (typeof record.servers !== 'string' || record.servers === '') throw bad(file, `${at}.servers`, 'is missing');
  const sasl = record.sasl as Record<string, unknown> | undefined;
  if (sasl !== undefined && sasl.mechanism !== 'DIGEST-MD5' && sasl.mechanism !== 'GSSAPI') {
    throw bad(file, `${at}.sasl.mechanism`, 'must be DIGEST-MD5 or GSSAPI');
  }
  return record as unknown as Context;
}

function checkShape(record: Record<string, unknown>, shape: Shape, file: string, at: string): void {
  refuseUnknown(record, Object.keys(shape), file, `${at}.`);
  for (const [field, kind] of Object.entries(shape)) {
    const value = record[field];
    if (value === undefined) continue;
    if (typeof kind !== 'string') checkShape(asRecord(value, file, `${at}.${field}`), kind, file, `${at}.${field}`);
    else if (!isOfKind(value, kind)) throw bad(file, `${at}.${field}`, `must be ${EXPECTED[kind]}`);
  }
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'flag') return typeof value === 'boolean';
  if (kind === 'text or fields')
    return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
  if (kind === 'texts') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

// A misspelt `protcted: true` must not be read as an unprotected context.
function refuseUnknown(record: Record<string, unknown>, known: readonly string[], file: string, at: string): void {
  for (const field of Object.keys(record)) {
    if (!known.includes(field)) throw bad(file, `${at}${field}`, `is not known; there are: ${known.join(', ')}`);
  }
}

function asRecord(value: unknown, file: string, at: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw bad(file, at, 'must be an object');
}

function bad(file: string, field: string, why: string): UsageError {
  return new UsageError(`${file}: ${field} ${why}`, {
    code: 'BAD_CONTEXTS',
    hint: 'Correct the file; zksh changes nothing in it until then.',
  });
}
