import { describe, expect, it } from 'vitest';
import Create from '../../commands/create.ts';
import { useChroot } from '../support/chroot.ts';

describe('create', () => {
  const zk = useChroot('create');

  it('creates a znode without data and says so', async () => {
    expect(await zk.alone(Create, ['/a'])).toEqual({ code: 0, stdout: 'Created /a\n', stderr: '' });
    expect(await zk.text('/a')).toBeNull();
    expect((await zk.client.getAcl('/a')).acl).toEqual([{ scheme: 'world', id: 'anyone', perms: 31 }]);
  });

  it('creates it with data and an ACL', async () => {
    await zk.shell(Create, ['/b', 'text', 'world:anyone:r,ip:127.0.0.1:cdrwa']);
    expect(await zk.text('/b')).toBe('text');
    expect((await zk.client.getAcl('/b')).acl).toEqual([
      { scheme: 'world', id: 'anyone', perms: 1 },
      { scheme: 'ip', id: '127.0.0.1', perms: 31 },
    ]);
  });

  it('appends a counter with -s, after a slash too', async () => {
    await zk.shell(Create, ['/seq']);
    expect((await zk.shell(Create, ['-s', '/seq/n-'])).stdout).toBe('Created /seq/n-0000000000\n');
    expect((await zk.shell(Create, ['-s', '/seq/'])).stdout).toBe('Created /seq/0000000001\n');
  });

  it('creates an ephemeral of the session with -e, sequential with -s', async () => {
    expect((await zk.shell(Create, ['-e', '/ephemeral'])).stderr).toBe('');
    expect((await zk.shell(Create, ['-se', '/ephemeral-'])).stdout).toMatch(/^Created \/ephemeral-\d{10}\n$/);
    expect(await zk.client.getEphemerals()).toHaveLength(2);
  });

  it('says that an ephemeral is gone at once outside the shell', async () => {
    const { code, stdout, stderr } = await zk.alone(Create, ['-e', '/gone']);
    expect([code, stdout]).toEqual([0, 'Created /gone\n']);
    expect(stderr).toContain('an ephemeral znode ends with its session');
    expect(await zk.client.exists('/gone')).toBeUndefined();
  });

  it('creates containers and znodes with a time to live', async () => {
    expect((await zk.shell(Create, ['-c', '/container'])).stdout).toBe('Created /container\n');
    expect((await zk.shell(Create, ['-t', '600000', '/ttl'])).stdout).toBe('Created /ttl\n');
    expect((await zk.shell(Create, ['-s', '-t', '600000', '/ttl-'])).stdout).toMatch(/^Created \/ttl-\d{10}\n$/);
  });

  it('takes names of any script, with spaces and emoji', async () => {
    expect((await zk.shell(Create, ['/名前 ä 🐘'])).code).toBe(2);
    expect((await zk.shell(Create, ['/名前 ä'])).stdout).toBe('Created /名前 ä\n');
    expect(await zk.client.exists('/名前 ä')).toBeDefined();
  });

  describe('with --parents', () => {
    it('creates what is missing above it, with the same ACL', async () => {
      const { stdout } = await zk.shell(Create, ['--parents', '/p/q/r', 'x', 'world:anyone:crwd', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual({ path: '/p/q/r', mode: 'persistent', parents: ['/p', '/p/q'] });
      expect(await zk.text('/p/q/r')).toBe('x');
      expect(await zk.text('/p/q')).toBeNull();
      expect((await zk.client.getAcl('/p')).acl).toEqual([{ scheme: 'world', id: 'anyone', perms: 15 }]);
    });

    it('creates only itself where all parents are there', async () => {
      const { stdout } = await zk.shell(Create, ['--parents', '-s', '/p/q/s-', '-o', 'json']);
      expect(JSON.parse(stdout)).toEqual({ path: '/p/q/s-0000000001', mode: 'persistent_sequential', parents: [] });
    });

    it('leaves nothing behind when it fails', async () => {
      const { code, stderr } = await zk.shell(Create, ['--parents', '/half/way', 'x', 'world:anyone:r']);
      expect(stderr).toContain('not permitted by the ACL');
      expect(code).toBe(4);
      expect(await zk.client.exists('/half')).toBeUndefined();
    });

    it('still refuses a znode that is there', async () => {
      expect((await zk.shell(Create, ['--parents', '/p/q/r'])).code).toBe(6);
    });
  });

  it.each([
    ['a relative path', ['relative'], 2, 'relative path'],
    ['a path with an empty name', ['/x//y'], 2, 'it has an empty name'],
    ['a path that ends with a slash', ['/x/'], 2, 'it ends with /'],
    ['. as a name', ['/x/.'], 2, '. is not a name'],
    ['a name with a line feed', ['/new\nline'], 2, 'allows no U+000A'],
    ['a name with a control character', ['/bell\u0007'], 2, 'allows no U+0007'],
    ['a name with an emoji', ['/🐘'], 2, 'allows no U+1F418'],
    ['a name with a null character', ['/a\0b'], 2, 'null character'],
    ['an ACL without permissions', ['/x', '', 'world:anyone'], 2, 'bad ACL entry "world:anyone"'],
    ['an ACL with a letter that is none', ['/x', '', 'world:anyone:rx'], 2, '"x" is no permission'],
    ['an ACL of which one entry is bad', ['/x', '', 'world:anyone:r,digest'], 2, 'bad ACL entry "digest"'],
    ['an id that the scheme refuses', ['/x', '', 'ip:nonsense:r'], 2, 'the server refused the ACL'],
    ['a scheme that is none', ['/x', '', 'nonsense:id:r'], 2, 'the server refused the ACL'],
    ['a container that is ephemeral', ['-c', '-e', '/x'], 2, '-c goes with neither -s nor -e'],
    ['a time to live of an ephemeral', ['-e', '-t', '5', '/x'], 2, '-t does not go with -e'],
    ['a time to live of a container', ['-c', '-t', '5', '/x'], 2, '-t does not go with -c'],
    ['a time to live that is none', ['-t', '0', '/x'], 2, '"0" is no time to live'],
    ['a time to live over 40 bits', ['-t', '1099511627776', '/x'], 2, 'is no time to live'],
    ['a parent that is missing', ['/missing/x'], 3, 'its parent does not exist'],
  ])('refuses %s and creates nothing', async (_, argv, exitCode, message) => {
    const before = await zk.tree();
    const { code, stdout, stderr } = await zk.alone(Create, argv);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(await zk.tree()).toEqual(before);
  });

  it('exits 6 where the znode exists, or the parent is ephemeral', async () => {
    await zk.shell(Create, ['/twice']);
    expect((await zk.shell(Create, ['/twice'])).code).toBe(6);
    await zk.shell(Create, ['-e', '/childless']);
    const { code, stderr } = await zk.shell(Create, ['/childless/x']);
    expect(stderr).toContain('an ephemeral node can have no children');
    expect(code).toBe(6);
  });
});
