import { beforeEach, describe, expect, it } from 'vitest';
import Delete from '../../commands/delete.ts';
import { useChroot } from '../support/chroot.ts';

describe('delete', () => {
  const zk = useChroot('delete');

  beforeEach(async () => {
    if ((await zk.client.exists('/a')) === undefined) await zk.client.create('/a');
  });

  it('deletes a znode and prints nothing', async () => {
    expect(await zk.alone(Delete, ['/a'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.client.exists('/a')).toBeUndefined();
  });

  it('deletes only the version that -v names', async () => {
    await zk.client.setData('/a', 'new');
    expect((await zk.shell(Delete, ['-v', '0', '/a'])).code).toBe(6);
    expect(await zk.client.exists('/a')).toBeDefined();
    expect((await zk.shell(Delete, ['-v', '1', '/a'])).code).toBe(0);
    expect(await zk.client.exists('/a')).toBeUndefined();
  });

  it('heeds the version in the old form too, which zkCli forgets', async () => {
    expect((await zk.shell(Delete, ['/a', '7'])).code).toBe(6);
    expect(await zk.client.exists('/a')).toBeDefined();
  });

  it('refuses a znode with children and names what can delete it', async () => {
    await zk.client.create('/full');
    await zk.client.create('/full/child');
    const { code, stderr } = await zk.shell(Delete, ['/full']);
    expect(code).toBe(6);
    expect(stderr).toContain('deleteall');
    expect(await zk.client.exists('/full/child')).toBeDefined();
  });

  it('exits 3 where there is no znode, 2 for a bad path or version', async () => {
    expect((await zk.shell(Delete, ['/nothing'])).code).toBe(3);
    expect((await zk.alone(Delete, ['nothing'])).code).toBe(2);
    expect((await zk.shell(Delete, ['/a', 'x'])).code).toBe(2);
    expect((await zk.shell(Delete, ['/a', '--dry-run'])).code).toBe(2);
    expect(await zk.client.exists('/a')).toBeDefined();
  });
});
