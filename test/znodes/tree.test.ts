import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { parentOf } from '../../src/protocol/paths.ts';
import type { Stat } from '../../src/protocol/records.ts';
import { fill } from '../../src/znodes/fill.ts';
import { FillPlan } from '../../src/znodes/fill-plan.ts';
import { type TreeItem, type TreeOptions, tree } from '../../src/znodes/tree.ts';
import { branches, ListedChildren } from '../../src/znodes/tree-branches.ts';
import { comparePaths, type Visited } from '../../src/znodes/walk.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedRelease } from '../support/ensembles.ts';
import { nodeName } from '../support/trees.ts';

const ALL: TreeOptions = {
  maxDepth: Number.POSITIVE_INFINITY,
  limit: Number.POSITIVE_INFINITY,
  leaves: true,
  totals: false,
};

const NO_DATA = { random: false, size: { min: 0, max: 0 }, ephemerals: 0, containers: 0, sequential: 0, seed: '1' };

/** As it would be drawn in ASCII. */
function line(item: TreeItem): string {
  const rails = Array.from(item.rails, (at) => (at === '|' ? '|  ' : '   ')).join('');
  if (item.type === 'rest') {
    return `${rails}\`- …${item.more} more, ${item.leaves} leaves, ${item.gone} gone`;
  }
  const branch = item.depth === 0 ? '' : item.last ? '`- ' : '|- ';
  const totals = item.totals === undefined ? '' : ` ${item.totals.znodes}/${item.totals.bytes}`;
  return `${rails}${branch}${item.name}${totals}${item.cut ? ' +' : ''}`;
}

async function drawn(client: Client, root: string, options: Partial<TreeOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const item of tree(client, root, { ...ALL, ...options })) lines.push(line(item));
  return lines;
}

const stat = (numChildren: number) => ({ numChildren, dataLength: 1, ephemeralOwner: 0n }) as Stat;

/** The walk of a tree as its listings would make it, some of what was listed being gone when it is come to. */
function walkOf(paths: ReadonlySet<string>, gone: ReadonlySet<string>, listed: ListedChildren): Visited[] {
  const childrenOf = (path: string) =>
    [...paths].filter((at) => at !== '/' && parentOf(at) === path).sort(comparePaths);
  const below = (path: string): Visited[] => {
    if (gone.has(path)) return [];
    const children = childrenOf(path);
    const kept = children.filter((child) => !listed.skip(child));
    return [{ path, stat: stat(children.length) }, ...kept.flatMap(below)];
  };
  return below('/');
}

describe('the branches of a tree', () => {
  const pathSets = fc.array(fc.array(nodeName, { minLength: 1, maxLength: 5 }), { maxLength: 30 }).map((found) => {
    const paths = new Set(['/']);
    for (const names of found) for (const i of names.keys()) paths.add(`/${names.slice(0, i + 1).join('/')}`);
    return paths;
  });
  const options = fc.record({
    limit: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
    leaves: fc.boolean(),
    lost: fc.array(fc.nat(40), { maxLength: 5 }),
  });

  it('lead somewhere: below each line that goes on there is one that ends it, whatever goes away meanwhile', async () => {
    const property = fc.asyncProperty(pathSets, options, async (paths, { limit, leaves, lost }) => {
      const gone = new Set([...paths].filter((path, i) => path !== '/' && lost.includes(i)));
      const listed = new ListedChildren(limit);
      const walked = walkOf(paths, gone, listed);
      const items: TreeItem[] = [];
      const wanted = { leaves, maxDepth: Number.POSITIVE_INFINITY, listed: (path: string) => listed.take(path) };
      for await (const item of branches([walked], wanted)) items.push(item);
      /** The rails of each depth that have to be ended before the line above them comes to its end. */
      let going: string[] = [];
      for (const item of items) {
        const isLast = item.type === 'rest' || item.last;
        // A line is to the right of the rails of those branches above it that go on, and of no other.
        expect(item.rails.length).toBe(Math.max(0, item.depth - 1));
        expect(Array.from(item.rails)).toEqual(going.slice(1, item.depth));
        expect(going.slice(item.depth + 1).every((rail) => rail === ' ')).toBe(true);
        going = [...going.slice(0, item.depth), isLast || item.depth === 0 ? ' ' : '|'];
      }
      expect(going.every((rail) => rail === ' ')).toBe(true);
      const shown = items.flatMap((item) => (item.type === 'znode' ? [item.path] : []));
      expect(shown).toEqual(
        walked.filter(({ path, stat: at }) => leaves || path === '/' || at?.numChildren !== 0).map(({ path }) => path),
      );
    });
    await fc.assert(property);
  });
});

