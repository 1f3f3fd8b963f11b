import { isUtf8 } from 'node:buffer';
import { type Acl, formatPerms, Perms } from '../protocol/acl.ts';
import type { NodeKind, TreeNode } from './node-kind.ts';

/*
 * An export is NDJSON: a header, a line a znode, an end.
 *
 *   {"zksh":"export","format":1,"root":"/app","acl":true,"stat":false}
 *   {"path":"/","data":null,"acl":["world:anyone:cdrwa"]}
 *   {"path":"/a","data":{"utf8":"text"},"acl":["digest:ann:HASH=:cdrwa","ip:10.0.0.0/8:r"]}
 *   {"path":"/a/t","data":{"base64":"/w=="},"mode":"persistent_with_ttl","ttl":60000,"acl":[…]}
 *   {"path":"/b","data":{"utf8":""},"mode":"ephemeral","owner":"72057594037927936","acl":[…]}
 *   {"path":"/c","unreadable":"NO_AUTH"}
 *   {"path":"/d","data":null,"acl":null}
 *   {"zksh":"end","znodes":5,"unreadable":1,"bytes":5,"sha256":"…"}
 *
 * - Paths count from the exported root, which is "/", so that a tree can be imported elsewhere. Lines are in depth-first
 *   order, siblings by UTF-16 code unit: a reader never needs more than one line, and two exports can be merged.
 * - Nothing in a znode's line changes by itself, so two exports of the same tree have the same lines. With --stat each
 *   line has the Stat, and the header the time and the zxid; an import does not use them.
 * - "mode" is left out where it is "persistent", and where nobody can tell: servers show containers and znodes with a
 *   time to live as persistent ones. "data" null was never set; {"utf8":""} is empty.
 * - An ACL is a list of zkCli's entries, one a string: ids may hold commas, so they can't be joined by them. It is null
 *   where the server hid password hashes in it.
 * - Every line stands for itself, so that grep, jq and diff are of use; a table of ACLs would save what gzip saves.
 * - "sha256" is over all bytes before the last line; "bytes" are those of data.
 */

/** The number that a change of the format nobody could read before would raise. */
export const FORMAT = 1;

/** The first line. */
export interface ExportHeader {
  readonly root: string;
  /** The lines have ACLs. */
  readonly acl: boolean;
  readonly stat: boolean;
  /** RFC 3339, by the clock of who exported. */
  readonly time?: string | undefined;
  /** The newest that the session had seen when the export began. */
  readonly zxid?: bigint | undefined;
}

/** A line of a znode that the ACL hid from who exported; nothing is known of it or of what is below it. */
export interface UnreadableNode {
  readonly path: string;
  /** The server's answer, such as `NO_AUTH`. */
  readonly unreadable: string;
}

/** A znode whose ACL has password hashes in it that the server hid from who exported. */
export type HiddenAclNode = Omit<TreeNode, 'acl'> & { readonly acl: null };

/** The last line. */
export interface ExportEnd {
  readonly znodes: number;
  readonly unreadable: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** How the lines of ours begin, those that are no znodes. */
export const OWN_LINE = '{"zksh":';

export function headerLine({ root, acl, stat, time, zxid }: ExportHeader): string {
  return `${JSON.stringify({ zksh: 'export', format: FORMAT, root, acl, stat, time, zxid: zxid?.toString() })}\n`;
}

export function endLine({ znodes, unreadable, bytes, sha256 }: ExportEnd): string {
  return `${JSON.stringify({ zksh: 'end', znodes, unreadable, bytes, sha256 })}\n`;
}

export function unreadableLine({ path, unreadable }: UnreadableNode): string {
  return `${JSON.stringify({ path, unreadable })}\n`;
}

/** @param stat the Stat as JSON, where lines are to have it */
export function nodeLine({ path, data, kind, acl }: TreeNode | HiddenAclNode, stat?: string): string {
  // Put together by hand: a million lines through one JSON.stringify of objects take twice as long.
  return `{"path":${JSON.stringify(path)},"data":${dataText(data)}${kindText(kind)}${
    acl === undefined ? '' : `,"acl":${aclText(acl)}`
  }${stat === undefined ? '' : `,"stat":${stat}`}}\n`;
}

function dataText(data: Uint8Array | null): string {
  if (data === null) return 'null';
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (isUtf8(bytes)) return `{"utf8":${JSON.stringify(bytes.toString('utf8'))}}`;
  return `{"base64":"${bytes.toString('base64')}"}`;
}

function kindText(kind: NodeKind): string {
  switch (kind.mode) {
    case 'persistent':
      return '';
    case 'container':
      return ',"mode":"container"';
    case 'persistent_with_ttl':
      return `,"mode":"persistent_with_ttl","ttl":${kind.ttl}`;
    case 'ephemeral':
      return `,"mode":"ephemeral","owner":"${kind.owner}"`;
  }
}

function aclText(acl: readonly Acl[] | null): string {
  return acl === null ? 'null' : JSON.stringify(acl.map(aclEntry));
}

/** Servers take any number for permissions and keep it; what letters can't say stays a number. */
function aclEntry({ scheme, id, perms }: Acl): string {
  return `${scheme}:${id}:${(perms & ~Perms.all) === 0 ? formatPerms(perms) : perms}`;
}
