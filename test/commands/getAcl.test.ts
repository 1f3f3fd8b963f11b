import { beforeAll, describe, expect, it } from 'vitest';
import GetAcl from '../../commands/getAcl.ts';
import { statText } from '../../src/output/stat.ts';
import { useChroot } from '../support/chroot.ts';

describe('getAcl', () => {
  const zk = useChroot('getAcl');

  beforeAll(async () => {
    await zk.client.create('/a', null, {
      acl: [
        { scheme: 'world', id: 'anyone', perms: 1 },
        { scheme: 'digest', id: 'ops:c2VjcmV0', perms: 31 },
      ],
    });
  });

  it('prints the entries as zkCli does', async () => {
    expect(await zk.alone(GetAcl, ['/a'])).toEqual({
      code: 0,
      stdout: "'world,'anyone\n: r\n'digest,'ops:x\n: cdrwa\n",
      stderr: '',
    });
  });

  it('prints the stat with -s', async () => {
    const stat = await zk.client.exists('/a');
    const { stdout } = await zk.shell(GetAcl, ['-s', '/a']);
    expect(stdout.endsWith(`\n: cdrwa\n${statText(stat!)}\n`)).toBe(true);
  });

  it('gives permissions as letters in JSON and CSV', async () => {
    const { acl } = JSON.parse((await zk.shell(GetAcl, ['/a', '-o', 'json'])).stdout);
    expect(acl).toEqual([
      { scheme: 'world', id: 'anyone', perms: 'r' },
      { scheme: 'digest', id: 'ops:x', perms: 'cdrwa' },
    ]);
    expect((await zk.shell(GetAcl, ['/a', '-o', 'csv'])).stdout).toBe(
      'scheme,id,perms\nworld,anyone,r\ndigest,ops:x,cdrwa\n',
    );
  });

  it('exits 3 where there is no znode', async () => {
    expect((await zk.shell(GetAcl, ['/nothing'])).code).toBe(3);
  });
});