const maven = await mavenIsThere();

async function plant(client: Client, root: string): Promise<void> {
  for (const name of ['', '/a', '/a/x', '/a/y', '/a/y/deep', '/b', '/c', '/c/z']) {
    await client.create(root + name, name.length > 0 ? 'four' : null);
  }
}

const WHOLE = ['/t', '|- a', '|  |- x', '|  `- y', '|     `- deep', '|- b', '`- c', '   `- z'];

describe('a tree', () => {
  const zk = useChroot('tree');

  beforeAll(() => plant(zk.client, '/t'));

  it('has every znode below its parent, the last child without a rail', async () => {
    expect(await drawn(zk.client, '/t')).toEqual(WHOLE);
    expect(await drawn(zk.client, '/t', { oneByOne: true })).toEqual(WHOLE);
    expect(await drawn(zk.client, '/')).toEqual(['/', '`- t', ...WHOLE.slice(1).map((at) => `   ${at}`)]);
    expect(await drawn(zk.client, '/t/b')).toEqual(['/t/b']);
  });

  it('ends where it is as deep as was asked for, and says where there is more', async () => {
    expect(await drawn(zk.client, '/t', { maxDepth: 1 })).toEqual(['/t', '|- a +', '|- b', '`- c +']);
    expect(await drawn(zk.client, '/t', { maxDepth: 0 })).toEqual(['/t +']);
  });

  it('shows so many children and counts the others', async () => {
    expect(await drawn(zk.client, '/t', { limit: 1 })).toEqual([
      '/t',
      '|- a',
      '|  |- x',
      '|  `- …1 more, 0 leaves, 0 gone',
      '`- …2 more, 0 leaves, 0 gone',
    ]);
  });

  it('leaves out znodes without children', async () => {
    expect(await drawn(zk.client, '/t', { leaves: false })).toEqual([
      '/t',
      '|- a',
      '|  |- y',
      '|  |  `- …0 more, 1 leaves, 0 gone',
      '|  `- …0 more, 1 leaves, 0 gone',
      '|- c',
      '|  `- …0 more, 1 leaves, 0 gone',
      '`- …0 more, 1 leaves, 0 gone',
    ]);
  });

  it('has totals of all that is below, shown or not', async () => {
    expect(await drawn(zk.client, '/t', { totals: true })).toEqual([
      '/t 8/28',
      '|- a 4/16',
      '|  |- x 1/4',
      '|  `- y 2/8',
      '|     `- deep 1/4',
      '|- b 1/4',
      '`- c 2/8',
      '   `- z 1/4',
    ]);
    expect(await drawn(zk.client, '/t', { totals: true, maxDepth: 1, limit: 2 })).toEqual([
      '/t 8/28',
      '|- a 4/16 +',
      '|- b 1/4',
      '`- …1 more, 0 leaves, 0 gone',
    ]);
  });

  it('draws an end to a branch whose last children go away meanwhile', async () => {
    await plant(zk.client, '/going');
    const racing = new Proxy(zk.client, {
      get: (client, name) => {
        const value = Reflect.get(client, name, client);
        if (name !== 'multiRead') return typeof value === 'function' ? value.bind(client) : value;
        return async (ops: readonly { type: string; path: string }[], options: object) => {
          const wanted = ops.some(({ type, path }) => type === 'getData' && path === '/going/c');
          if (wanted) for (const path of ['/going/c/z', '/going/c']) await client.delete(path);
          return value.call(client, ops, options);
        };
      },
    });
    const vanished: string[] = [];
    expect(await drawn(racing, '/going', { vanished: (path) => vanished.push(path) })).toEqual([
      '/going',
      ...WHOLE.slice(1, -2),
      '`- …0 more, 0 leaves, 1 gone',
    ]);
    expect(vanished).toEqual(['/going/c']);
  });

  it('is the same on a chain of a thousand levels', { timeout: 180_000 }, async () => {
    await fill(zk.client, new FillPlan({ ...NO_DATA, root: '/chain', depth: 1000, fanout: 1, prefix: 'd' }));
    const lines = await drawn(zk.client, '/chain');
    expect(lines).toHaveLength(1001);
    expect(lines.at(-1)).toBe(`${'   '.repeat(999)}\`- d0`);
  });

  it.skipIf(!maven)('is the same on a server before 3.6', { timeout: 120_000 }, async () => {
    const client = await connect((await sharedRelease('3.5.10')).connectString);
    await plant(client, '/t');
    expect(await drawn(client, '/t')).toEqual(WHOLE);
    expect((await drawn(client, '/t', { totals: true }))[0]).toBe('/t 8/28');
    await client.close();
  });
});
