import { type Acl, Perms } from '../protocol/acl.ts';
import { MAX_TTL } from '../protocol/create-mode.ts';
import { UsageError } from '../protocol/errors.ts';
import { validatePath } from '../protocol/paths.ts';
import { decodeBase64 } from './base64.ts';
import { type ExportEnd, type ExportHeader, FORMAT, type UnreadableNode } from './ndjson-format.ts';
import type { NodeKind, TreeNode } from './node-kind.ts';

type Fields = Record<string, unknown>;

/** A line of an export, read. */
export type ExportLine =
  | { readonly type: 'header'; readonly header: ExportHeader }
  | { readonly type: 'end'; readonly end: ExportEnd }
  | { readonly type: 'node'; readonly node: TreeNode | UnreadableNode };

/** Reads lines of an export; ACLs that are alike are one object. */
export class LineParser {
  /** What the header says: a znode must have an ACL, or must have none. */
  acl = false;
  readonly #acls = new Map<string, readonly Acl[]>();

  /** @throws UsageError `BAD_EXPORT` that says what is wrong with the line */
  parse(line: string): ExportLine {
    const fields = parseObject(line);
    if (fields.zksh === undefined) return { type: 'node', node: this.#node(fields) };
    if (fields.zksh === 'export') return { type: 'header', header: headerOf(fields) };
    if (fields.zksh === 'end') return { type: 'end', end: endOf(fields) };
    throw bad(`"zksh" is ${JSON.stringify(fields.zksh)}, neither export nor end`);
  }

  #node(fields: Fields): TreeNode | UnreadableNode {
    for (const name in fields) if (!NODE_FIELDS.has(name)) throw noField(name);
    const { path, data, mode, ttl, owner, acl, stat, unreadable } = fields;
    if (typeof path !== 'string') throw bad('"path" must be a string');
    checkPath(path);
    if (unreadable !== undefined) {
      if (typeof unreadable !== 'string' || Object.keys(fields).length !== 2) {
        throw bad('an unreadable znode has "path" and "unreadable", a string, and nothing else');
      }
      return { path, unreadable };
    }
    if (stat !== undefined && (typeof stat !== 'object' || stat === null)) throw bad('"stat" must be an object');
    return { path, data: dataOf(data), kind: kindOfFields(mode, ttl, owner), acl: this.#acl(acl) };
  }

  #acl(entries: unknown): readonly Acl[] | undefined {
    if ((entries !== undefined) !== this.acl) {
      throw bad(entries === undefined ? 'it has no "acl"' : 'it has an "acl", which the header denies');
    }
    if (entries === undefined || entries === null) return undefined;
    if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'string')) {
      throw bad('"acl" must be null, or a list of strings such as "world:anyone:r"');
    }
    const key = entries.join('\0');
    let acl = this.#acls.get(key);
    if (acl === undefined) {
      acl = entries.map(entryOf);
      if (this.#acls.size < ACLS_KEPT) this.#acls.set(key, acl);
    }
    return acl;
  }
}

const NODE_FIELDS = new Set(['path', 'data', 'mode', 'ttl', 'owner', 'acl', 'stat', 'unreadable']);

/** Trees have a handful of distinct ACLs; one with millions must not fill memory. */
const ACLS_KEPT = 10_000;

/** What a line says is not what a line of an export can say. */
export function bad(why: string, cause?: unknown): UsageError {
  return new UsageError(why, { code: 'BAD_EXPORT', ...(cause === undefined ? {} : { cause }) });
}

