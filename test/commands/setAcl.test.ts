import { beforeAll, describe, expect, it } from 'vitest';
import SetAcl from '../../commands/setAcl.ts';
import { statText } from '../../src/output/stat.ts';
import { formatAcl } from '../../src/protocol/acl.ts';
import { useChroot } from '../support/chroot.ts';

describe('setAcl', () => {
  const zk = useChroot('setAcl');
  const aclOf = async (path: string) => formatAcl((await zk.client.getAcl(path)).acl);

  beforeAll(async () => {
    for (const path of ['/one', '/tree', '/tree/a', '/tree/a/x', '/tree/b']) await zk.client.create(path);
  });

  it('sets the list and prints nothing', async () => {
    expect(await zk.alone(SetAcl, ['/one', 'world:anyone:crwa'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await aclOf('/one')).toBe('world:anyone:crwa');
  });

  it('prints the new stat with -s', async () => {
    const { stdout } = await zk.shell(SetAcl, ['-s', '/one', 'world:anyone:cdrwa']);
    expect(stdout).toBe(`${statText((await zk.client.exists('/one'))!)}\n`);
    expect(stdout).toContain('aclVersion = 2\n');
  });

  it('sets it only of the ACL version that -v names', async () => {
    expect((await zk.shell(SetAcl, ['-v', '1', '/one', 'world:anyone:a'])).code).toBe(6);
    expect(await aclOf('/one')).toBe('world:anyone:cdrwa');
    expect((await zk.shell(SetAcl, ['-v', '2', '/one', 'world:anyone:cdrwa'])).code).toBe(0);
  });

  it.each([
    ['without permissions', 'world:anyone'],
    ['with a letter that is none', 'world:anyone:cdrwax'],
    ['of which one entry is bad', 'world:anyone:r,nonsense'],
    ['that is empty', ''],
    ['that the scheme refuses', 'ip:999.1.2.3:r'],
  ])('refuses a list %s, whole, with exit code 2', async (_, list) => {
    for (const flags of [[], ['-R', '--yes']]) {
      expect((await zk.shell(SetAcl, [...flags, '/one', list])).code).toBe(2);
      expect(await aclOf('/one')).toBe('world:anyone:cdrwa');
    }
  });

  it('sets it of all below with -R, when agreed to', async () => {
    const dry = await zk.shell(SetAcl, ['-R', '/tree', 'world:anyone:ra', '--dry-run']);
    expect(dry).toEqual({ code: 0, stdout: 'Would set the ACL of /tree and 3 znodes below it\n', stderr: '' });
    expect((await zk.alone(SetAcl, ['-R', '/tree', 'world:anyone:ra'])).code).toBe(2);
    expect(await aclOf('/tree/a/x')).toBe('world:anyone:cdrwa');
    const ran = await zk.alone(SetAcl, ['-R', '/tree', 'world:anyone:cdrwa,ip:127.0.0.1:r', '--yes', '-o', 'json']);
    expect(JSON.parse(ran.stdout)).toEqual({
      path: '/tree',
      acl: [
        { scheme: 'world', id: 'anyone', perms: 'cdrwa' },
        { scheme: 'ip', id: '127.0.0.1', perms: 'r' },
      ],
      znodes: 4,
      set: 4,
      dryRun: false,
    });
    for (const path of ['/tree', '/tree/a', '/tree/a/x', '/tree/b']) {
      expect(await aclOf(path)).toBe('world:anyone:cdrwa,ip:127.0.0.1:r');
    }
  });

  it('sets the others when one fails, counts, and exits with its code', async () => {
    await zk.client.create('/part');
    await zk.client.create('/part/shut', null, { acl: [{ scheme: 'world', id: 'anyone', perms: 15 }] });
    await zk.client.create('/part/open');
    const { code, stdout, stderr } = await zk.shell(SetAcl, ['-R', '/part', 'world:anyone:cdra', '--yes']);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('the ACL of 2 znodes was set, of 1 not: setACL "/part/shut": not permitted by the ACL');
    expect(await aclOf('/part/open')).toBe('world:anyone:cdra');
  });

  it('never touches /zookeeper', async () => {
    const { connect } = await import('../../src/client/connect.ts');
    const root = await connect(zk.client.servers);
    const place = { session: async () => root };
    expect((await zk.shell(SetAcl, ['-R', '/zookeeper', 'world:anyone:r', '--yes'], place)).code).toBe(8);
    await root.close();
  });

  it('exits 3 where there is no znode', async () => {
    expect((await zk.shell(SetAcl, ['/nothing', 'world:anyone:r'])).code).toBe(3);
    expect((await zk.shell(SetAcl, ['-R', '/nothing', 'world:anyone:r'])).code).toBe(3);
  });
});
