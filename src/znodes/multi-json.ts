import type { TransactionOp } from '../client/transaction.ts';
import { type Acl, checkDigestId, Perms, parseAcl } from '../protocol/acl.ts';
import { type CreateMode, createModes, MAX_TTL } from '../protocol/create-mode.ts';
import { UsageError } from '../protocol/errors.ts';
import { decodeBase64 } from './base64.ts';

type Fields = Record<string, unknown>;

const FORM =
  'An operation is {"operation": "create", "path": "/a", "data": "text" | {"base64": "…"} | null, "mode": "ephemeral", "acl": "world:anyone:r", "ttl": 1000}, "set" or "delete" with "version", or "check" with path and version.';

/**
 * Reads one operation of a transaction from a JSON object: what `multi -o json --dry-run` prints, which a program can
 * write without quoting rules.
 *
 * @throws UsageError that names the field
 */
export function parseJsonOperation(
  text: string,
  resolve: (path: string, sequential: boolean) => string,
): TransactionOp {
  const fields = parseObject(text);
  const { operation } = fields;
  switch (operation) {
    case 'create': {
      const { mode, data, ttl, acl } = known(fields, ['data', 'mode', 'acl', 'ttl']);
      const wanted = modeOf(mode);
      return {
        type: 'create',
        path: resolve(pathOf(fields), createModes[wanted].sequential),
        data: data === undefined ? null : dataOf(data),
        mode: wanted,
        ...(acl === undefined ? {} : { acl: aclOf(acl) }),
        ...(ttl === undefined ? {} : { ttl: integer('ttl', ttl, 1, Number(MAX_TTL)) }),
      };
    }
    case 'set': {
      const { data, version } = known(fields, ['data', 'version']);
      if (data === undefined) throw bad('set needs "data"');
      return { type: 'setData', path: resolve(pathOf(fields), false), data: dataOf(data), version: versionOf(version) };
    }
    case 'delete': {
      const { version } = known(fields, ['version']);
      return { type: 'delete', path: resolve(pathOf(fields), false), version: versionOf(version) };
    }
    case 'check': {
      const { version } = known(fields, ['version']);
      if (version === undefined) throw bad('check needs "version"');
      return { type: 'check', path: resolve(pathOf(fields), false), version: versionOf(version) ?? -1 };
    }
    default:
      throw bad(`"operation" must be create, set, delete or check, not ${JSON.stringify(operation)}`);
  }
}

function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(`it is no JSON: ${(error as Error).message}`, error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad('it is no JSON object');
}

/** A misspelt "version" must not turn a guarded write into an unguarded one. */
function known(fields: Fields, names: readonly string[]): Fields {
  const odd = Object.keys(fields).find((name) => !['operation', 'path', ...names].includes(name));
  if (odd !== undefined) throw bad(`${String(fields.operation)} has no field ${JSON.stringify(odd)}`);
  return fields;
}

function pathOf({ path }: Fields): string {
  if (typeof path === 'string') return path;
  throw bad('"path" must be a string');
}

function modeOf(mode: unknown): CreateMode {
  if (mode === undefined) return 'persistent';
  if (typeof mode === 'string' && Object.hasOwn(createModes, mode)) return mode as CreateMode;
  throw bad(`"mode" must be one of ${Object.keys(createModes).join(', ')}`);
}

function dataOf(data: unknown): Uint8Array | null {
  if (data === null) return null;
  if (typeof data === 'string') return Buffer.from(data);
  if (typeof data === 'object') {
    const { utf8, base64, ...rest } = data as Fields;
    if (Object.keys(rest).length === 0) {
      if (typeof utf8 === 'string' && base64 === undefined) return Buffer.from(utf8);
      if (typeof base64 === 'string' && utf8 === undefined) {
        const bytes = decodeBase64(base64);
        if (bytes !== undefined) return bytes;
      }
    }
  }
  throw bad('"data" must be a string, null, {"utf8": "…"} or {"base64": "…"}');
}

function aclOf(acl: unknown): Acl[] {
  if (typeof acl === 'string') return parseAcl(acl);
  if (Array.isArray(acl) && acl.length > 0) {
    return acl.map((entry: unknown): Acl => {
      if (typeof entry === 'string') return parseAcl(entry)[0] ?? { perms: 0, scheme: '', id: '' };
      const { perms, scheme, id } = (entry ?? {}) as Fields;
      if (typeof scheme !== 'string' || typeof id !== 'string') throw bad('an "acl" entry needs scheme, id and perms');
      checkDigestId({ scheme, id });
      return { perms: integer('perms', perms, 1, Perms.all), scheme, id };
    });
  }
  throw bad('"acl" must be text such as "world:anyone:r", or a list');
}

function versionOf(version: unknown): number | undefined {
  return version === undefined ? undefined : integer('version', version, -1, 0x7fffffff);
}

function integer(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(`"${name}" must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
}

function bad(why: string, cause?: unknown): UsageError {
  return new UsageError(why, { hint: FORM, ...(cause === undefined ? {} : { cause }) });
}
