import { type AclEntryJson, aclJson } from '../output/acl.ts';
import type { Style } from '../output/style.ts';
import type { TreeChange } from '../znodes/diff.ts';
import type { NodeKind, TreeNode } from '../znodes/node-kind.ts';
import type { Difference } from '../znodes/tree-difference.ts';
import { atRoot } from '../znodes/tree-nodes.ts';

interface Both<T> {
  readonly from: T;
  readonly to: T;
}

/** One difference between two trees in JSON. A contract. */
export interface ChangeJson {
  readonly change: TreeChange['type'];
  /** From the roots of the two trees. */
  readonly path: string;
  /** The whole path in the first tree; absent where it has none. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly differs?: readonly Difference[] | undefined;
  /** Of the data; null where none was ever set. */
  readonly bytes?: Partial<Both<number | null>> | undefined;
  readonly mode?: Both<NodeKind['mode']> | undefined;
  readonly acl?: Both<readonly AclEntryJson[]> | undefined;
  /** The lines of text that differ, as `diff -U0` writes them. */
  readonly lines?: readonly string[] | undefined;
  readonly code?: string | undefined;
}

/** @param lines what to show of the data */
export function changeJson(change: TreeChange, from: string, to: string, lines?: readonly string[]): ChangeJson {
  const { type, path } = change;
  const whole = { from: atRoot(from, path), to: atRoot(to, path) };
  switch (type) {
    case 'added':
      return { change: type, path, to: whole.to, bytes: { to: sizeOf(change.to) } };
    case 'removed':
      return { change: type, path, from: whole.from, bytes: { from: sizeOf(change.from) } };
    case 'unreadable':
      return { change: type, path, ...whole, code: change.code };
    case 'changed': {
      const { differs, from: a, to: b } = change;
      const only = <T>(what: Difference, value: T) => (differs.includes(what) ? value : undefined);
      return {
        change: type,
        path,
        ...whole,
        differs,
        bytes: only('data', { from: sizeOf(a), to: sizeOf(b) }),
        mode: only('mode', { from: a.kind.mode, to: b.kind.mode }),
        acl: only('acl', { from: aclJson(a.acl ?? []), to: aclJson(b.acl ?? []) }),
        lines,
      };
    }
  }
}

const SIGNS = { added: '+', removed: '-', changed: '~', unreadable: '?' } as const;
const ROLES = { added: 'good', removed: 'bad', changed: 'warn', unreadable: 'dim' } as const;

/** `~ /a/x data (12 -> 14 bytes), acl (… -> …)`, and below it the lines that differ. */
export function changeText(change: ChangeJson, style: Style): string {
  const { change: type, from, to, bytes, mode, acl, code, lines = [] } = change;
  const what: string[] = [];
  if (type === 'added') what.push(`(${size(bytes?.to)})`);
  if (type === 'removed') what.push(`(${size(bytes?.from)})`);
  if (code !== undefined) what.push(code);
  const parts: string[] = [];
  if (type === 'changed') {
    if (bytes !== undefined) parts.push(dataText(bytes));
    if (mode !== undefined) parts.push(`mode (${mode.from} -> ${mode.to})`);
    if (acl !== undefined) parts.push(`acl (${style.name(aclText(acl.from))} -> ${style.name(aclText(acl.to))})`);
  }
  const head = `${style.paint(ROLES[type], SIGNS[type])} ${style.name(from ?? to ?? '')} ${[...what, parts.join(', ')].join(' ').trim()}`;
  const shown = lines.map((line) => {
    const role = line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'dim';
    return `    ${style.paint(role, style.name(line))}`;
  });
  return [head, ...shown].join('\n');
}

function sizeOf({ data }: TreeNode): number | null {
  return data?.length ?? null;
}

function size(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return 'never set';
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

function dataText({ from, to }: Partial<Both<number | null>>): string {
  if (from === to) return `data (${size(to)})`;
  if (typeof from === 'number' && typeof to === 'number') return `data (${from} -> ${size(to)})`;
  return `data (${size(from)} -> ${size(to)})`;
}

function aclText(acl: readonly AclEntryJson[]): string {
  return acl.map(({ scheme, id, perms }) => `${scheme}:${id}:${perms}`).join(',');
}
