import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { copyTree } from '../../src/znodes/copy.ts';
import { type CopyOptions, planCopy } from '../../src/znodes/copy-plan.ts';
import { deleteTree } from '../../src/znodes/delete-tree.ts';
import { paired } from '../../src/znodes/paired.ts';
import { comparePaths } from '../../src/znodes/walk.ts';
import { useChroot } from '../support/chroot.ts';
import { picture } from '../support/picture.ts';
import { OPEN, plantTree, treeOf } from '../support/trees.ts';

const OVERWRITE: CopyOptions = {
  recursive: true,
  acl: true,
  ephemerals: 'skip',
  existing: 'overwrite',
  parents: false,
};

const AS_IT_IS: CopyOptions = { ...OVERWRITE, existing: 'refuse' };

/** The same client, but something happens just before its first call of that name. */
function interrupted(client: Client, method: string, happens: () => Promise<unknown>): Client {
  let first = true;
  return new Proxy(client, {
    get: (_, name) => {
      const value = Reflect.get(client, name, client);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (name === method && first) {
          first = false;
          await happens();
        }
        return value.apply(client, args);
      };
    },
  });
}

describe('a copy over what others write to', () => {
  const zk = useChroot('copied-over');

  beforeEach(async () => {
    for (const path of ['/from', '/to']) {
      if ((await zk.client.exists(path)) !== undefined) await deleteTree(zk.client, { root: path });
      await zk.client.create(path, 'root');
      await zk.client.create(`${path}/a`, `${path} a`);
      await zk.client.create(`${path}/b`, `${path} b`);
    }
  });

  async function copyWhile(method: string, happens: () => Promise<unknown>): Promise<unknown> {
    const target = { client: interrupted(zk.client, method, happens), path: '/to' };
    const plan = await planCopy({ client: zk.client, path: '/from' }, target, OVERWRITE);
    return copyTree(plan, OVERWRITE).catch((error) => error);
  }

  it('does not replace data that was written since it was compared, and lists it', async () => {
    const error = await copyWhile('multi', () => zk.client.setData('/to/a', 'newer'));
    expect(error).toMatchObject({ code: 'BAD_VERSION', exitCode: 6, failed: 1, failures: [{ path: '/to/a' }] });
    expect([await zk.text('/to/a'), await zk.text('/to/b')]).toEqual(['newer', '/from b']);
  });

  it('does not replace an ACL that was changed since it was compared, nor the data under it', async () => {
    const mine = [{ scheme: 'world', id: 'anyone', perms: 31 }];
    await zk.client.setAcl('/from/a', [...mine, { scheme: 'ip', id: '127.0.0.1', perms: 1 }]);
    const newer = [...mine, { scheme: 'ip', id: '127.0.0.2', perms: 1 }];
    const error = await copyWhile('setAcl', () => zk.client.setAcl('/to/a', newer));
    expect(error).toMatchObject({ code: 'BAD_VERSION', failed: 1, failures: [{ path: '/to/a' }] });
    expect((await zk.client.getAcl('/to/a')).acl).toEqual(newer);
    expect(await zk.text('/to/a')).toBe('/to a');
  });

  it('lists a znode that somebody else creates meanwhile, unless it is the same', async () => {
    await zk.client.create('/from/c', 'c');
    await zk.client.create('/from/d', 'd');
    const error = await copyWhile('multi', async () => {
      await zk.client.create('/to/c', 'another');
      await zk.client.create('/to/d', 'd');
    });
    expect(error).toMatchObject({ code: 'DIFFERS', failed: 1, failures: [{ path: '/to/c' }] });
    expect(await zk.text('/to/c')).toBe('another');
    expect(await zk.text('/to/b')).toBe('/from b');
  });

  it('says how far it has come when it is interrupted, and goes on from there', async () => {
    await zk.client.create('/plenty');
    for (let i = 0; i < 40; i++) await zk.client.create(`/plenty/n${i}`, String(i));
    const [source, target] = ['/plenty', '/plenty-copy'].map((path) => ({ client: zk.client, path }));
    const stop = new AbortController();
    const once = { ...AS_IT_IS, batchSize: 1, signal: stop.signal, progress: () => stop.abort() };
    const plan = await planCopy(source!, target!, AS_IT_IS);
    await expect(copyTree(plan, once)).rejects.toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
      outcome: 'unknown',
      message: expect.stringMatching(/^\d+ znodes of "\/plenty" were copied: .*interrupted$/),
    });
    await copyTree(await planCopy(source!, target!, AS_IT_IS), AS_IT_IS);
    expect(await picture(zk.client, '/plenty-copy')).toEqual(await picture(zk.client, '/plenty'));
  });

  it('copies what it found, when the source changes, and says nothing of what has gone', async () => {
    await deleteTree(zk.client, { root: '/to' });
    const paths = Array.from({ length: 3000 }, (_, i) => `/from/n${i}`);
    await zk.client.multi(paths.map((path) => ({ type: 'create', path, data: 'x' })));
    let first = true;
    const source = interrupted(zk.client, 'getAcl', async () => {
      if (first) await zk.client.delete('/from/n2999');
      first = false;
    });
    const target = { client: zk.client, path: '/to' };
    const plan = await planCopy({ client: source, path: '/from' }, target, OVERWRITE);
    await copyTree(plan, OVERWRITE);
    expect(await picture(zk.client, '/to')).toEqual(await picture(zk.client, '/from'));
  });
});

