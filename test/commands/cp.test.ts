import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import Cp from '../../commands/cp.ts';
import DeleteAll from '../../commands/deleteall.ts';
import { connect } from '../../src/client/connect.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { picture, plantAll } from '../support/picture.ts';

const SHUT = [{ scheme: 'world', id: 'anyone', perms: 30 }];
const OPEN = [{ scheme: 'world', id: 'anyone', perms: 31 }];

describe('cp', () => {
  const zk = useChroot('cp');
  let planted = 0;

  beforeAll(async () => {
    planted = await plantAll(zk.client, '/all');
    await zk.client.create('/one', 'single');
  });

  beforeEach(async () => {
    for (const path of ['/copy', '/e']) await zk.shell(DeleteAll, [path, '--yes']);
  });

  it('copies a znode', async () => {
    expect(await zk.alone(Cp, ['/one', '/copy'])).toEqual({ code: 0, stdout: 'Copied 1 znode to /copy\n', stderr: '' });
    expect(await picture(zk.client, '/copy')).toEqual(await picture(zk.client, '/one'));
  });

  it('copies a tree: every kind of znode, every ACL, odd names', async () => {
    const { code, stdout, stderr } = await zk.alone(Cp, ['-r', '/all', '/copy', '-o', 'json']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('3 names look numbered by the server')]);
    expect(await picture(zk.client, '/copy')).toEqual(await picture(zk.client, '/all'));
    expect(JSON.parse(stdout)).toEqual({
      from: '/all',
      to: '/copy',
      znodes: planted,
      bytes: expect.any(Number),
      already: 0,
      differing: 0,
      extra: 0,
      ephemerals: [],
      written: planted,
      dryRun: false,
    });
  });

  it('gives the copies the default ACL with --no-acl', async () => {
    expect((await zk.shell(Cp, ['-r', '/all', '/copy', '--no-acl', '-q'])).code).toBe(0);
    const [copy, original] = [await picture(zk.client, '/copy'), await picture(zk.client, '/all')];
    const open = Object.entries(original).map(([path, text]) => [path, text.replace(/ \S*$/, ' world:anyone:cdrwa')]);
    expect(copy).toEqual(Object.fromEntries(open));
  });

  it('shows what it would do with --dry-run, and does nothing', async () => {
    const { code, stdout } = await zk.shell(Cp, ['-r', '/all/a', '/copy', '--dry-run']);
    expect([code, stdout]).toEqual([0, 'Would copy /all/a to /copy: 3 znodes, 1001 bytes of data\n']);
    expect(await zk.client.exists('/copy')).toBeUndefined();
  });

  it('wants -r for a znode with children', async () => {
    const { code, stderr } = await zk.shell(Cp, ['/all', '/copy']);
    expect([code, stderr]).toEqual([6, expect.stringContaining('Give -r')]);
    expect(await zk.client.exists('/copy')).toBeUndefined();
  });

  it('refuses a copy into itself, of itself, and around itself', async () => {
    for (const [from, to] of [
      ['/all', '/all/a/copy'],
      ['/all', '/all'],
      ['/all/a', '/all'],
      ['/', '/copy'],
    ]) {
      const { code, stderr } = await zk.shell(Cp, ['-r', '--overwrite', '--yes', from ?? '', to ?? '']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('one is inside the other')]);
    }
    expect(await zk.client.exists('/all/a/copy')).toBeUndefined();
  });

  it('refuses a place that is not there, unless it is to create --parents', async () => {
    expect((await zk.shell(Cp, ['/one', '/copy/deep/er'])).code).toBe(3);
    expect((await zk.shell(Cp, ['/nothing', '/copy'])).code).toBe(3);
    expect((await zk.shell(Cp, ['--parents', '/one', '/copy/deep/er'])).code).toBe(0);
    expect(await zk.text('/copy/deep/er')).toBe('single');
    expect(await zk.text('/copy/deep')).toBeNull();
  });

  it('leaves ephemerals out and says so, or makes them persistent when told to', async () => {
    await zk.client.create('/e');
    await zk.client.create('/e/p');
    await zk.client.create('/e/p/member', 'me', { mode: 'ephemeral' });
    const owner = `0x${zk.client.sessionId.toString(16)}`;
    const left = await zk.shell(Cp, ['-r', '/e', '/copy']);
    expect(left.code).toBe(0);
    expect(left.stderr).toBe(`note: 1 ephemeral is left out:\n  ephemeral /e/p/member of session ${owner}\n`);
    expect(Object.keys(await picture(zk.client, '/copy'))).toEqual(['/', '/p']);
    expect((await zk.shell(Cp, ['/e/p/member', '/copy/m'])).code).toBe(8);
    expect((await zk.shell(Cp, ['-r', '/e', '/copy', '--ephemerals', 'persistent'])).code).toBe(0);
    expect((await picture(zk.client, '/copy'))['/p/member']).toBe('bWU= stays world:anyone:cdrwa');
  });

  it('finds its own copy there already, and goes on with a part of it', async () => {
    await zk.shell(Cp, ['-r', '/all', '/copy', '-q']);
    await zk.shell(DeleteAll, ['/copy/a', '--yes']);
    await zk.client.delete('/copy/ttl');
    const again = await zk.shell(Cp, ['-r', '/all', '/copy', '-q']);
    expect([again.code, again.stdout]).toEqual([
      0,
      `Copied 4 znodes to /copy, ${planted - 4} of ${planted} were there\n`,
    ]);
    const third = await zk.shell(Cp, ['-r', '/all', '/copy', '-q']);
    expect([third.code, third.stdout]).toEqual([0, `Copied 0 znodes to /copy, ${planted} of ${planted} were there\n`]);
    expect(await picture(zk.client, '/copy')).toEqual(await picture(zk.client, '/all'));
  });

  describe('where something else is', () => {
    beforeEach(async () => {
      await zk.shell(Cp, ['-r', '/all', '/copy', '-q']);
      await zk.shell(DeleteAll, ['/copy/a', '--yes']);
      await zk.client.setData('/copy/plain/x', 'mine');
      await zk.client.setAcl('/copy/container', SHUT.concat([{ scheme: 'ip', id: '127.0.0.1', perms: 1 }]));
      await zk.client.delete('/copy/ttl');
      await zk.client.create('/copy/ttl', 't', { mode: 'ephemeral' });
      await zk.client.create('/copy/more', 'more');
    });

    it('changes nothing and lists what differs', async () => {
      const before = await picture(zk.client, '/copy');
      const { code, stderr } = await zk.shell(Cp, ['-r', '/all', '/copy', '-q', '-o', 'json', '--yes']);
      expect(code).toBe(6);
      expect(JSON.parse(stderr).error).toMatchObject({
        code: 'DIFFERS',
        failed: 3,
        failures: [
          { path: '/copy/container', message: '"/copy/container" is there and differs: ACL' },
          { path: '/copy/plain/x', message: '"/copy/plain/x" is there and differs: data' },
          { path: '/copy/ttl', message: expect.stringContaining('kind') },
        ],
      });
      expect(await picture(zk.client, '/copy')).toEqual(before);
    });

    it('with --merge adds what is missing, and lists what differs', async () => {
      const before = await picture(zk.client, '/copy');
      const { code, stderr } = await zk.shell(Cp, ['-r', '/all', '/copy', '-q', '--merge']);
      expect(code).toBe(6);
      expect(stderr).toContain('"/copy/plain/x" is there and differs: data');
      const all = await picture(zk.client, '/all');
      expect(await picture(zk.client, '/copy')).toEqual({ ...all, ...before });
    });

    it('with --overwrite asks, replaces what differs, and leaves what is only there', async () => {
      const before = await picture(zk.client, '/copy');
      const asked = await zk.shell(Cp, ['-r', '/all', '/copy', '-q', '--overwrite']);
      expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
      expect(await picture(zk.client, '/copy')).toEqual(before);
      const { code, stderr } = await zk.shell(Cp, ['-r', '/all', '/copy', '-q', '--overwrite', '--yes']);
      expect([code, stderr]).toEqual([6, expect.stringContaining('"/copy/ttl" is there and differs: kind')]);
      const all = await picture(zk.client, '/all');
      expect(await picture(zk.client, '/copy')).toEqual({
        ...all,
        '/more': before['/more'],
        '/ttl': before['/ttl'],
      });
    });

    it('a copy that is only added to needs --merge', async () => {
      await zk.shell(DeleteAll, ['/copy', '--yes']);
      await zk.client.create('/copy', 'the root');
      await zk.client.create('/copy/other');
      const { code, stderr } = await zk.shell(Cp, ['-r', '/all', '/copy', '-q']);
      expect([code, stderr]).toEqual([
        6,
        expect.stringContaining('"/copy" is there, with 1 znodes that "/all" has not'),
      ]);
      expect(await zk.tree()).not.toContain('/copy/a');
    });
  });

  it('refuses what it can not read, before anything is written', async () => {
    await zk.client.create('/all/shut');
    await zk.client.create('/all/shut/in');
    await zk.client.setAcl('/all/shut', SHUT);
    const { code, stderr } = await zk.shell(Cp, ['-r', '/all', '/copy']);
    await zk.client.setAcl('/all/shut', OPEN);
    await zk.shell(DeleteAll, ['/all/shut', '--yes']);
    expect([code, stderr]).toEqual([4, expect.stringContaining('"/all/shut": not permitted by the ACL')]);
    expect(await zk.client.exists('/copy')).toBeUndefined();
  });

  it('refuses an ACL whose password hashes the server hides', async () => {
    const acl = [
      { scheme: 'digest', id: 'ops:AAAAAAAAAAAAAAAAAAAAAAAAAAA=', perms: 31 },
      { scheme: 'world', id: 'anyone', perms: 1 + 2 + 4 + 8 },
    ];
    await zk.client.create('/hidden', 'x', { acl });
    const { code, stderr } = await zk.shell(Cp, ['/hidden', '/copy', '-o', 'json']);
    expect([code, JSON.parse(stderr).error.code]).toEqual([4, 'ACL_HIDDEN']);
    expect(await zk.client.exists('/copy')).toBeUndefined();
    expect((await zk.shell(Cp, ['/hidden', '/copy', '--no-acl'])).code).toBe(0);
  });

  it('never touches /zookeeper', async () => {
    const outside = await connect(zk.client.servers);
    const place = { session: async () => outside };
    expect((await zk.shell(Cp, ['-r', '/zookeeper', '/chroot-cp/copy'], place)).code).toBe(8);
    expect((await zk.shell(Cp, ['-r', '/chroot-cp/one', '/zookeeper/one'], place)).code).toBe(8);
    expect(await outside.exists('/zookeeper/one')).toBeUndefined();
    await outside.close();
  });
});

