import type { Client } from '../client/client.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError } from '../protocol/server-errors.ts';
import { isMasked } from './masked-acl.ts';
import type { ExportEnd } from './ndjson-format.ts';
import type { ExportWriter } from './ndjson-writer.ts';
import { atRoot, treeNodes } from './tree-nodes.ts';

export interface ExportOptions {
  signal?: AbortSignal | undefined;
  acl: boolean;
  /** A Stat as JSON: each line gets it, and the header the zxid and the time, RFC 3339. */
  stat?: { json(stat: Stat): unknown; time: string } | undefined;
  oneByOne?: boolean | undefined;
  /** Told of a znode that could not be read. */
  unreadable?: ((path: string, code: string) => void) | undefined;
  /** Told of a znode whose ACL has password hashes that the server hides: only its data is in the export. */
  hiddenAcl?: ((path: string) => void) | undefined;
  /** Told how many znodes, and how many bytes of data, are written. */
  progress?: ((znodes: number, bytes: number) => void) | undefined;
}

/** What an export holds, and how far it is from a snapshot. */
export interface ExportReport extends ExportEnd {
  readonly root: string;
  /** Znodes that were listed and then gone. */
  readonly vanished: number;
  /** Znodes that were created or written after the export had begun. */
  readonly changed: number;
  /** Znodes whose ACL could not be seen whole, and is not in the export. */
  readonly hiddenAcls: number;
}

/**
 * Writes a tree as an export. Each znode is as it was when it was read, not all at one time: what came, went or changed
 * since the beginning is counted.
 *
 * @throws ServerError `NO_NODE`, and `NO_AUTH` for the root; what else the ACL hides is named in the export
 */
export async function exportTree(
  client: Client,
  root: string,
  writer: ExportWriter,
  options: ExportOptions,
): Promise<ExportReport> {
  const { signal, acl, oneByOne, stat: wanted } = options;
  const zxid = await newestZxid(client, root, signal);
  let vanished = 0;
  let changed = 0;
  let hiddenAcls = 0;
  const nodes = treeNodes(client, root, { signal, acl, oneByOne, vanished: () => vanished++ });
  writer.header({ root, acl, stat: wanted !== undefined, ...(wanted && { time: wanted.time, zxid }) });
  for await (const batch of nodes) {
    for (const node of batch) {
      if ('unreadable' in node) {
        writer.unreadable(node.path, node.unreadable);
        options.unreadable?.(atRoot(root, node.path), node.unreadable);
        continue;
      }
      if (node.stat.mzxid > zxid) changed += 1;
      const hidden = node.acl !== undefined && isMasked(node.acl);
      if (hidden) {
        hiddenAcls += 1;
        options.hiddenAcl?.(atRoot(root, node.path));
      }
      const full = writer.node(
        hidden ? { ...node, acl: null } : node,
        wanted && JSON.stringify(wanted.json(node.stat)),
      );
      if (full) await writer.flush();
    }
    options.progress?.(writer.znodes, writer.bytes);
  }
  return { root, vanished, changed, hiddenAcls, ...(await writer.end()) };
}

/** Brings the server up to date, so that nothing acknowledged before is missing, and tells how far it is. */
async function newestZxid(client: Client, root: string, signal: AbortSignal | undefined): Promise<bigint> {
  try {
    await client.sync(root, { signal });
  } catch (error) {
    // A server cut off from the quorum can't; it was asked for with --read-only.
    if (!isServerError(error, Errno.notReadOnly)) throw error;
  }
  return client.lastZxid;
}
