import { beforeAll, describe, expect, it } from 'vitest';
import Ls from '../../commands/ls.ts';
import { connect } from '../../src/client/connect.ts';
import { statText } from '../../src/output/stat.ts';
import { useChroot } from '../support/chroot.ts';

describe('ls', () => {
  const zk = useChroot('ls');

  beforeAll(async () => {
    for (const path of ['/b', '/a', '/a/z', '/a/y', '/a/y/deep', '/c', '/c/x']) await zk.client.create(path);
  });

  it('prints the children sorted, in the brackets of zkCli', async () => {
    expect(await zk.alone(Ls, ['/'])).toEqual({ code: 0, stdout: '[a, b, c]\n', stderr: '' });
    expect((await zk.shell(Ls, ['/b'])).stdout).toBe('[]\n');
  });

  it('lists the current znode where none is named, outside the shell the root', async () => {
    expect((await zk.shell(Ls, [], { cwd: '/a' })).stdout).toBe('[y, z]\n');
    expect((await zk.shell(Ls, ['y'], { cwd: '/a' })).stdout).toBe('[deep]\n');
    expect((await zk.alone(Ls, [])).stdout).toBe('[a, b, c]\n');
    expect((await zk.alone(Ls, [''])).code).toBe(2);
  });

  it('prints the stat with -s', async () => {
    const { stat } = await zk.client.getChildren('/a');
    expect((await zk.shell(Ls, ['-s', '/a'])).stdout).toBe(`[y, z]\n${statText(stat)}\n`);
  });

  it('prints all below with -R in the order of zkCli', async () => {
    const lines = ['/', '/a', '/b', '/c', '/a/y', '/a/z', '/a/y/deep', '/c/x'];
    expect((await zk.shell(Ls, ['-R', '/'])).stdout).toBe(`${lines.join('\n')}\n`);
    expect((await zk.shell(Ls, ['-R', '/b'])).stdout).toBe('/b\n');
  });

  it('prints one JSON object a line with -R -o ndjson', async () => {
    const { stdout } = await zk.shell(Ls, ['-R', '-s', '/a', '-o', 'ndjson']);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found.map(({ path }) => path)).toEqual(['/a', '/a/y', '/a/z', '/a/y/deep']);
    expect(found[0].stat.numChildren).toBe(2);
  });

  it('prints the paths as CSV', async () => {
    expect((await zk.shell(Ls, ['/a', '-o', 'csv'])).stdout).toBe('path\n/a/y\n/a/z\n');
  });

  it('has the columns of the stat with -s: the znode itself first, with -R a stat in each row', async () => {
    const header = 'path,czxid,mzxid,pzxid,ctime,mtime,version,cversion,aversion,ephemeralOwner,dataLength,numChildren';
    const [first, itself, ...children] = (await zk.shell(Ls, ['-s', '/a', '-o', 'csv'])).stdout.split('\n');
    expect(first).toBe(header);
    expect(itself).toMatch(/^\/a,(0x[0-9a-f]+,){3}(\d{4}-[^,]+Z,){2}0,2,0,0x0,0,2$/);
    expect(children).toEqual([`/a/y${','.repeat(11)}`, `/a/z${','.repeat(11)}`, '']);
    const below = (await zk.shell(Ls, ['-R', '-s', '/a', '-o', 'csv'])).stdout.trim().split('\n');
    expect(below).toHaveLength(5);
    expect(below[0]).toBe(header);
    expect(below[2]).toMatch(/^\/a\/y,0x.*,1$/);
    for (const flags of [['-s'], ['-R', '-s']]) {
      expect((await zk.shell(Ls, [...flags, '/a', '-o', 'table'])).stdout).toContain('numChildren'.toUpperCase());
    }
  });

  it('lists thousands of znodes, wide and deep, each once', async () => {
    const wide = Array.from({ length: 3000 }, (_, i) => `/wide/n${i}`);
    await zk.client.create('/wide');
    await Promise.all(wide.map((path) => zk.client.create(path)));
    let deep = '/wide/n7';
    const chain = Array.from({ length: 150 }, (_, i) => {
      deep += `/d${i}`;
      return deep;
    });
    await zk.client.multi(chain.map((path) => ({ type: 'create', path })));
    const { stdout } = await zk.shell(Ls, ['-R', '/wide']);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(1 + 3000 + 150);
    expect(new Set(lines)).toEqual(new Set(['/wide', ...wide, ...chain]));
  });

  it('names what the ACL hides, lists the rest and exits 4', async () => {
    const owner = await connect(zk.servers, { auth: [{ scheme: 'digest', auth: 'owner:secret' }] });
    await owner.create('/acl');
    await owner.create('/acl/hidden', null, { acl: [{ scheme: 'auth', id: '', perms: 31 }] });
    await owner.create('/acl/open');
    await owner.close();
    const { code, stdout, stderr } = await zk.shell(Ls, ['-R', '/acl']);
    expect(stdout).toBe('/acl\n/acl/hidden\n/acl/open\n');
    expect(stderr).toBe('warning: getChildren "/acl/hidden": not permitted by the ACL\n');
    expect(code).toBe(4);
  });

  it('leaves watches on all that it lists with -R -w', async () => {
    await zk.shell(Ls, ['-R', '-w', '/c']);
    await zk.client.checkWatches('/c', 'children');
    await zk.client.checkWatches('/c/x', 'children');
  });

  it('exits 3 where there is no znode, with and without -R', async () => {
    const stderr = 'error: getChildren "/nothing": the node does not exist\n';
    expect(await zk.alone(Ls, ['/nothing'])).toEqual({ code: 3, stdout: '', stderr });
    expect(await zk.alone(Ls, ['-R', '/nothing'])).toEqual({ code: 3, stdout: '', stderr });
  });
});