describe('cp to another ensemble', () => {
  const zk = useChroot('cp-other');

  it('copies there, and knows the same ensemble under another name', async () => {
    const three = (await sharedEnsemble('three')).connectString;
    const far = await connect(three);
    await plantAll(zk.client, '/all');
    await far.create('/cp-other');
    const sent = await zk.alone(Cp, ['-r', '/all', '/all', '--to-server', `${three}/cp-other`, '-q']);
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(await picture(far, '/cp-other/all')).toEqual(await picture(zk.client, '/all'));
    const port = zk.client.servers.split(':')[1];
    const self = [
      `localhost:${port}${zk.client.chroot}`,
      `localhost:${port}`,
      `localhost:${port}${zk.client.chroot}/all`,
    ];
    const targets = ['/all/copy', `${zk.client.chroot}/all/copy`, '/copy'];
    for (const [i, server] of self.entries()) {
      const { code, stderr } = await zk.alone(Cp, ['-r', '/all', targets[i] ?? '', '--to-server', server]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('one is inside the other')]);
    }
    await zk.shell(Cp, ['-r', '/', '/', '--to-server', `${three}/cp-other`, '--merge', '-q']);
    const back = await zk.alone(Cp, ['/x', '/y', '--to', 'nowhere']);
    expect(back.code).toBe(3);
    expect((await zk.shell(Cp, ['/all', 'relative', '--to-server', three])).code).toBe(2);
    expect((await zk.alone(Cp, ['/all', '/b', '--to', 'x', '--to-server', three])).code).toBe(2);
    expect((await zk.alone(Cp, ['/all', '/b', '--to-auth', 'digest:env:X'])).code).toBe(2);
    await far.close();
  });
});
