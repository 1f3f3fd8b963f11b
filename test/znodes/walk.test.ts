import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { comparePaths, type WalkOptions, walk } from '../../src/znodes/walk.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedRelease } from '../support/ensembles.ts';

async function walked(client: Client, root: string, options?: WalkOptions): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of walk(client, root, options)) paths.push(path);
  return paths;
}

/** The order by definition: one request after the other. */
async function ordered(client: Client, path: string): Promise<string[]> {
  const below = async (parent: string): Promise<string[]> => {
    const { children } = await client.getChildren(parent);
    const paths = children.sort().map((name) => (parent === '/' ? `/${name}` : `${parent}/${name}`));
    const deeper: string[] = [];
    for (const child of paths) deeper.push(...(await below(child)));
    return [...paths, ...deeper];
  };
  return [path, ...(await below(path))];
}

/** A tree of every shape: bushy at the top, with names that sort around the slash, and one long branch. */
async function plant(client: Client, root: string): Promise<void> {
  const paths = [root];
  for (let i = 0; i < 25; i++) {
    const top = `${root}/${['a', 'a-b', 'a.b', 'A', 'ä'][i % 5]}${i}`;
    paths.push(top);
    for (let j = 0; j < (i * 7) % 40; j++) {
      paths.push(`${top}/n${j}`);
      if (j % 3 === 0) paths.push(`${top}/n${j}/x`, `${top}/n${j}/x!`, `${top}/n${j}/x/y`);
    }
  }
  let deep = `${root}/a0`;
  for (let i = 0; i < 60; i++) {
    deep += `/d${i}`;
    paths.push(deep);
  }
  for (let i = 0; i < paths.length; i += 200) {
    await client.multi(paths.slice(i, i + 200).map((path) => ({ type: 'create', path, data: 'x'.repeat(i % 50) })));
  }
}

const maven = await mavenIsThere();

