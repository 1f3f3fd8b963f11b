import { beforeEach, describe, expect, it } from 'vitest';
import Rm from '../../commands/rm.ts';
import { useChroot } from '../support/chroot.ts';

describe('rm', () => {
  const zk = useChroot('rm');

  beforeEach(async () => {
    for (const path of ['/keep', '/a', '/b', '/tree', '/tree/x', '/tree/x/y', '/tree/z']) {
      if ((await zk.client.exists(path)) === undefined) await zk.client.create(path, '12345');
    }
  });

  it('deletes a znode and prints nothing', async () => {
    expect(await zk.alone(Rm, ['/a'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.client.exists('/a')).toBeUndefined();
  });

  it('deletes several when agreed to, and one that is named twice once', async () => {
    expect((await zk.alone(Rm, ['/a', '/b'])).code).toBe(2);
    expect(await zk.client.exists('/a')).toBeDefined();
    const { code, stdout } = await zk.alone(Rm, ['/a', '/b', '/a', '--yes', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      paths: ['/a', '/b'],
      znodes: 2,
      bytes: 10,
      ephemerals: [],
      deleted: 2,
      dryRun: false,
    });
    expect(await zk.tree()).toEqual(['/keep', '/tree', '/tree/x', '/tree/x/y', '/tree/z']);
  });

  it('deletes nothing at all when one is missing or has children', async () => {
    const before = await zk.tree();
    expect((await zk.shell(Rm, ['/a', '/nothing', '--yes'])).code).toBe(3);
    const full = await zk.shell(Rm, ['/a', '/tree', '--yes']);
    expect(full.code).toBe(6);
    expect(full.stderr).toContain('rm "/tree": the node has children\n  Give -r');
    expect(await zk.tree()).toEqual(before);
  });

  it('does not mind a missing path with -f', async () => {
    expect((await zk.shell(Rm, ['-f', '/a', '/nothing', '--yes'])).code).toBe(0);
    expect(await zk.client.exists('/a')).toBeUndefined();
    expect(await zk.shell(Rm, ['-rf', '/nothing'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('deletes all below with -r, counting what is inside another path once', async () => {
    await zk.client.create('/tree/e', 'x', { mode: 'ephemeral' });
    const owner = `0x${zk.client.sessionId.toString(16)}`;
    const dry = await zk.shell(Rm, ['-r', '/tree/x', '/tree', '/b', '--dry-run']);
    const lines = [
      'Would delete /tree, /b and 4 znodes below',
      '26 bytes of data',
      `ephemeral /tree/e of session ${owner}`,
      '',
    ];
    expect(dry).toEqual({ code: 0, stdout: lines.join('\n'), stderr: '' });
    expect((await zk.shell(Rm, ['-r', '/tree/x', '/tree', '/b', '--yes'])).code).toBe(0);
    expect(await zk.tree()).toEqual(['/a', '/keep']);
  });

  it('deletes the others when the ACL forbids some, and lists what is left', async () => {
    const shut = [{ scheme: 'world', id: 'anyone', perms: 1 + 2 + 4 + 16 }];
    for (const name of ['/shut', '/closed']) {
      await zk.client.create(name, null, { acl: shut });
      await zk.client.create(`${name}/in`);
    }
    const { code, stderr } = await zk.shell(Rm, ['-r', '/shut', '/tree', '/closed', '/a', '--yes', '-o', 'json']);
    expect(code).toBe(4);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'NO_AUTH',
      message: '5 znodes were deleted, others are left: delete "/shut/in": not permitted by the ACL',
      failed: 2,
      failures: [
        { path: '/shut/in', code: 'NO_AUTH' },
        { path: '/closed/in', code: 'NO_AUTH' },
      ],
    });
    const text = await zk.shell(Rm, ['-r', '/shut', '/closed', '--yes']);
    expect(text.stderr).toContain(
      '"/shut/in": not permitted by the ACL\n  delete "/closed/in": not permitted by the ACL',
    );
    for (const name of ['/shut', '/closed']) {
      await zk.client.setAcl(name, [{ scheme: 'world', id: 'anyone', perms: 31 }]);
    }
    expect((await zk.shell(Rm, ['-r', '/shut', '/closed', '--yes'])).code).toBe(0);
  });

  it('refuses / and /zookeeper, and a line without a path', async () => {
    const before = await zk.tree();
    const root = await zk.shell(Rm, ['-rf', '/', '--yes']);
    expect([root.code, root.stderr]).toEqual([8, expect.stringContaining('deleteall /')]);
    expect((await zk.shell(Rm, ['-r', '--yes'])).code).toBe(2);
    expect((await zk.alone(Rm, ['relative'])).code).toBe(2);
    expect(await zk.tree()).toEqual(before);
    const { connect } = await import('../../src/client/connect.ts');
    const outside = await connect(zk.client.servers);
    for (const path of ['/zookeeper', '/zookeeper/quota']) {
      expect((await zk.shell(Rm, ['-rf', path, '--yes'], { session: async () => outside })).code).toBe(8);
    }
    await outside.close();
  });
});
