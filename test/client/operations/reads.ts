import { expect, it } from 'vitest';
import { Perms } from '../../../src/protocol/acl.ts';
import type { Setting, Stage } from './setting.ts';

/** exists, getData, getChildren, ACLs, sync, multiRead, getConfig, the counters, and who one is. */
export function reads(stage: Stage, setting: Setting): void {
  it('reads data, Stat and children', async () => {
    const { client, root } = stage;
    await client.setData(root, 'data');
    for (const name of ['b', 'a', 'c']) await client.create(`${root}/${name}`);
    const { data, stat } = await client.getData(root);
    expect(data?.toString()).toBe('data');
    expect(stat).toMatchObject({ version: 1, cversion: 3, aversion: 0, dataLength: 4, numChildren: 3 });
    expect(stat.mzxid).toBeGreaterThan(stat.czxid);
    expect(stat.pzxid).toBeGreaterThan(stat.mzxid);
    expect(Number(stat.mtime)).toBeGreaterThan(Date.now() - 60_000);
    expect(await client.exists(root)).toEqual(stat);
    const children = await client.getChildren(root);
    expect(children.children.sort()).toEqual(['a', 'b', 'c']);
    expect(children.stat).toEqual(stat);
    expect(client.lastZxid).toBeGreaterThanOrEqual(stat.pzxid);
  });

  it('says of what is not there that it is not', async () => {
    const { client, root } = stage;
    const none = `${root}/none`;
    expect(await client.exists(none)).toBeUndefined();
    for (const call of [client.getData(none), client.getChildren(none), client.getAcl(none)]) {
      await expect(call).rejects.toMatchObject({
        code: 'NO_NODE',
        exitCode: 3,
        message: expect.stringContaining(none),
      });
    }
  });

  it('refuses a bad path before anything is sent', async () => {
    const { client } = stage;
    for (const path of ['relative', '', '/a/', '/a//b', '/a/../b', '/nul\0', '/line\nfeed', '/smile-😀']) {
      await expect(client.getData(path), path).rejects.toMatchObject({ code: 'BAD_PATH', exitCode: 2 });
      await expect(client.create(path), path).rejects.toMatchObject({ code: 'BAD_PATH' });
    }
  });

  it('sets and reads ACLs, by version, and the server heeds them', async () => {
    const { client, root, session } = stage;
    const open = { perms: Perms.all, scheme: 'world', id: 'anyone' };
    expect(await client.getAcl(root)).toMatchObject({ acl: [open], stat: { aversion: 0 } });
    await client.addAuth('digest', 'ops:secret');
    await client.create(`${root}/mine`, 'x', { acl: [{ perms: Perms.all, scheme: 'auth', id: '' }] });
    const { acl } = await client.getAcl(`${root}/mine`);
    expect(acl).toContainEqual({ perms: Perms.all, scheme: 'digest', id: expect.stringMatching(/^ops:.{28}$/) });
    const stranger = await session();
    if (setting.identity === undefined) {
      await expect(stranger.getData(`${root}/mine`)).rejects.toMatchObject({ code: 'NO_AUTH', exitCode: 4 });
    }
    const read = [{ perms: Perms.read, scheme: 'world', id: 'anyone' }, ...acl];
    expect((await client.setAcl(`${root}/mine`, read, { version: 0 })).aversion).toBe(1);
    await expect(client.setAcl(`${root}/mine`, acl, { version: 0 })).rejects.toMatchObject({ code: 'BAD_VERSION' });
    expect((await stranger.getData(`${root}/mine`)).data?.toString()).toBe('x');
    await expect(client.create(`${root}/bad`, null, { acl: [{ perms: 31, scheme: 'nosuch', id: 'x' }] }))
      .rejects //
      .toMatchObject({ code: 'INVALID_ACL', exitCode: 2 });
  });

  it('takes a credential for the session, and refuses one the server does not know', async () => {
    const { session } = stage;
    const other = await session({ auth: [{ scheme: 'digest', auth: 'early:secret' }] });
    await other.addAuth('digest', 'late:secret');
    await stage.since('3.7.0', async () => {
      const ids = (await other.whoAmI()).filter(({ scheme }) => scheme === 'digest').map(({ id }) => id);
      expect(ids.map((id) => id.split(':')[0]).sort()).toEqual(['early', 'late']);
    });
    await expect(other.addAuth('nosuch', 'x')).rejects.toMatchObject({ code: 'AUTH_FAILED', exitCode: 4 });
  });

  it('knows who the server takes it for', async () => {
    const ids = await stage.since('3.7.0', () => stage.client.whoAmI());
    if (ids === undefined) return;
    expect(ids).toContainEqual({ scheme: 'ip', id: '127.0.0.1' });
    const { identity } = setting;
    if (identity !== undefined) {
      expect(ids).toContainEqual({ scheme: identity.scheme, id: expect.stringMatching(identity.id) });
    }
  });

  it('syncs: another session then sees what was acknowledged before', async () => {
    const { client, root, session } = stage;
    const other = await session();
    for (let i = 0; i < 20; i += 1) {
      await client.setData(root, `${i}`);
      expect(await other.sync(root)).toBe(root);
      expect((await other.getData(root)).data?.toString()).toBe(`${i}`);
    }
  });

  it('reads many at once, each failing by itself', async () => {
    const { client, root } = stage;
    await client.create(`${root}/kid`, 'x');
    const results = await stage.since('3.6.0', () =>
      client.multiRead([
        { type: 'getData', path: `${root}/kid` },
        { type: 'getChildren', path: root },
        { type: 'getData', path: `${root}/none` },
        { type: 'getData', path: root },
      ]),
    );
    if (results === undefined) return;
    expect(results).toMatchObject([
      { type: 'getData', path: `${root}/kid`, data: Buffer.from('x'), stat: { version: 0 } },
      { type: 'getChildren', path: root, children: ['kid'] },
      { type: 'error', path: `${root}/none`, error: { code: 'NO_NODE' } },
      { type: 'getData', path: root, data: null },
    ]);
  });

  it('counts what is below, and lists the ephemerals of the session', async () => {
    const { client, root, session } = stage;
    await client.create(`${root}/a`);
    await client.create(`${root}/a/b`);
    await client.create(`${root}/e2`, null, { mode: 'ephemeral' });
    await client.create(`${root}/e1`, null, { mode: 'ephemeral' });
    await (await session()).create(`${root}/theirs`, null, { mode: 'ephemeral' });
    await client.sync(root);
    expect(await stage.since('3.6.0', () => client.getAllChildrenNumber(root))).toBe(
      stage.has('3.6.0') ? 5 : undefined,
    );
    const ephemerals = await stage.since('3.6.0', () => client.getEphemerals(root));
    expect(ephemerals?.sort()).toEqual(stage.has('3.6.0') ? [`${root}/e1`, `${root}/e2`] : undefined);
    if (stage.has('3.6.0')) expect(await client.getEphemerals()).toHaveLength(2);
    expect(client.held.ephemerals).toEqual([`${root}/e1`, `${root}/e2`]);
  });

  it('reads the committed membership, from inside a chroot too', async () => {
    const { client, ensemble } = stage;
    const text = (await client.getConfig()).data?.toString() ?? '';
    if (ensemble.members.length === 1) expect(text).toBe('');
    for (const { id, clientPort } of ensemble.members.length === 1 ? [] : ensemble.members) {
      expect(text).toMatch(new RegExp(`^server\\.${id}=127\\.0\\.0\\.1:.*;127\\.0\\.0\\.1:${clientPort}$`, 'm'));
    }
  });

  it('reads a list of 20,000 children', async () => {
    const { client, root } = stage;
    const names = Array.from({ length: 20_000 }, (_, i) => `child-with-a-rather-long-name-${i}`);
    for (let i = 0; i < names.length; i += 2000) {
      await client.multi(names.slice(i, i + 2000).map((name) => ({ type: 'create', path: `${root}/${name}` })));
    }
    expect((await client.getChildren(root)).children.sort()).toEqual(names.sort());
  }, 120_000);
}
