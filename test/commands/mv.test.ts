import { beforeEach, describe, expect, it } from 'vitest';
import DeleteAll from '../../commands/deleteall.ts';
import Mv from '../../commands/mv.ts';
import { connect } from '../../src/client/connect.ts';
import { useChroot } from '../support/chroot.ts';
import { picture, plantAll } from '../support/picture.ts';

describe('mv', () => {
  const zk = useChroot('mv');

  beforeEach(async () => {
    for (const path of ['/from', '/to', '/one']) await zk.shell(DeleteAll, [path, '--yes', '-q']);
    await zk.client.create('/one', 'single', { acl: [{ scheme: 'world', id: 'anyone', perms: 29 }] });
  });

  it('moves a znode without children in one transaction, and asks nothing', async () => {
    const before = await picture(zk.client, '/one');
    const { code, stdout } = await zk.alone(Mv, ['/one', '/to', '-o', 'json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        from: '/one',
        to: '/to',
        znodes: 1,
        bytes: 6,
        already: 0,
        differing: 0,
        extra: 0,
        ephemerals: [],
        moved: 1,
        kept: 0,
        atomic: true,
        dryRun: false,
      },
    ]);
    expect(await picture(zk.client, '/to')).toEqual(before);
    const [made, { pzxid }] = [await zk.client.exists('/to'), (await zk.client.getChildren('/')).stat];
    expect(made?.czxid).toBe(pzxid);
    expect(await zk.client.exists('/one')).toBeUndefined();
  });

  it('moves a tree: every kind of znode, every ACL, odd names', async () => {
    const planted = await plantAll(zk.client, '/from');
    const before = await picture(zk.client, '/from');
    const asked = await zk.alone(Mv, ['/from', '/to', '-q']);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(asked.stderr).toContain('not one transaction');
    expect(await zk.client.exists('/to')).toBeUndefined();
    const ran = await zk.alone(Mv, ['/from', '/to', '-q', '--yes']);
    expect(ran).toEqual({ code: 0, stdout: `Moved ${planted} znodes from /from to /to\n`, stderr: '' });
    expect(await picture(zk.client, '/to')).toEqual(before);
    expect(await zk.client.exists('/from')).toBeUndefined();
  });

  it('shows what it would do with --dry-run, and does nothing', async () => {
    await zk.client.create('/from', '12345');
    await zk.client.create('/from/x', '678');
    const { code, stdout } = await zk.shell(Mv, ['/from', '/to', '--dry-run']);
    expect([code, stdout]).toEqual([0, 'Would move /from to /to: 2 znodes, 8 bytes of data\n']);
    expect(await zk.tree()).toEqual(['/from', '/from/x', '/one']);
  });

  it('refuses a tree with ephemerals and names their owners, or leaves them there', async () => {
    for (const path of ['/from', '/from/p', '/from/q', '/from/q/r']) await zk.client.create(path, 'x');
    await zk.client.create('/from/p/member', 'me', { mode: 'ephemeral' });
    const owner = `0x${zk.client.sessionId.toString(16)}`;
    const refused = await zk.shell(Mv, ['/from', '/to', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([
      8,
      expect.stringContaining(`"/from" is in use: "/from/p/member" is ephemeral, of session ${owner}`),
    ]);
    expect(await zk.client.exists('/to')).toBeUndefined();
    const ran = await zk.shell(Mv, ['/from', '/to', '--yes', '--ephemerals', 'skip']);
    expect([ran.code, ran.stdout]).toEqual([0, 'Moved 2 znodes from /from to /to, 3 left there\n']);
    expect(await zk.tree()).toEqual(['/from', '/from/p', '/from/p/member', '/one', '/to', '/to/p', '/to/q', '/to/q/r']);
    expect((await zk.shell(Mv, ['/from/p/member', '/to/m'])).code).toBe(8);
  });

  it('does not mix with what is at the new path, unless told to', async () => {
    for (const path of ['/from', '/from/a', '/from/b', '/to', '/to/b', '/to/c']) await zk.client.create(path, 'x');
    await zk.client.setData('/to/b', 'other');
    const before = await zk.tree();
    const refused = await zk.shell(Mv, ['/from', '/to', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('"/to/b" is there and differs: data')]);
    const merged = await zk.shell(Mv, ['/from', '/to', '--yes', '--merge']);
    expect([merged.code, merged.stderr]).toEqual([
      6,
      expect.stringContaining('"/from" was not moved, nothing was deleted'),
    ]);
    expect(await zk.tree()).toEqual([...before, '/to/a'].sort());
    expect((await zk.shell(Mv, ['/from', '/to', '--yes', '--overwrite'])).code).toBe(0);
    expect(await zk.tree()).toEqual(['/one', '/to', '/to/a', '/to/b', '/to/c']);
    expect(await zk.text('/to/b')).toBe('x');
  });

  it('asks before it takes what is at the new path for what an earlier run has moved', async () => {
    for (const path of ['/from', '/to', '/to/moved']) await zk.client.create(path);
    const asked = await zk.shell(Mv, ['/from', '/to']);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('1 there already, 1 only there')]);
    expect(await zk.client.exists('/from')).toBeDefined();
    expect((await zk.shell(Mv, ['/from', '/to', '--yes'])).code).toBe(0);
    expect(await zk.tree()).toEqual(['/one', '/to', '/to/moved']);
  });

  it('says that there is nothing to move, and where it may have gone', async () => {
    const nothing = await zk.shell(Mv, ['/from', '/to', '--yes']);
    expect([nothing.code, nothing.stderr]).toEqual([3, expect.stringContaining('"/from"')]);
    const moved = await zk.shell(Mv, ['/from', '/one', '--yes']);
    expect([moved.code, moved.stderr]).toEqual([3, expect.stringContaining('may have been moved already')]);
  });

  it('moves below parents that it creates when told to', async () => {
    expect((await zk.shell(Mv, ['/one', '/to/deep/er', '--yes'])).code).toBe(3);
    expect((await zk.shell(Mv, ['/one', '/to/deep/er', '--yes', '--parents'])).code).toBe(0);
    expect(await zk.tree()).toEqual(['/to', '/to/deep', '/to/deep/er']);
  });

  it('refuses to move a tree into itself, /, and /zookeeper', async () => {
    await plantAll(zk.client, '/from');
    for (const [from, to] of [
      ['/from', '/from/a/new'],
      ['/from/a', '/from'],
      ['/from', '/from'],
      ['/', '/from'],
    ]) {
      expect((await zk.shell(Mv, [from ?? '', to ?? '', '--yes', '--overwrite'])).code).toBe(2);
    }
    const outside = await connect(zk.client.servers);
    const place = { session: async () => outside };
    expect((await zk.shell(Mv, ['/zookeeper', '/chroot-mv/x', '--yes'], place)).code).toBe(8);
    expect((await zk.shell(Mv, ['/chroot-mv/one', '/zookeeper/one', '--yes'], place)).code).toBe(8);
    await outside.close();
    expect(await zk.text('/one')).toBe('single');
  });
});
