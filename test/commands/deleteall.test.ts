import { beforeEach, describe, expect, it, vi } from 'vitest';
import DeleteAll from '../../commands/deleteall.ts';
import { connect } from '../../src/client/connect.ts';
import type { TransactionOp } from '../../src/client/transaction.ts';
import { deleteTree, planDeletion } from '../../src/znodes/delete-tree.ts';
import { useChroot } from '../support/chroot.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { type Place, runCommand } from '../support/run-command.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const answer = (said: boolean, asked: string[] = []) =>
  ({
    confirm: async (message: string) => {
      asked.push(message);
      return said;
    },
  }) as unknown as Place['prompts'];

describe('deleteall', () => {
  const zk = useChroot('deleteall');

  beforeEach(async () => {
    for (const path of ['/keep', '/app', '/app/a', '/app/a/x', '/app/b']) {
      if ((await zk.client.exists(path)) === undefined) await zk.client.create(path, '12345');
    }
  });

  it('deletes a znode and all below it with --yes', async () => {
    expect(await zk.alone(DeleteAll, ['/app', '--yes'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.tree()).toEqual(['/keep']);
  });

  it('needs no yes for a single znode', async () => {
    expect((await zk.alone(DeleteAll, ['/app/b'])).code).toBe(0);
    expect(await zk.client.exists('/app/b')).toBeUndefined();
  });

  it('shows what it would do with --dry-run, ephemerals with their owners, and does nothing', async () => {
    await zk.client.create('/app/e', 'x', { mode: 'ephemeral' });
    const before = await zk.tree();
    const owner = zk.client.sessionId;
    const ran = await zk.shell(DeleteAll, ['/app', '--dry-run']);
    const lines = [
      'Would delete /app and 4 znodes below it',
      '21 bytes of data',
      `ephemeral /app/e of session 0x${owner.toString(16)}`,
    ];
    expect(ran).toEqual({ code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' });
    const { stdout } = await zk.shell(DeleteAll, ['/app', '--dry-run', '-o', 'json']);
    const ephemerals = [{ path: '/app/e', owner: owner.toString() }];
    expect(JSON.parse(stdout)).toEqual({
      path: '/app',
      znodes: 5,
      bytes: 21,
      ephemerals,
      deleted: 0,
      dryRun: true,
    });
    expect(await zk.tree()).toEqual(before);
  });

  it('asks on a terminal, and takes no for an answer', async () => {
    const asked: string[] = [];
    const before = await zk.tree();
    const ran = await zk.shell(DeleteAll, ['/app'], { tty: true, prompts: answer(false, asked) });
    expect(asked).toEqual([`delete /app and ${before.length - 2} znodes below it?`]);
    expect(ran.stderr).toContain('of data');
    expect(ran.stderr).toContain('nothing was changed');
    expect(ran.code).toBe(1);
    expect(await zk.tree()).toEqual(before);
    expect((await zk.shell(DeleteAll, ['/app'], { tty: true, prompts: answer(true) })).code).toBe(0);
    expect(await zk.tree()).toEqual(['/keep']);
  });

  it('refuses where nobody can be asked, and names the flag', async () => {
    const before = await zk.tree();
    const { code, stderr } = await zk.alone(DeleteAll, ['/app']);
    expect(stderr).toContain('--yes');
    expect(code).toBe(2);
    expect(await zk.tree()).toEqual(before);
  });

  it.each(['0', '1', '2', '7'])('deletes in transactions of %s', async (size) => {
    const paths = ['/app/many', ...Array.from({ length: 20 }, (_, i) => `/app/many/${i}`)];
    await zk.client.multi(paths.map((path) => ({ type: 'create', path })));
    const { code, stdout } = await zk.shell(DeleteAll, ['-b', size, '/app', '--yes', '-o', 'json']);
    expect([code, JSON.parse(stdout).deleted]).toEqual([0, 25]);
    expect(await zk.tree()).toEqual(['/keep']);
  });

  it('takes no more transactions than it must, children before parents', async () => {
    const paths = ['/app/deep', ...Array.from({ length: 30 }, (_, i) => [`/app/deep/${i}`, `/app/deep/${i}/x`]).flat()];
    await zk.client.multi(paths.map((path) => ({ type: 'create', path })));
    const multi = vi.spyOn(zk.client, 'multi');
    for (const plan of [await planDeletion(zk.client, '/app/deep'), { root: '/app' }]) {
      multi.mockClear();
      const deleted = await deleteTree(zk.client, plan, { batchSize: 10 });
      expect(multi).toHaveBeenCalledTimes(Math.ceil(deleted / 10));
    }
    multi.mockRestore();
    expect(await zk.tree()).toEqual(['/keep']);
  });

  it('exits 3 where there is no znode, and 2 for a batch size that is none', async () => {
    expect((await zk.shell(DeleteAll, ['/nothing', '--yes'])).code).toBe(3);
    expect((await zk.shell(DeleteAll, ['-b', '-1', '/app', '--yes'])).code).toBe(2);
    expect((await zk.shell(DeleteAll, ['-b', 'x', '/app', '--yes'])).code).toBe(2);
    expect(await zk.client.exists('/app')).toBeDefined();
  });

  it('deletes what comes into being meanwhile, and does not mind what has gone', async () => {
    const plan = await planDeletion(zk.client, '/app');
    await zk.client.delete('/app/b');
    await zk.client.create('/app/a/x/new');
    await zk.client.create('/app/a/x/new/newer');
    expect(await deleteTree(zk.client, plan)).toBe(5);
    expect(await zk.tree()).toEqual(['/keep']);
  });

  it('says how much is deleted and what is left when the ACL forbids some', async () => {
    await zk.client.create('/app/shut', null, { acl: [{ scheme: 'world', id: 'anyone', perms: 1 + 4 + 16 }] });
    await zk.client.create('/app/shut/in');
    const { code, stdout, stderr } = await zk.shell(DeleteAll, ['/app', '--yes']);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('3 znodes at and below "/app" were deleted, others are left: delete "/app/shut/in"');
    expect(await zk.tree()).toEqual(['/app', '/app/shut', '/app/shut/in', '/keep']);
    await zk.client.setAcl('/app/shut', [{ scheme: 'world', id: 'anyone', perms: 31 }]);
  });

  it('gives up on a tree that grows as fast as it is deleted', async () => {
    const grower = await connect(zk.servers);
    let n = 0;
    const growing = new Proxy(zk.client, {
      get: (client, name) => {
        if (name !== 'multi')
          return Reflect.get(client, name, client).bind?.(client) ?? Reflect.get(client, name, client);
        return async (ops: TransactionOp[], options: object) => {
          if (ops.some(({ path }) => path === '/app')) await grower.create(`/app/n${n++}`);
          return client.multi(ops, options);
        };
      },
    });
    const plan = await planDeletion(zk.client, '/app');
    await expect(deleteTree(growing, plan, { batchSize: 1 })).rejects.toMatchObject({ code: 'NOT_EMPTY', exitCode: 6 });
    await grower.close();
    // Four passes, in each of which a refused delete is tried alone once more.
    expect(n).toBe(8);
  });
});

describe('deleteall through a network that fails', () => {
  const zk = useChroot('deleteall-cut');

  it('looks again after a transaction whose answer was lost, and ends what it began', async () => {
    const paths = Array.from({ length: 3000 }, (_, i) => `/app/n${i}`);
    await zk.client.create('/app');
    await zk.client.multi(paths.map((path) => ({ type: 'create', path })));
    const [host = '', port = ''] = zk.client.servers.split(':');
    const proxy = await TcpProxy.start({ host, port: Number(port) });
    const client = await connect(`127.0.0.1:${proxy.port}${zk.client.chroot}`);
    const plan = await planDeletion(client, '/app');
    let cuts = 0;
    await deleteTree(client, plan, {
      batchSize: 100,
      progress: (done) => {
        if (done >= 1000 && cuts++ === 0) proxy.cut();
      },
    });
    expect(cuts).toBeGreaterThan(0);
    expect(await zk.tree()).toEqual([]);
    await client.close();
    await proxy.stop();
  });

  it('says what is deleted, and that it may be more, when the servers stay away', async () => {
    await zk.client.create('/away');
    for (let i = 0; i < 20; i++) await zk.client.create(`/away/${i}`);
    const [host = '', port = ''] = zk.client.servers.split(':');
    const proxy = await TcpProxy.start({ host, port: Number(port) });
    const client = await connect(`127.0.0.1:${proxy.port}${zk.client.chroot}`);
    const stop = new AbortController();
    const ended = deleteTree(client, await planDeletion(client, '/away'), {
      batchSize: 1,
      signal: stop.signal,
      progress: () => {
        proxy.pause('down');
        stop.abort();
      },
    });
    await expect(ended).rejects.toMatchObject({
      code: 'INTERRUPTED',
      outcome: 'unknown',
      message: expect.stringMatching(/^\d+ znodes at and below "\/away" were deleted: .*interrupted$/),
    });
    await proxy.stop();
    await client.close();
    await zk.shell(DeleteAll, ['/away', '--yes']);
  });
});

describe('deleteall and /zookeeper', () => {
  it('empties the tree but for /zookeeper, which it never touches', { timeout: 120_000 }, async () => {
    const { connectString } = await ephemeralEnsemble({ servers: 1 });
    const client = await connect(connectString);
    const session = async () => client;
    for (const path of ['/a', '/a/b', '/zookeeper2']) await client.create(path);
    for (const path of ['/zookeeper', '/zookeeper/quota']) {
      const { code, stderr } = await runCommand(DeleteAll, [path, '--yes'], { session });
      expect(stderr).toContain('does not touch /zookeeper');
      expect(code).toBe(8);
    }
    const dry = await runCommand(DeleteAll, ['/', '--dry-run'], { session });
    expect(dry.stdout).toBe('Would delete all 3 znodes outside /zookeeper\n0 bytes of data\n');
    expect((await runCommand(DeleteAll, ['/', '--yes'], { session })).code).toBe(0);
    expect((await client.getChildren('/')).children).toEqual(['zookeeper']);
    expect((await client.getChildren('/zookeeper')).children.sort()).toEqual(['config', 'quota']);
    await client.close();
    const inside = await connect(`${connectString}/zookeeper/quota`);
    const ran = await runCommand(DeleteAll, ['/', '--yes'], { session: async () => inside });
    expect(ran.code).toBe(8);
    await inside.close();
  });
});
