import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { isAtOrBelow, parentOf } from '../../src/protocol/paths.ts';
import { type DuOptions, du } from '../../src/znodes/du.ts';
import { fill } from '../../src/znodes/fill.ts';
import { FillPlan } from '../../src/znodes/fill-plan.ts';
import { type Visited, walk } from '../../src/znodes/walk.ts';
import { wide } from '../../src/znodes/wide.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedRelease } from '../support/ensembles.ts';

const EVERY: DuOptions = { maxDepth: 99, threshold: 0, order: 'name', top: Number.POSITIVE_INFINITY };
const PLAN = new FillPlan({
  root: '/sums',
  random: true,
  count: 600,
  size: { min: 0, max: 500 },
  ephemerals: 0.2,
  containers: 0.1,
  sequential: 0.2,
  seed: 'sums',
  prefix: 'ä',
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** By definition: for each znode look at all others. */
function defined(visited: readonly Visited[]) {
  return visited.map(({ path, stat }) => {
    const tree = visited.filter((other) => isAtOrBelow(other.path, path));
    const children = visited.filter((other) => other.path !== path && parentOf(other.path) === path);
    return {
      path,
      depth: path.split('/').length - 2,
      own: stat?.dataLength,
      znodes: tree.length,
      bytes: tree.reduce((sum, at) => sum + (at.stat?.dataLength ?? 0), 0),
      ephemerals: tree.filter((at) => at.stat?.ephemeralOwner !== 0n).length,
      children: children.length,
      nameBytes: children.reduce((sum, at) => sum + Buffer.byteLength(at.path) - Buffer.byteLength(path) - 1, 0),
    };
  });
}

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);

async function sumsAndDefinition(client: Client, oneByOne: boolean): Promise<void> {
  const expected = defined(await all(walk(client, '/sums', { stat: true })));
  const subtrees = await all(du(client, '/sums', { ...EVERY, oneByOne }));
  expect(subtrees.toSorted(byPath)).toEqual(expected.toSorted(byPath));
  expect(subtrees.at(-1)).toMatchObject({ path: '/sums', znodes: 601 });
  const largest = expected.filter(({ depth }) => depth > 0).sort((a, b) => b.bytes - a.bytes);
  const top = await all(du(client, '/sums', { ...EVERY, oneByOne, order: 'size', top: 10 }));
  expect(top.slice(0, -1).map(({ bytes }) => bytes)).toEqual(largest.slice(0, 10).map(({ bytes }) => bytes));
  const widest = expected.toSorted((a, b) => b.children - a.children).slice(0, 10);
  const found = await all(wide(client, '/sums', { top: 10, min: 1, oneByOne }));
  expect(found.map(({ children }) => children)).toEqual(widest.map(({ children }) => children));
  for (const { path, nameBytes } of found) {
    expect([path, nameBytes]).toEqual([path, expected.find((at) => at.path === path)?.nameBytes]);
  }
}

const maven = await mavenIsThere();

describe('the sums of subtrees', () => {
  const zk = useChroot('sums');

  beforeAll(() => fill(zk.client, PLAN));

  it('are what their definition gives', () => sumsAndDefinition(zk.client, false));

  it('are the same one request at a time', () => sumsAndDefinition(zk.client, true));

  it.skipIf(!maven)('are the same on a server before 3.6', { timeout: 120_000 }, async () => {
    const client = await connect((await sharedRelease('3.5.10')).connectString);
    await fill(client, PLAN);
    await sumsAndDefinition(client, false);
    await client.close();
  });

  it('come children first, and are told of as they are added up', async () => {
    const told: number[] = [];
    const seen = new Set<string>();
    for await (const { path } of du(zk.client, '/sums', { ...EVERY, progress: (n) => told.push(n) })) {
      expect(seen.has(parentOf(path))).toBe(false);
      seen.add(path);
    }
    expect(told.at(-1)).toBe(601);
  });
});
