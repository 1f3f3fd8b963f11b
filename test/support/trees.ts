import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { Client } from '../../src/client/client.ts';
import type { Acl } from '../../src/protocol/acl.ts';
import { type ExportOptions, exportTree } from '../../src/znodes/export.ts';
import { type ImportOptions, type ImportReport, importTree } from '../../src/znodes/import.ts';
import { exportStream, type ImportSource } from '../../src/znodes/import-source.ts';
import { ExportWriter } from '../../src/znodes/ndjson-writer.ts';
import type { TreeNode } from '../../src/znodes/node-kind.ts';

export const OPEN: readonly Acl[] = [{ scheme: 'world', id: 'anyone', perms: 31 }];
export const READ_ONLY: readonly Acl[] = [{ scheme: 'world', id: 'anyone', perms: 1 }];

/** Names with all that a server takes: spaces, quotes, dots, what sorts before a slash, combining and other letters. */
export const nodeName: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
    fc.constantFrom(
      'a',
      'a b',
      ' ',
      "'",
      '"',
      '\\',
      'a.b',
      '...',
      '!',
      'e\u0301',
      '\u00e9',
      '日本',
      '$(x)',
      '\u202eabc',
      '-',
    ),
  )
  .map((text) => {
    const kept = text.replaceAll(/[/\0-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff]/g, '~');
    return kept === '.' || kept === '..' ? `${kept}a` : kept;
  });

const nodeData: fc.Arbitrary<Buffer | null> = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.from('\ufeffbom'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('{"zksh":"end"}\n'),
  ),
);

/** A tree in depth-first order, each znode with its parent before it. */
export function treeOf(parts: { kind: fc.Arbitrary<TreeNode['kind']>; acl: fc.Arbitrary<readonly Acl[]> }) {
  const one = fc.tuple(fc.array(nodeName, { minLength: 1, maxLength: 4 }), nodeData, parts.kind, parts.acl);
  return fc.array(one, { maxLength: 12 }).map((found) => {
    const nodes = new Map<string, TreeNode>([
      ['/', { path: '/', data: null, kind: { mode: 'persistent' }, acl: OPEN }],
    ]);
    for (const [names, data, kind, acl] of found) {
      names.forEach((_, i) => {
        const path = `/${names.slice(0, i + 1).join('/')}`;
        if (!nodes.has(path)) nodes.set(path, { path, data, kind, acl });
      });
    }
    const key = ({ path }: TreeNode) => path.slice(1).replaceAll('/', '\0');
    return [...nodes.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  });
}

/** Creates a tree; ephemerals that have children become persistent. */
export async function plantTree(client: Client, root: string, nodes: readonly TreeNode[]): Promise<void> {
  for (const { path, data, kind, acl } of nodes) {
    const leaf = !nodes.some((other) => other.path.startsWith(`${path}/`));
    const mode = kind.mode === 'ephemeral' && !leaf ? 'persistent' : kind.mode;
    const ttl = mode === 'persistent_with_ttl' && 'ttl' in kind ? kind.ttl : undefined;
    await client.create(path === '/' ? root : root + path, data, { mode, ttl, ...(acl && { acl }) });
  }
}

/** The bytes of an export of it. */
export async function exported(client: Client, root: string, options: Partial<ExportOptions> = {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const writer = new ExportWriter({ write: async (bytes) => void chunks.push(bytes) });
  await exportTree(client, root, writer, { acl: true, ...options });
  return Buffer.concat(chunks);
}

/** The lines of the znodes: all that two exports of the same tree have in common. */
export function nodeLines(bytes: Buffer): string[] {
  return bytes.toString().trimEnd().split('\n').slice(1, -1);
}

export function sourceOf(bytes: Buffer, verify = true): ImportSource {
  return {
    ...exportStream(Readable.from([bytes]), verify),
    open: () => exportStream(Readable.from([bytes]), verify).open(),
  };
}

export function imported(
  client: Client,
  bytes: Buffer,
  root: string,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return importTree(client, sourceOf(bytes), root, {
    existing: 'compare',
    ephemerals: 'skip',
    prune: false,
    ...options,
  });
}