function parseObject(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw bad(`it is no JSON (${(error as Error).message})`, error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad('it is no JSON object');
}

/** A field that is misspelt or unknown is something that an import would leave out. */
function refuseOthers(rest: Fields): void {
  for (const name in rest) throw noField(name);
}

function noField(name: string): UsageError {
  return bad(`there is no field ${JSON.stringify(name)}`);
}

function checkPath(path: string): void {
  try {
    validatePath(path);
  } catch (error) {
    throw bad((error as Error).message, error);
  }
}

function headerOf({ zksh: _, format, root, acl, stat, time, zxid, ...rest }: Fields): ExportHeader {
  if (format !== FORMAT) {
    throw new UsageError(`its format is ${JSON.stringify(format)}, and this zksh reads format ${FORMAT}`, {
      code: 'BAD_EXPORT',
      hint: 'A newer zksh wrote it: import it with that one.',
    });
  }
  refuseOthers(rest);
  if (typeof root !== 'string') throw bad('"root" must be a string');
  checkPath(root);
  if (typeof acl !== 'boolean' || typeof stat !== 'boolean') throw bad('"acl" and "stat" must be true or false');
  if (time !== undefined && typeof time !== 'string') throw bad('"time" must be a string');
  return { root, acl, stat, time, zxid: zxid === undefined ? undefined : integer('zxid', zxid) };
}

function endOf({ zksh: _, znodes, unreadable, bytes, sha256, ...rest }: Fields): ExportEnd {
  refuseOthers(rest);
  if (typeof sha256 !== 'string') throw bad('"sha256" must be a string');
  return {
    znodes: count('znodes', znodes),
    unreadable: count('unreadable', unreadable),
    bytes: count('bytes', bytes),
    sha256,
  };
}

function count(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw bad(`"${name}" must be a whole number`);
}

function integer(name: string, value: unknown): bigint {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw bad(`"${name}" must be a whole number as a string`);
}

function dataOf(data: unknown): Buffer | null {
  if (data === null) return null;
  if (typeof data === 'object') {
    for (const name in data) if (name !== 'utf8' && name !== 'base64') throw noField(name);
    const { utf8, base64 } = data as Fields;
    if (typeof utf8 === 'string' && base64 === undefined && utf8.isWellFormed()) return Buffer.from(utf8, 'utf8');
    if (typeof base64 === 'string' && utf8 === undefined) {
      const bytes = decodeBase64(base64);
      if (bytes !== undefined) return bytes;
    }
  }
  throw bad('"data" must be null, {"utf8": "…"} or {"base64": "…"}');
}

function kindOfFields(mode: unknown, ttl: unknown, owner: unknown): NodeKind {
  if (ttl !== undefined && mode !== 'persistent_with_ttl') throw bad('"ttl" goes with mode persistent_with_ttl only');
  if (owner !== undefined && mode !== 'ephemeral') throw bad('"owner" goes with mode ephemeral only');
  switch (mode) {
    case undefined:
    case 'persistent':
      return PERSISTENT;
    case 'container':
      return CONTAINER;
    case 'ephemeral':
      return { mode, owner: integer('owner', owner ?? '0') };
    case 'persistent_with_ttl':
      if (typeof ttl === 'number' && Number.isInteger(ttl) && ttl >= 1 && BigInt(ttl) <= MAX_TTL) {
        return { mode, ttl: BigInt(ttl) };
      }
      throw bad(`"ttl" must be a whole number of milliseconds, 1 to ${MAX_TTL}`);
    default:
      throw bad(`"mode" ${JSON.stringify(mode)} is none of persistent, container, ephemeral, persistent_with_ttl`);
  }
}

const PERSISTENT: NodeKind = { mode: 'persistent' };
const CONTAINER: NodeKind = { mode: 'container' };
const LETTERS = new Map(
  Object.entries({ c: Perms.create, d: Perms.delete, r: Perms.read, w: Perms.write, a: Perms.admin }),
);

/** An id may hold colons, so the scheme ends at the first and the permissions begin after the last. */
function entryOf(entry: string): Acl {
  const [, scheme, id, perms] = /^([^:]+):(.*):([crwda]*|-?\d+)$/s.exec(entry) ?? [];
  if (scheme === undefined || id === undefined || perms === undefined) {
    throw bad(`the ACL entry ${JSON.stringify(entry)} is not scheme:id:perms`);
  }
  if (/\d/.test(perms)) return { scheme, id, perms: Number(perms) | 0 };
  return { scheme, id, perms: [...perms].reduce((bits, letter) => bits | (LETTERS.get(letter) ?? 0), 0) };
}
