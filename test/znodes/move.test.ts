import { beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { ClosedError } from '../../src/client/errors.ts';
import { copyTree } from '../../src/znodes/copy.ts';
import { type CopyOptions, planCopy } from '../../src/znodes/copy-plan.ts';
import { deleteTree, planDeletion } from '../../src/znodes/delete-tree.ts';
import { type MoveOptions, moveTree, planMove } from '../../src/znodes/move.ts';
import { deleteMoved } from '../../src/znodes/move-delete.ts';
import { verifyCopy } from '../../src/znodes/move-verify.ts';
import { useChroot } from '../support/chroot.ts';
import { picture, plantAll } from '../support/picture.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const MOVE: MoveOptions = { existing: 'refuse', parents: false, ephemerals: 'refuse', batchSize: 4 };
const COPY: CopyOptions = { ...MOVE, acl: true, recursive: true, ephemerals: 'skip' };

/** What of a client is watched or spoilt on its way to the server. */
type Hook = (name: string, args: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>;

function hooked(client: Client, hook: Hook): Client {
  return new Proxy(client, {
    get: (_, name) => {
      const value = Reflect.get(client, name, client);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const call = () => value.apply(client, args);
        return /^(multi|delete|create|setData|setAcl)$/.test(String(name)) ? hook(String(name), args, call) : call();
      };
    },
  });
}

/** A client whose process dies at its `last` write: that one is done, its answer is lost, nothing is asked after it. */
function dyingAfter(client: Client, last: number): { client: Client; died(): boolean } {
  let writes = 0;
  const dead = () => writes > last;
  const dying = hooked(client, async (name, _, call) => {
    if (dead()) throw new ClosedError(name);
    writes += 1;
    const result = await call();
    if (dead()) throw new ClosedError(name);
    return result;
  });
  return { client: dying, died: dead };
}

describe('work on a tree that is killed at any of its transactions', () => {
  const zk = useChroot('killed');

  beforeEach(async () => {
    for (const path of ['/from', '/to']) {
      if ((await zk.client.exists(path)) !== undefined) await deleteTree(zk.client, { root: path });
    }
  });

  it('cp: goes on when run again, and the source is as it was', { timeout: 120_000 }, async () => {
    await plantAll(zk.client, '/from');
    const before = await picture(zk.client, '/from');
    let runs = 0;
    for (let last = 0, died = true; died; last++, runs++) {
      const dying = dyingAfter(zk.client, last);
      const end = { client: dying.client, path: '/to' };
      const source = { client: zk.client, path: '/from' };
      await copyTree(await planCopy(source, end, COPY), COPY).catch((error) => {
        expect(error).toMatchObject({ code: 'CLOSED', outcome: 'unknown' });
      });
      died = dying.died();
      const target = { client: zk.client, path: '/to' };
      await copyTree(await planCopy(source, target, COPY), COPY);
      expect(await picture(zk.client, '/to')).toEqual(before);
      await deleteTree(zk.client, { root: '/to' });
    }
    expect(runs).toBeGreaterThan(10);
    expect(await picture(zk.client, '/from')).toEqual(before);
  });

  it('mv: loses nothing, and the same command ends it', { timeout: 120_000 }, async () => {
    await plantAll(zk.client, '/from');
    const before = await picture(zk.client, '/from');
    let runs = 0;
    let whileDeleting = 0;
    for (let last = 0, died = true; died; last++, runs++) {
      const dying = dyingAfter(zk.client, last);
      await moveTree(dying.client, await planMove(dying.client, '/from', '/to', MOVE), MOVE).catch((error) => {
        expect(error).toMatchObject({ code: 'CLOSED', outcome: 'unknown' });
      });
      died = dying.died();
      const left = (await zk.client.exists('/from')) === undefined ? {} : await picture(zk.client, '/from');
      const there = (await zk.client.exists('/to')) === undefined ? {} : await picture(zk.client, '/to');
      expect({ ...left, ...there }).toEqual(before);
      const whole = Object.keys(there).length === Object.keys(before).length;
      if (Object.keys(left).length < Object.keys(before).length) {
        whileDeleting += 1;
        expect(whole).toBe(true);
      }
      if (Object.keys(left).length > 0) {
        await moveTree(zk.client, await planMove(zk.client, '/from', '/to', MOVE), MOVE);
      }
      expect(await picture(zk.client, '/to')).toEqual(before);
      expect(await zk.client.exists('/from')).toBeUndefined();
      const back = await planMove(zk.client, '/to', '/from', MOVE);
      await moveTree(zk.client, back, { ...MOVE, batchSize: 1000 });
    }
    expect(runs).toBeGreaterThan(20);
    expect(whileDeleting).toBeGreaterThan(5);
  });

  it('deleteall: goes on when run again', { timeout: 120_000 }, async () => {
    let runs = 0;
    for (let last = 0, died = true; died; last++, runs++) {
      await plantAll(zk.client, '/from');
      const dying = dyingAfter(zk.client, last);
      await deleteTree(dying.client, await planDeletion(zk.client, '/from'), { batchSize: 4 }).catch((error) => {
        expect(error).toMatchObject({ code: 'CLOSED', outcome: 'unknown' });
      });
      died = dying.died();
      if ((await zk.client.exists('/from')) !== undefined) await deleteTree(zk.client, { root: '/from' });
    }
    expect(runs).toBeGreaterThan(8);
    expect(await zk.tree()).toEqual([]);
  });

  it('goes on by itself when the connection is cut under each of its transactions', { timeout: 120_000 }, async () => {
    await plantAll(zk.client, '/from');
    const before = await picture(zk.client, '/from');
    const [host = '', port = ''] = zk.client.servers.split(':');
    const proxy = await TcpProxy.start({ host, port: Number(port) });
    const client = await connect(`127.0.0.1:${proxy.port}${zk.client.chroot}`);
    let ends: [string, string] = ['/from', '/to'];
    let cuts = 0;
    for (let nth = 1; ; nth += 2) {
      let seen = 0;
      const cut = hooked(client, (name, _, call) => {
        const answer = call();
        // The request may be on its way, done, or answered when the connection goes.
        if (name === 'multi' && ++seen === nth) {
          if (nth % 4 === 1) proxy.cut();
          else setImmediate(() => proxy.cut());
        }
        return answer;
      });
      await moveTree(cut, await planMove(cut, ...ends, MOVE), MOVE);
      expect(await picture(zk.client, ends[1])).toEqual(before);
      expect(await zk.client.exists(ends[0])).toBeUndefined();
      ends = [ends[1], ends[0]];
      if (seen < nth) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(10);
    await client.close();
    await proxy.stop();
  });
});

describe('a move while others write', () => {
  const zk = useChroot('moved-meanwhile');

  beforeEach(async () => {
    for (const path of ['/from', '/to']) {
      if ((await zk.client.exists(path)) !== undefined) await deleteTree(zk.client, { root: path });
    }
    await plantAll(zk.client, '/from');
  });

  /** Runs a move with something happening just before its `when`-th transaction that has such an operation. */
  async function moveWhile(type: 'create' | 'delete', when: number, happens: () => Promise<unknown>): Promise<unknown> {
    let seen = 0;
    const client = hooked(zk.client, async (name, args, call) => {
      const ops = (name === 'multi' ? args[0] : []) as { type: string }[];
      if (ops[0]?.type === type && ++seen === when) await happens();
      return call();
    });
    const plan = await planMove(client, '/from', '/to', MOVE);
    return moveTree(client, plan, MOVE).catch((error) => error);
  }

  it('deletes nothing when something has changed since it was copied', async () => {
    const before = await picture(zk.client, '/from');
    const error = await moveWhile('create', 5, () => zk.client.setData('/from', 'newer'));
    expect(error).toMatchObject({ code: 'DIFFERS', exitCode: 6, failed: 1, failures: [{ path: '/from' }] });
    expect(await picture(zk.client, '/from')).toEqual({ ...before, '/': before['/']?.replace(/^\S+/, 'bmV3ZXI=') });
    const again = await planMove(zk.client, '/from', '/to', { ...MOVE, existing: 'overwrite' });
    expect(again.differing).toBe(1);
    await moveTree(zk.client, again, { ...MOVE, existing: 'overwrite' });
    expect(await zk.text('/to')).toBe('newer');
    expect(await zk.client.exists('/from')).toBeUndefined();
  });

  it('keeps what is written while the rest is deleted, and lists it', async () => {
    // The last in order is deleted in the middle of the work, after its version was read.
    const error = await moveWhile('delete', 2, async () => {
      await zk.client.setData('/from', 'written');
      await zk.client.create('/from/born');
    });
    expect(error).toMatchObject({ exitCode: 6 });
    expect(await zk.text('/from')).toBe('written');
    expect(await zk.text('/from/born')).toBeNull();
    expect(await zk.text('/to')).toBe('the root');
    const listed = (error as { failures: { path: string }[] }).failures.map(({ path }) => path);
    expect(listed.some((path) => path === '/from' || path === '/from/born')).toBe(true);
  });

  it('loses no write that was acknowledged, wherever in the move it falls', { timeout: 120_000 }, async () => {
    for (let when = 1; when <= 12; when++) {
      await zk.client.setData('/from/plain/x', `before ${when}`);
      const written = `acknowledged ${when}`;
      const type = when % 2 === 0 ? 'create' : 'delete';
      let acknowledged = false;
      const outcome = await moveWhile(type, when >> 1 || 1, async () => {
        acknowledged = await zk.client.setData('/from/plain/x', written).then(
          () => true,
          () => false,
        );
      });
      const places = [await zk.text('/from/plain/x'), await zk.text('/to/plain/x')];
      if (acknowledged) expect([when, places]).toEqual([when, expect.arrayContaining([written])]);
      if (outcome instanceof Error) expect((outcome as unknown as { exitCode: number }).exitCode).toBe(6);
      for (const path of ['/from', '/to']) {
        if ((await zk.client.exists(path)) !== undefined) await deleteTree(zk.client, { root: path });
      }
      await plantAll(zk.client, '/from');
    }
  });

  it('keeps what was written or created anew between comparing and deleting, whatever its version', async () => {
    const plan = await planMove(zk.client, '/from', '/to', MOVE);
    await copyTree(plan, COPY);
    const { zxid, failures } = await verifyCopy(zk.client, plan, COPY);
    expect(failures.count).toBe(0);
    // As many changes as the znode had that was compared: its version is the same.
    await zk.client.delete('/from/ttl');
    await zk.client.create('/from/ttl', 'another');
    await zk.client.setData('/from/plain/x', 'written');
    await zk.client.create('/from/plain/born');
    const left = await deleteMoved(zk.client, plan, zxid, { batchSize: 4 });
    const paths = left.failures.kept.map(({ path }) => path);
    expect(paths).toEqual(['/from/plain/born', '/from/plain/x', '/from/ttl']);
    expect(Object.keys(await picture(zk.client, '/from')).sort()).toEqual([
      '/',
      '/plain',
      '/plain/born',
      '/plain/x',
      '/ttl',
    ]);
    expect([await zk.text('/from/ttl'), await zk.text('/from/plain/x')]).toEqual(['another', 'written']);
  });

  it('of a single znode happens whole, or not at all', async () => {
    const move = async (happens: () => Promise<unknown>) => {
      let happened = false;
      const client = hooked(zk.client, async (name, _, call) => {
        if (name === 'multi' && !happened) await happens();
        if (name === 'multi') happened = true;
        return call();
      });
      const plan = await planMove(zk.client, '/from/ttl', '/to', MOVE);
      return moveTree(client, plan, MOVE).catch(({ code }) => code);
    };
    expect(await move(() => zk.client.setData('/from/ttl', 'newer'))).toBe('BAD_VERSION');
    expect(await move(() => zk.client.create('/from/ttl/child'))).toBe('NOT_EMPTY');
    expect([await zk.client.exists('/to'), await zk.text('/from/ttl')]).toEqual([undefined, 'newer']);
    await zk.client.delete('/from/ttl/child');
    await zk.client.setData('/from/ttl', 'newest');
    expect(await move(() => zk.client.create('/to', 'theirs'))).toBe('NODE_EXISTS');
    expect([await zk.text('/to'), await zk.text('/from/ttl')]).toEqual(['theirs', 'newest']);
  });

  it('moves nothing that it can not read', async () => {
    await zk.client.setAcl('/from/plain', [{ scheme: 'world', id: 'anyone', perms: 30 }]);
    const before = await zk.client.getAllChildrenNumber('/');
    await expect(planMove(zk.client, '/from', '/to', MOVE)).rejects.toMatchObject({ code: 'NO_AUTH', exitCode: 4 });
    expect(await zk.client.getAllChildrenNumber('/')).toBe(before);
    await zk.client.setAcl('/from/plain', [{ scheme: 'world', id: 'anyone', perms: 31 }]);
  });

  it('deletes nothing when a part could not be copied', async () => {
    // Readable, but nothing can be created below its copy.
    await zk.client.setAcl('/from/plain', [{ scheme: 'world', id: 'anyone', perms: 27 }]);
    const before = await picture(zk.client, '/from');
    const plan = await planMove(zk.client, '/from', '/to', MOVE);
    const error = await moveTree(zk.client, plan, MOVE).catch((refusal) => refusal);
    expect(error).toMatchObject({ code: 'NO_AUTH', exitCode: 4, failed: 2 });
    expect(error.message).toContain('"/from" was not moved, nothing was deleted');
    expect(await picture(zk.client, '/from')).toEqual(before);
  });
});
