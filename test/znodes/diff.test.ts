import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiffSide, diffTrees, type TreeChange } from '../../src/znodes/diff.ts';
import type { UnreadableNode } from '../../src/znodes/ndjson-format.ts';
import type { TreeNode } from '../../src/znodes/node-kind.ts';
import { OPEN, READ_ONLY, treeOf } from '../support/trees.ts';

type Node = TreeNode | UnreadableNode;

function node(path: string, more: Partial<TreeNode> = {}): TreeNode {
  return { path, data: null, kind: { mode: 'persistent' }, acl: OPEN, ...more };
}

async function* batchesOf(nodes: readonly Node[], size: number): AsyncGenerator<readonly Node[]> {
  for (let at = 0; at < nodes.length; at += size) yield nodes.slice(at, at + size);
}

function side(nodes: readonly Node[], { size = 3, acl = true } = {}): DiffSide {
  return { root: '/', acl, batches: batchesOf(nodes, size) };
}

async function changes(a: DiffSide, b: DiffSide, ephemerals = true): Promise<TreeChange[]> {
  const found: TreeChange[] = [];
  for await (const change of diffTrees(a, b, { ephemerals })) found.push(change);
  return found;
}

const brief = (change: TreeChange) =>
  [change.type, change.path, ...('differs' in change ? change.differs : [])].join(' ');

const tree = treeOf({
  kind: fc.constantFrom({ mode: 'persistent' } as const, { mode: 'ephemeral', owner: 7n } as const),
  acl: fc.constantFrom(OPEN, READ_ONLY),
});

describe('the difference of two trees', () => {
  it('is what a comparison path by path finds, in order, whatever the sizes of the batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        tree,
        tree,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        async (a, b, m, n) => {
          const [left, right] = [new Map(a.map((one) => [one.path, one])), new Map(b.map((one) => [one.path, one]))];
          const expected: string[] = [];
          const paths = [...new Set([...left.keys(), ...right.keys()])];
          const key = (path: string) => path.slice(1).replaceAll('/', '\0');
          for (const path of paths.sort((x, y) => (key(x) < key(y) ? -1 : 1))) {
            const [one, other] = [left.get(path), right.get(path)];
            if (one === undefined) expected.push(`added ${path}`);
            else if (other === undefined) expected.push(`removed ${path}`);
            else {
              const differs = [
                ...(JSON.stringify(one.data) === JSON.stringify(other.data) ? [] : ['data']),
                ...(one.kind.mode === other.kind.mode ? [] : ['mode']),
                ...(one.acl === other.acl ? [] : ['acl']),
              ];
              if (differs.length > 0) expected.push(['changed', path, ...differs].join(' '));
            }
          }
          expect((await changes(side(a, { size: m }), side(b, { size: n }))).map(brief)).toEqual(expected);
          expect(await changes(side(a, { size: m }), side(a, { size: n }))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells never set from empty, and one order of ACL entries from none', async () => {
    const entries = [...READ_ONLY, { scheme: 'ip', id: '127.0.0.1', perms: 31 }];
    const a = [node('/'), node('/a'), node('/b', { acl: entries })];
    const b = [node('/'), node('/a', { data: Buffer.alloc(0) }), node('/b', { acl: entries.toReversed() })];
    expect((await changes(side(a), side(b))).map(brief)).toEqual(['changed /a data']);
  });

  it('does not take for one what a server can not tell: containers and times to live look persistent', async () => {
    const a = [
      node('/', { kind: { mode: 'container' } }),
      node('/a', { kind: { mode: 'persistent_with_ttl', ttl: 5n } }),
    ];
    expect(await changes(side(a), side([node('/'), node('/a')]))).toEqual([]);
    expect((await changes(side(a), side([node('/'), node('/a', { kind: { mode: 'container' } })]))).map(brief)).toEqual(
      ['changed /a mode'],
    );
  });

  it('says what a side can not show, and nothing of what is below', async () => {
    const a = [node('/'), { path: '/a', unreadable: 'NO_AUTH' }, node('/b')];
    const b = [node('/'), node('/a'), node('/a/x'), node('/b'), node('/c')];
    expect((await changes(side(a), side(b))).map(brief)).toEqual(['unreadable /a', 'added /c']);
    expect((await changes(side(b), side(a))).map(brief)).toEqual(['unreadable /a', 'removed /c']);
    const hidden = [node('/'), node('/a', { acl: undefined, data: Buffer.from('x') })];
    expect((await changes(side(hidden), side([node('/'), node('/a')]))).map(brief)).toEqual([
      'changed /a data',
      'unreadable /a',
    ]);
  });

  it('compares no ACLs where a side has none, and no ephemerals where they do not count', async () => {
    const a = [node('/'), node('/a', { acl: undefined })];
    const b = [node('/'), node('/a', { acl: READ_ONLY }), node('/e', { kind: { mode: 'ephemeral', owner: 1n } })];
    expect((await changes(side(a, { acl: false }), side(b))).map(brief)).toEqual(['added /e']);
    expect(await changes(side(a, { acl: false }), side(b), false)).toEqual([]);
  });

  it('ends both sides when one fails', async () => {
    let ended = 0;
    async function* endless(): AsyncGenerator<readonly Node[]> {
      try {
        for (let i = 1000; ; i++) yield [node(`/n${i}`)];
      } finally {
        ended += 1;
      }
    }
    async function* failing(): AsyncGenerator<readonly Node[]> {
      yield [node('/')];
      throw new Error('gone');
    }
    const from = { root: '/', acl: true, batches: endless() };
    await expect(changes(from, { root: '/', acl: true, batches: failing() })).rejects.toThrow('gone');
    expect(ended).toBe(1);
  });
});
