import { beforeAll, describe, expect, it } from 'vitest';
import SetAcl from '../../commands/setAcl.ts';
import { connect } from '../../src/client/connect.ts';
import { statText } from '../../src/output/stat.ts';
import { formatAcl } from '../../src/protocol/acl.ts';
import { setAclTree } from '../../src/znodes/set-acl-tree.ts';
import { useChroot } from '../support/chroot.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const OPEN = { scheme: 'world', id: 'anyone', perms: 31 };

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

  it('sets it of a tree that it hides from whoever sets it', async () => {
    for (const path of ['/hide', '/hide/a', '/hide/a/x', '/hide/b']) await zk.client.create(path);
    expect((await zk.shell(SetAcl, ['-R', '/hide', 'world:anyone:cda', '--yes'])).code).toBe(0);
    for (const path of ['/hide', '/hide/a', '/hide/a/x', '/hide/b']) expect(await aclOf(path)).toBe('world:anyone:cda');
  });

  it('names each that fails, also those of another ACL version', async () => {
    for (const path of ['/three', '/three/a', '/three/b', '/three/c']) await zk.client.create(path);
    for (const path of ['/three/a', '/three/c']) {
      await zk.client.setAcl(path, [{ scheme: 'world', id: 'anyone', perms: 31 }]);
    }
    const { code, stderr } = await zk.shell(SetAcl, [
      '-R',
      '-v',
      '0',
      '/three',
      'world:anyone:cdra',
      '--yes',
      '-o',
      'json',
    ]);
    expect(code).toBe(6);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'BAD_VERSION',
      failed: 2,
      failures: [{ path: '/three/a' }, { path: '/three/c' }],
    });
    expect(await aclOf('/three/b')).toBe('world:anyone:cdra');
    expect(await setAclTree(zk.client, '/three', [OPEN])).toBe(4);
  });

  it.each([undefined, 0])('goes on when the connection is cut under it, with version %s', async (version) => {
    const root = `/cut-${version}`;
    await zk.client.create(root);
    const paths = Array.from({ length: 600 }, (_, i) => `${root}/${i}`);
    await zk.client.multi(paths.map((path) => ({ type: 'create', path })));
    const [host = '', port = ''] = zk.client.servers.split(':');
    const proxy = await TcpProxy.start({ host, port: Number(port) });
    const client = await connect(`127.0.0.1:${proxy.port}${zk.client.chroot}`);
    const acl = [{ scheme: 'ip', id: '10.0.0.1', perms: 1 }, { ...OPEN }];
    let cuts = 0;
    const set = await setAclTree(client, root, acl, {
      version,
      progress: (done) => {
        if (done % 200 === 199 && cuts++ < 3) proxy.cut();
      },
    });
    expect([set, cuts]).toEqual([601, 3]);
    for (const path of [root, ...paths]) expect(await aclOf(path)).toBe(formatAcl(acl));
    await client.close();
    await proxy.stop();
  });

  it('never touches /zookeeper', async () => {
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