describe('a walk', () => {
  const zk = useChroot('walk');

  it.each([
    ['without stats', {}],
    ['with stats', { stat: true }],
    ['with watches', { watch: true }],
  ])('%s meets every znode once, in the order of ls -R', async (name, options) => {
    const root = `/${name.replace(' ', '-')}`;
    await plant(zk.client, root);
    const paths = await walked(zk.client, root, options);
    expect(paths).toEqual(await ordered(zk.client, root));
    expect(paths.length).toBeGreaterThan(700);
  });

  it('brings the stats when asked', async () => {
    await zk.client.create('/stats', 'four');
    await zk.client.create('/stats/e', 'x', { mode: 'ephemeral' });
    const stats = [];
    for await (const { stat } of walk(zk.client, '/stats', { stat: true })) stats.push(stat);
    expect(stats).toEqual([await zk.client.exists('/stats'), await zk.client.exists('/stats/e')]);
  });

  it('reads data that is large without having it sent', async () => {
    await zk.client.create('/large');
    const names = Array.from({ length: 60 }, (_, i) => `/large/n${String(i).padStart(2, '0')}`);
    for (const path of names) await zk.client.create(path, Buffer.alloc(200_000));
    let sent = 0;
    const counting = new Proxy(zk.client, {
      get: (client, name) => {
        const value = Reflect.get(client, name, client);
        if (name !== 'multiRead') return typeof value === 'function' ? value.bind(client) : value;
        return async (ops: readonly { type: string }[], options: object) => {
          sent += ops.filter(({ type }) => type === 'getData').length;
          return value.call(client, ops, options);
        };
      },
    });
    expect(await walked(counting, '/large', { stat: true })).toEqual(['/large', ...names]);
    // The root, and the batches that were under way before the first answer came.
    expect(sent).toBeLessThanOrEqual(41);
  });

  it('reads no further than its reader has come, give or take', async () => {
    await zk.client.create('/slow');
    const names = Array.from({ length: 12_000 }, (_, i) => `/slow/${i}`);
    for (let i = 0; i < names.length; i += 2000) {
      await zk.client.multi(names.slice(i, i + 2000).map((path) => ({ type: 'create', path })));
    }
    let count = 0;
    for await (const _ of walk(zk.client, '/slow')) if (++count === 50) break;
    expect(count).toBe(50);
    expect(await walked(zk.client, '/slow')).toHaveLength(12_001);
  });

  it('leaves out what is skipped, and what goes meanwhile', async () => {
    for (const path of ['/part', '/part/a', '/part/a/x', '/part/b', '/part/c', '/part/c/y'])
      await zk.client.create(path);
    expect(await walked(zk.client, '/part', { skip: (path) => path === '/part/a' })).toEqual([
      '/part',
      '/part/b',
      '/part/c',
      '/part/c/y',
    ]);
    const paths: string[] = [];
    for await (const { path } of walk(zk.client, '/part')) {
      paths.push(path);
      if (path === '/part') await Promise.all(['/part/b', '/part/a/x'].map((gone) => zk.client.delete(gone)));
    }
    expect(paths).toEqual(expect.arrayContaining(['/part', '/part/a', '/part/c', '/part/c/y']));
  });

  it('goes depth first when asked: a znode, all below it, then its next sibling', async () => {
    await plant(zk.client, '/depth');
    const byPath = (await ordered(zk.client, '/depth')).sort(comparePaths);
    expect(await walked(zk.client, '/depth', { order: 'depth-first' })).toEqual(byPath);
    expect(await walked(zk.client, '/depth', { order: 'depth-first', data: true })).toEqual(byPath);
    expect(byPath.slice(0, 4)).toEqual(['/depth', '/depth/A13', '/depth/A13/n0', '/depth/A13/n0/x']);
  });

  it('brings data and ACLs: never set, empty and binary are three things', async () => {
    const own = [
      { perms: 31, scheme: 'world', id: 'anyone' },
      { perms: 1, scheme: 'ip', id: '127.0.0.1' },
    ];
    await zk.client.create('/bytes', null);
    await zk.client.create('/bytes/empty', '', { acl: own });
    await zk.client.create('/bytes/raw', Buffer.from([0, 255, 128]));
    for (const oneByOne of [false, true]) {
      const seen = [];
      for await (const visited of walk(zk.client, '/bytes', { data: true, acl: true, oneByOne })) seen.push(visited);
      expect(seen.map(({ data }) => data)).toEqual([null, Buffer.alloc(0), Buffer.from([0, 255, 128])]);
      expect(seen.map(({ acl }) => acl?.length)).toEqual([1, 2, 1]);
      expect(seen[1]).toMatchObject({ acl: own, stat: await zk.client.exists('/bytes/empty') });
    }
  });

  it.each<WalkOptions>([{}, { stat: true }, { data: true }, { data: true, acl: true, order: 'depth-first' }])(
    'gives the same without multiRead: %j',
    async (options) => {
      const all = async (oneByOne: boolean) => {
        const seen = [];
        for await (const visited of walk(zk.client, '/depth', { ...options, oneByOne })) seen.push(visited);
        return seen;
      };
      expect(await all(true)).toEqual(await all(false));
    },
  );

  it('goes no deeper than told', async () => {
    for (const options of [{}, { stat: true }, { data: true, order: 'depth-first' as const }]) {
      const depths = async (maxDepth: number) =>
        (await walked(zk.client, '/depth', { ...options, maxDepth })).map((path) => path.split('/').length - 2);
      expect(await depths(0)).toEqual([0]);
      expect(new Set(await depths(1))).toEqual(new Set([0, 1]));
      expect(Math.max(...(await depths(40)))).toBe(40);
    }
  });

  it('goes on past what the ACL hides, and says so', async () => {
    const hidden = [{ perms: 20, scheme: 'world', id: 'anyone' }];
    await zk.client.create('/half');
    for (const path of ['/half/a', '/half/b', '/half/c']) await zk.client.create(path, 'x');
    await zk.client.create('/half/b/below');
    await zk.client.setAcl('/half/b', hidden);
    for (const options of [{}, { stat: true }, { data: true }, { data: true, acl: true }]) {
      const told: (string | undefined)[] = [];
      const paths = await walked(zk.client, '/half', { ...options, unreadable: ({ path }) => told.push(path) });
      expect(paths).toEqual(['/half', '/half/a', '/half/b', '/half/c']);
      expect(told).toEqual(['/half/b']);
      await expect(walked(zk.client, '/half', options)).rejects.toMatchObject({ code: 'NO_AUTH', path: '/half/b' });
    }
    await zk.client.setAcl('/half/b', [{ perms: 31, scheme: 'world', id: 'anyone' }]);
  });

  it('tells of a znode that went before it was its turn', async () => {
    const names = Array.from({ length: 400 }, (_, i) => `/going/n${String(i).padStart(3, '0')}`);
    await zk.client.create('/going');
    await zk.client.multi(names.map((path) => ({ type: 'create', path })));
    const vanished: string[] = [];
    const paths: string[] = [];
    const deletes = new Set(names.slice(300));
    const after = async () => {
      if (paths.length !== 1) return;
      await zk.client.multi([...deletes].map((path) => ({ type: 'delete', path })));
    };
    // The batches of the first hundred are read ahead; deleting before the walk goes on leaves the rest to be missed.
    for await (const { path } of walk(zk.client, '/going', { stat: true, vanished: (gone) => vanished.push(gone) })) {
      paths.push(path);
      await after();
    }
    expect(paths.length + vanished.length).toBe(401);
    expect(vanished.every((path) => deletes.has(path))).toBe(true);
    expect(vanished.length).toBeGreaterThan(0);
  });

  it('halves a batch whose reply is too large, until it passes', async () => {
    await zk.client.create('/heavy');
    const names = Array.from({ length: 40 }, (_, i) => `/heavy/n${String(i).padStart(2, '0')}`);
    for (const path of names) await zk.client.create(path, Buffer.alloc(20_000));
    const client = await connect(zk.servers, { maxReplyBytes: 65_536 });
    expect(await walked(client, '/heavy', { data: true })).toEqual(['/heavy', ...names]);
    await client.close();
  });

  it('fails where there is no root, and where it is told to stop', async () => {
    await expect(walked(zk.client, '/nothing')).rejects.toMatchObject({ code: 'NO_NODE' });
    const stopped = AbortSignal.abort();
    await expect(walked(zk.client, '/', { signal: stopped })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it.skipIf(!maven)('gets by without multiRead on a server before 3.6', { timeout: 120_000 }, async () => {
    const client = await connect((await sharedRelease('3.5.10')).connectString);
    await plant(client, '/walk-old');
    expect(await walked(client, '/walk-old', { stat: true })).toEqual(await ordered(client, '/walk-old'));
    await client.close();
  });
});
