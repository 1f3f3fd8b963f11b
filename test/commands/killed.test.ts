import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { deleteTree } from '../../src/znodes/delete-tree.ts';
import { startZksh, zksh } from '../support/built.ts';
import { useChroot } from '../support/chroot.ts';
import { type Picture, picture } from '../support/picture.ts';

const PARENTS = 60;
const CHILDREN = 100;

async function plantMany(client: Client, root: string): Promise<void> {
  await client.create(root);
  for (let i = 0; i < PARENTS; i++) {
    const children = Array.from({ length: CHILDREN }, (_, j) => `${root}/p${i}/c${j}`);
    await client.multi([`${root}/p${i}`, ...children].map((path) => ({ type: 'create', path, data: path })));
  }
}

describe('a process that is killed while it works on a tree', { timeout: 240_000 }, () => {
  const zk = useChroot('sigkill');
  const done = new AbortController();

  beforeEach(() => plantMany(zk.client, '/from'));
  afterEach(async () => {
    for (const path of ['/from', '/to']) await deleteTree(zk.client, { root: path }).catch(() => {});
  });

  /** Kills it at the first such event at or below the path. */
  async function killed(argv: readonly string[], path: string, type: string): Promise<void> {
    const events = zk.client.watch(path, { recursive: true, signal: done.signal });
    const first = events.next();
    // The watch is there when a request made after it is answered.
    await zk.client.exists(path);
    const { child, ended } = startZksh(['-S', zk.servers, ...argv, '--yes', '-q']);
    for (let event = await first; !event.done; event = await events.next()) if (event.value.type === type) break;
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ code: null, stdout: '' });
    await events.return();
  }

  async function pictureOf(path: string): Promise<Picture> {
    return (await zk.client.exists(path)) === undefined ? {} : picture(zk.client, path);
  }

  it.each([
    ['copies', '/to', 'NodeCreated'],
    ['deletes', '/from', 'NodeDeleted'],
  ])('has lost nothing when mv is killed while it %s, and the same command ends it', async (_, path, type) => {
    const before = await picture(zk.client, '/from');
    await killed(['mv', '/from', '/to'], path, type);
    const [left, there] = [await pictureOf('/from'), await pictureOf('/to')];
    expect({ ...left, ...there }).toEqual(before);
    if (Object.keys(left).length < Object.keys(before).length) expect(there).toEqual(before);
    else expect(type).toBe('NodeCreated');
    const again = await zksh(['-S', zk.servers, 'mv', '/from', '/to', '--yes', '-q']);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(await picture(zk.client, '/to')).toEqual(before);
    expect(await zk.client.exists('/from')).toBeUndefined();
  });

  it('has deleted some when rm -r is killed, and the same command deletes the rest', async () => {
    await killed(['rm', '-r', '/from'], '/from', 'NodeDeleted');
    const left = await pictureOf('/from');
    expect(Object.keys(left).length).toBeLessThan(1 + PARENTS * (1 + CHILDREN));
    const again = await zksh(['-S', zk.servers, 'rm', '-rf', '/from', '--yes', '-q']);
    expect(again).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.tree()).toEqual([]);
  });
});
