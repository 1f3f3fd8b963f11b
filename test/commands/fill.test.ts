import { describe, expect, it } from 'vitest';
import Fill from '../../commands/fill.ts';
import { useChroot } from '../support/chroot.ts';

describe('fill', () => {
  const zk = useChroot('fill-command');

  it('makes a tree and says what it is like', async () => {
    const ran = await zk.alone(Fill, ['/a', '--count', '6', '--fanout', '2', '--size', '10']);
    expect(ran).toEqual({
      code: 0,
      stdout: '6 znodes made below /a\ndepth 2, up to 2 children a znode, 60 bytes of data, seed 1\n',
      stderr: '',
    });
    expect(await zk.tree()).toEqual(['/a', '/a/n0', '/a/n0/n0', '/a/n0/n1', '/a/n1', '/a/n1/n0', '/a/n1/n1']);
    const again = await zk.shell(Fill, ['a', '--count', '6', '--fanout', '2', '--size', '10'], { cwd: '/' });
    expect(again.stdout).toMatch(/^0 znodes made below \/a, 6 were there already\n/);
  });

  it('shows its plan with --dry-run and makes nothing', async () => {
    const before = await zk.tree();
    const flags = ['--dry-run', '--depth', '1', '--count', '1200000', '--size', '0-8KiB', '--ephemerals', '50%'];
    const ran = await zk.shell(Fill, ['/dry', ...flags], { tty: true });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /^Would make 1,200,000 znodes below \/dry\ndepth 1, up to 1,200,000 children a znode, 4\.6 GiB of data, 600,\d{3} ephemeral, seed 1\n$/,
    );
    expect(await zk.tree()).toEqual(before);
  });

  it('has a JSON form', async () => {
    const { stdout } = await zk.shell(Fill, ['/json', '--count', '10', '--random', '--seed', 'x', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      path: '/json',
      seed: 'x',
      znodes: 10,
      bytes: 1000,
      depth: expect.any(Number),
      widest: expect.any(Number),
      ephemerals: 0,
      containers: 0,
      created: 10,
      existed: 0,
      dryRun: false,
    });
  });

  it('tells the seed that it took, which makes the same tree again', async () => {
    const { stdout } = await zk.shell(Fill, ['/lot', '--random', '--count', '30', '--seed', 'random', '-o', 'json']);
    const again = ['/lot', '--random', '--count', '30', '--seed', JSON.parse(stdout).seed, '-o', 'json'];
    expect(JSON.parse((await zk.shell(Fill, again)).stdout)).toMatchObject({ created: 0, existed: 30 });
  });

  it('says that ephemerals end with the command, where they do', async () => {
    const flags = ['--count', '10', '--depth', '1', '--ephemerals', '100'];
    expect((await zk.alone(Fill, ['/alone', ...flags])).stderr).toContain('ephemeral znodes end with their session');
    expect((await zk.client.getChildren('/alone')).children).toEqual([]);
    expect((await zk.shell(Fill, ['/stay', ...flags])).stderr).toBe('');
    expect((await zk.client.getChildren('/stay')).children).toHaveLength(10);
  });

  it('asks for the name of a protected context before it makes anything', async () => {
    const chosen = { name: 'prod', context: { servers: zk.servers, protected: true }, byDefault: false };
    const place = { chosen } as object;
    const { code, stderr } = await zk.shell(Fill, ['/guarded', '--yes'], place);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--i-know prod')]);
    expect(await zk.client.exists('/guarded')).toBeUndefined();
    expect((await zk.shell(Fill, ['/guarded', '--count', '1', '--i-know', 'prod'], place)).code).toBe(0);
  });

  it.each([
    [['/x', '--count', '0'], 2],
    [['/x', '--size', '1KiB-1'], 2],
    [['/x', '--size', '1-2-3'], 2],
    [['/x', '--size', 'much'], 2],
    [['/x', '--containers', '101'], 2],
    [['/x', '--containers', ''], 2],
    [['/x', '--prefix', 'a/b'], 2],
    [['/x', '--depth', '9', '--fanout', '99'], 2],
    [['/x', '--random', '--fanout', '2'], 2],
    [['/zookeeper', '--count', '1', '--dry-run'], 0],
  ])('%j exits %i and makes nothing', async (argv, code) => {
    expect((await zk.shell(Fill, argv)).code).toBe(code);
    expect(await zk.client.exists('/x')).toBeUndefined();
  });
});