describe('a copy of any tree', () => {
  const zk = useChroot('copied-any');
  const acl = fc.constantFrom(OPEN, [...OPEN, { scheme: 'ip', id: '10.1.2.3', perms: 8 }]);
  const trees = treeOf({ kind: fc.constant({ mode: 'persistent' } as const), acl });

  it('is the same by another reading, and a part of it is finished by the same copy', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async (nodes, some) => {
        n += 1;
        const [source, target] = [`/from${n}`, `/to${n}`].map((path) => ({ client: zk.client, path }));
        await plantTree(zk.client, source!.path, nodes);
        const copy = async () => copyTree(await planCopy(source!, target!, AS_IT_IS), AS_IT_IS);
        expect(await copy()).toEqual({ written: nodes.length, already: 0 });
        expect(await picture(zk.client, target!.path)).toEqual(await picture(zk.client, source!.path));
        const place = nodes[some % nodes.length]!.path;
        await deleteTree(zk.client, { root: place === '/' ? target!.path : target!.path + place });
        await copy();
        expect(await picture(zk.client, target!.path)).toEqual(await picture(zk.client, source!.path));
      }),
      { numRuns: 25 },
    );
  });
});

describe('two trees path by path', () => {
  const tree = fc
    .array(fc.array(fc.constantFrom('a', 'a-', 'a.b', 'b', '!', 'é', '10', '9'), { minLength: 1, maxLength: 4 }))
    .map((branches) => {
      const all = branches.flatMap((names) => names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`));
      return ['/', ...new Set(all)].sort(comparePaths).map((path) => ({ path }));
    });

  async function* batches<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
    for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
    yield [];
  }

  it('each path once, with who has it', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, fc.integer({ min: 1, max: 5 }), async (left, right, size) => {
        const seen: [string, boolean, boolean][] = [];
        for await (const pair of paired(batches(left, size), batches(right, size + 1))) {
          seen.push([(pair.left ?? pair.right)?.path ?? '', pair.left !== undefined, pair.right !== undefined]);
        }
        const [lefts, rights] = [left, right].map((side) => new Set(side.map(({ path }) => path)));
        const all = [...new Set([...lefts!, ...rights!])].sort(comparePaths);
        expect(seen).toEqual(all.map((path) => [path, lefts!.has(path), rights!.has(path)]));
      }),
    );
  });
});
