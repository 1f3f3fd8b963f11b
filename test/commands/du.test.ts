import { beforeAll, describe, expect, it } from 'vitest';
import Du from '../../commands/du.ts';
import { connect } from '../../src/client/connect.ts';
import { useChroot } from '../support/chroot.ts';

describe('du', () => {
  const zk = useChroot('du');
  const lines = async (argv: string[], place = {}) => {
    const { stdout } = await zk.shell(Du, argv, place);
    return stdout.split('\n').slice(0, -1);
  };

  beforeAll(async () => {
    for (const path of ['/app', '/app/big', '/app/many']) await zk.client.create(path);
    await zk.client.create('/app/big/one', 'x'.repeat(5000));
    await zk.client.create('/app/small', 'abc');
    for (let i = 0; i < 5; i++)
      await zk.client.create(`/app/many/${i}`, 'x', { mode: i < 2 ? 'ephemeral' : 'persistent' });
  });

  it('prints in a pipe each subtree one level down, by name, and the whole last', async () => {
    expect(await lines(['/app'])).toEqual(
      [
        'BYTES\tZNODES\tEPHEMERALS\tPATH',
        '5000\t2\t0\t/app/big',
        '5\t6\t2\t/app/many',
        '3\t1\t0\t/app/small',
        '5008\t10\t2\t/app',
      ].slice(1),
    );
    expect(await lines(['-s'], { cwd: '/app' })).toEqual(['5008\t10\t2\t/app']);
    expect((await lines(['/app', '-d', '9'])).map((line) => line.split('\t')[3])).toEqual([
      '/app/big/one',
      '/app/big',
      ...[0, 1, 2, 3, 4].map((i) => `/app/many/${i}`),
      '/app/many',
      '/app/small',
      '/app',
    ]);
  });

  it('counts as the server does', async () => {
    const whole = JSON.parse((await zk.shell(Du, ['/', '-s', '-o', 'json'])).stdout)[0];
    expect(whole.znodes).toBe((await zk.client.getAllChildrenNumber('/')) + 1);
    expect(whole).toEqual({ path: '/', depth: 0, znodes: 11, bytes: 5008, own: 0, ephemerals: 2, children: 1 });
  });

  it('shows the largest first with --top, on a terminal without being asked', async () => {
    const tty = await lines(['/app'], { tty: true });
    expect(tty[0]).toMatch(/^ +BYTES +ZNODES +EPHEMERALS +PATH$/);
    expect(tty.slice(1).map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['4.9 KiB', '2', '0', '/app/big'],
      ['5 B', '6', '2', '/app/many'],
      ['3 B', '1', '0', '/app/small'],
      ['4.9 KiB', '10', '2', '/app'],
    ]);
    expect((await lines(['/app', '--bytes'], { tty: true }))[1]).toMatch(/^ *5000 /);
    expect(await lines(['/app', '--top', '1', '--sort', 'count'])).toEqual(['5\t6\t2\t/app/many', '5008\t10\t2\t/app']);
    expect(await lines(['/app', '--top', '1', '--sort', 'name'])).toEqual([
      '5000\t2\t0\t/app/big',
      '5008\t10\t2\t/app',
    ]);
    expect(await lines(['/app', '-d', '9', '--top', '1'])).toHaveLength(2);
  });

  it('says on a terminal how many it has not shown, unless it was told how many to show', async () => {
    await zk.client.create('/lots');
    await zk.client.multi(Array.from({ length: 25 }, (_, i) => ({ type: 'create', path: `/lots/${i}` })));
    const { stdout, stderr } = await zk.shell(Du, ['/lots'], { tty: true });
    expect(stdout.trim().split('\n')).toHaveLength(1 + 20 + 1);
    expect(stderr).toBe('note: 20 of 25 subtrees shown, --top 0 shows all\n');
    expect((await zk.shell(Du, ['/lots', '--top', '20'], { tty: true })).stderr).toBe('');
    expect((await zk.shell(Du, ['/lots'])).stderr).toBe('');
    await zk.client.multi(Array.from({ length: 25 }, (_, i) => ({ type: 'delete', path: `/lots/${i}` })));
    await zk.client.delete('/lots');
  });

  it('leaves out what is below the threshold, but not from the sums', async () => {
    expect(await lines(['/app', '-t', '4KiB'])).toEqual(['5000\t2\t0\t/app/big', '5008\t10\t2\t/app']);
    expect((await zk.shell(Du, ['/app', '-t', 'x'])).code).toBe(2);
  });

  it('has a JSON form, one line each with -o ndjson', async () => {
    const ndjson = (await lines(['/app', '-o', 'ndjson'])).map((line) => JSON.parse(line));
    expect(ndjson[1]).toEqual({ path: '/app/many', depth: 1, znodes: 6, bytes: 5, own: 0, ephemerals: 2, children: 5 });
    const top = JSON.parse((await zk.shell(Du, ['/app', '--top', '9', '-o', 'json'])).stdout);
    expect(top.map(({ path }: { path: string }) => path)).toEqual(['/app/big', '/app/many', '/app/small', '/app']);
  });

  it('names what the ACL hides and exits 4', async () => {
    const owner = await connect(zk.servers, { auth: [{ scheme: 'digest', auth: 'owner:secret' }] });
    await owner.create('/acl');
    for (let i = 0; i < 12; i++) {
      await owner.create(`/acl/h${String(i).padStart(2, '0')}`, null, { acl: [{ scheme: 'auth', id: '', perms: 31 }] });
    }
    await owner.close();
    const { code, stdout, stderr } = await zk.shell(Du, ['/acl', '-s']);
    expect([code, stdout]).toEqual([4, '0\t13\t0\t/acl\n']);
    expect(stderr.match(/^warning: getData "\/acl\/h\d\d": not permitted by the ACL$/gm)).toHaveLength(10);
    expect(stderr).toMatch(/warning: 2 more znodes are hidden by their ACL\n$/);
  });

  it('exits 3 where there is no znode and 2 for flags that contradict', async () => {
    expect((await zk.shell(Du, ['/nothing'])).code).toBe(3);
    expect((await zk.shell(Du, ['/app', '-s', '-d', '2'])).code).toBe(2);
    expect((await zk.shell(Du, ['/app', '--sort', 'age'])).code).toBe(2);
  });
});
