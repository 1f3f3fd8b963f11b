import { beforeAll, describe, expect, it } from 'vitest';
import Find from '../../commands/find.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { find } from '../../src/znodes/find.ts';
import { type Doomed, deleteFound, planFoundDeletion } from '../../src/znodes/find-delete.ts';
import { useChroot } from '../support/chroot.ts';
import { ephemeralEnsemble, sharedRelease } from '../support/ensembles.ts';
import { type Place, runCommand } from '../support/run-command.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const PATHS = ['/app', '/app/a', '/app/a/lock-1', '/app/a/lock-2', '/app/b', '/app/b/config', '/app/b/empty', '/other'];
const maven = await mavenIsThere();

describe('find', () => {
  const zk = useChroot('find');
  const lines = async (...argv: string[]) => {
    const { code, stdout, stderr } = await zk.shell(Find, argv);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.split('\n').slice(0, -1);
  };

  beforeAll(async () => {
    for (const path of PATHS) await zk.client.create(path, path.endsWith('empty') ? null : 'x'.repeat(path.length));
    await zk.client.create('/app/b/mine', 'x', { mode: 'ephemeral' });
    await zk.client.create('/app/c', 'x', { mode: 'container' });
    await zk.client.setData('/app/b/config', 'x'.repeat(5000));
    await zk.client.setAcl('/other', [{ scheme: 'ip', id: '127.0.0.1', perms: 31 }]);
  });

  it('prints all there is, a znode, then what is below it', async () => {
    expect(await lines('/')).toEqual(['/', ...PATHS.slice(0, 7), '/app/b/mine', '/app/c', '/other']);
    expect((await zk.alone(Find, ['/app/a'])).stdout).toBe('/app/a\n/app/a/lock-1\n/app/a/lock-2\n');
  });

  it.each([
    [
      ['--name', 'lock-*'],
      ['/app/a/lock-1', '/app/a/lock-2'],
    ],
    [['--name', 'lock-*', '--not', 'name=*1'], ['/app/a/lock-2']],
    [['--name', 'l*', '--name', '*2'], ['/app/a/lock-2']],
    [
      ['--path', '/app/*'],
      ['/app/a', '/app/b', '/app/c'],
    ],
    [
      ['--regex', '[0-9]$'],
      ['/app/a/lock-1', '/app/a/lock-2'],
    ],
    [['--type', 'ephemeral'], ['/app/b/mine']],
    [['--ephemeral'], ['/app/b/mine']],
    [['--size', '+4k'], ['/app/b/config']],
    [
      ['--size', '-2', '--not', 'type=ephemeral'],
      ['/', '/app/b/empty', '/app/c'],
    ],
    [['--version', '+0'], ['/app/b/config']],
    [
      ['--children', '3'],
      ['/app', '/app/b'],
    ],
    [['--empty'], ['/app/b/empty']],
    [
      ['--min-depth', '1', '--max-depth', '1'],
      ['/app', '/other'],
    ],
    [['--max-depth', '0'], ['/']],
    [['--acl', 'ip:*:w'], ['/other']],
    [['--not', 'acl=world:anyone'], ['/other']],
    [['--created', '2001-01-01'], []],
  ])('with %j', async (argv, found) => expect(await lines('/', ...argv)).toEqual(found));

  it('counts ages from now', async () => {
    const now = Date.now() + 60_000;
    const old = await zk.shell(Find, ['/', '--created', '-1h', '--name', 'a'], { now });
    expect(old.stdout).toBe('/app/a\n');
    expect((await zk.shell(Find, ['/', '--modified', '+1h'], { now: now + 7_200_000 })).stdout).toContain('/app/a\n');
    expect((await zk.shell(Find, ['/app', '--modified', '+1h'], { now })).stdout).toBe('');
  });

  it('finds what a session owns', async () => {
    const id = BigInt.asUintN(64, zk.client.sessionId);
    expect(await lines('/', '--owner', `0x${id.toString(16)}`)).toEqual(['/app/b/mine']);
    expect(await lines('/', '--owner', `${zk.client.sessionId}`)).toEqual(['/app/b/mine']);
    expect(await lines('/', '--owner', '0x1')).toEqual([]);
  });

  it('has a stat, and an ACL where it was read, in other formats', async () => {
    const stat = expect.objectContaining({ dataLength: 5000, version: 1 });
    const found = async (...argv: string[]) =>
      JSON.parse((await zk.shell(Find, ['/app/b', '--name', 'config', '-o', 'json', ...argv])).stdout);
    expect(await found()).toEqual([{ path: '/app/b/config', stat }]);
    const acl = [{ scheme: 'world', id: 'anyone', perms: 'cdrwa' }];
    expect(await found('--acl', 'world:anyone')).toEqual([{ path: '/app/b/config', stat, acl }]);
    const csv = await zk.shell(Find, ['/app/b', '--name', 'config', '-o', 'csv']);
    expect(csv.stdout.split('\n')[0]).toMatch(/^path,czxid,.*,numChildren$/);
  });

  it('ends paths with null characters in a pipe', async () => {
    expect((await zk.shell(Find, ['/app/a', '--null'])).stdout).toBe('/app/a\0/app/a/lock-1\0/app/a/lock-2\0');
  });

  it('begins at the current path', async () => {
    expect((await zk.shell(Find, ['--name', 'lock-1'], { cwd: '/app/a' })).stdout).toBe('/app/a/lock-1\n');
    expect((await zk.shell(Find, ['b', '--empty'], { cwd: '/app' })).stdout).toBe('/app/b/empty\n');
  });

  it.each([
    [['/nothing'], 3, 'the node does not exist'],
    [['/', '--size', 'big'], 2, '--size: "big" cannot be read'],
    [['/', '--dry-run'], 2, 'find changes nothing without --exec or --delete'],
    [['/', '--delete', '--exec', 'true'], 2, 'cannot also be provided'],
    [['/', '--exec', 'cat > file'], 2, '">" has no meaning in --exec'],
    [['/', '--exec', ' '], 2, '--exec names no command'],
  ])('refuses %j', async (argv, code, message) => {
    const ran = await zk.shell(Find, argv);
    expect(ran.stderr).toContain(message);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
  });

  it('finds the same with single requests', async () => {
    const paths: string[] = [];
    const unreadable = () => {};
    for await (const { path } of find(zk.client, '/', { tests: [], oneByOne: true, unreadable })) paths.push(path);
    expect(paths).toEqual(await lines('/'));
  });

  it.skipIf(!maven)('finds the same on a server without multiRead', { timeout: 120_000 }, async () => {
    const client = await connect((await sharedRelease('3.5.10')).connectString);
    const root = '/find-old';
    await client.create(root);
    for (const path of PATHS) await client.create(root + path, 'x'.repeat(path.length));
    const place: Place = { session: async () => client };
    const all = await runCommand(Find, [root], place);
    expect(all.stdout).toBe(`${[root, ...PATHS.map((path) => root + path)].join('\n')}\n`);
    const some = await runCommand(Find, [root, '--children', '0', '--acl', 'world:anyone:a', '--size', '-13'], place);
    expect(some.stdout).toBe(`${root}/app/b/empty\n${root}/other\n`);
    const gone = await runCommand(Find, [root, '--delete', '--yes', '-o', 'json'], place);
    expect([gone.code, JSON.parse(gone.stdout).deleted]).toEqual([0, 9]);
    expect(await client.exists(root)).toBeUndefined();
    await client.close();
  });
});

describe('find where the ACL hides something', () => {
  const zk = useChroot('find-hidden');

  it('finds what is hidden by its name and stat, names it, and exits 4', async () => {
    await zk.client.create('/shut', 'secret', { acl: [{ scheme: 'ip', id: '10.9.9.9', perms: 31 }] });
    await zk.client.create('/open');
    const all = await zk.shell(Find, ['/']);
    expect([all.code, all.stdout]).toEqual([4, '/\n/open\n/shut\n']);
    expect(all.stderr).toContain('warning: getData "/shut": not permitted by the ACL');
    const sized = await zk.shell(Find, ['/', '--size', '6']);
    expect([sized.code, sized.stdout]).toEqual([4, '/shut\n']);
    for (const argv of [
      ['--acl', 'world:anyone'],
      ['--not', 'acl=world:anyone'],
    ]) {
      expect((await zk.shell(Find, ['/', ...argv])).stdout).not.toContain('/shut');
    }
  });
});

describe('find --exec', () => {
  const zk = useChroot('find-exec');

  beforeAll(async () => {
    for (const path of ['/a', '/a/b c', "/a/'; echo no", '/a/z']) await zk.client.create(path);
  });

  it('runs a program for each znode, its path never more than a part of one argument', async () => {
    const ran = await zk.shell(Find, ['/a', '--exec', 'printf "<%s>\\n" at={} "x y"']);
    expect(ran).toEqual({
      code: 0,
      stdout: "<at=/a>\n<x y>\n<at=/a/'; echo no>\n<x y>\n<at=/a/b c>\n<x y>\n<at=/a/z>\n<x y>\n",
      stderr: '',
    });
    expect((await zk.shell(Find, ['/a', '--name', 'z', '--exec', 'echo'])).stdout).toBe('/a/z\n');
  });

  it('keeps the order with many at once, counts failures and exits 1', async () => {
    const script = `sh -c 'case $1 in *z) exit 3;; esac; echo "$1"' _ {}`;
    const ran = await zk.shell(Find, ['/a', '--exec', script, '--jobs', '3', '-o', 'json']);
    const items = JSON.parse(ran.stdout) as { path: string; exec: { exitCode: number; output: unknown } }[];
    expect(items.map(({ path, exec }) => [path, exec.exitCode])).toEqual([
      ['/a', 0],
      ["/a/'; echo no", 0],
      ['/a/b c', 0],
      ['/a/z', 3],
    ]);
    expect(items[2]?.exec.output).toEqual({ utf8: '/a/b c\n' });
    expect([ran.code, ran.stderr]).toEqual([1, 'warning: the command of --exec failed for 1 znode\n']);
  });

  it('says what it would run', async () => {
    const ran = await zk.shell(Find, ['/a', '--name', 'b*', '--exec', 'no-such-program -x {}', '--dry-run']);
    expect([ran.code, ran.stdout]).toEqual([0, 'would run no-such-program -x "/a/b c"\n']);
  });

  it('tells when a program cannot be started', async () => {
    const ran = await zk.shell(Find, ['/a', '--name', 'z', '--exec', 'no-such-program']);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('cannot run no-such-program');
  });

  it('says when a program printed more than is kept', async () => {
    const ran = await zk.shell(Find, ['/a', '--name', 'z', '--exec', `sh -c 'head -c 1100000 /dev/zero | tr "\\0" x'`]);
    expect([ran.code, ran.stdout.length]).toEqual([0, 1_048_577]);
    expect(ran.stderr).toBe('warning: only the first MiB is kept of what was printed for /a/z\n');
  });

  it('is ended by Ctrl-C', async () => {
    const stop = new AbortController();
    const running = zk.shell(Find, ['/a', '--exec', "sh -c 'sleep 600'", '--jobs', '2'], { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    expect((await running).code).toBe(130);
  });
});

describe('find --delete', () => {
  const zk = useChroot('find-delete');
  const plant = async (...paths: string[]) => {
    for (const path of ['/jobs', ...paths]) if (!(await zk.client.exists(path))) await zk.client.create(path, '12345');
  };

  it('shows what it would delete with --dry-run, and deletes exactly that', async () => {
    await plant('/jobs/a', '/jobs/a/old', '/jobs/b', '/jobs/b/old', '/jobs/b/new', '/jobs/old');
    const before = await zk.tree();
    const dry = await zk.shell(Find, ['/', '--name', 'old', '--delete', '--dry-run']);
    const paths = ['  /jobs/a/old', '  /jobs/b/old', '  /jobs/old'];
    expect(dry.stdout).toBe(['Would delete 3 znodes found in /:', ...paths, '15 bytes of data', ''].join('\n'));
    expect(await zk.tree()).toEqual(before);
    const ran = await zk.alone(Find, ['/', '--name', 'old', '--delete', '--yes']);
    expect(ran).toEqual({ code: 0, stdout: 'deleted 3 znodes\n', stderr: '' });
    expect(await zk.tree()).toEqual(['/jobs', '/jobs/a', '/jobs/b', '/jobs/b/new']);
  });

  it('asks first, naming ephemerals, and refuses where nobody can be asked', async () => {
    await plant('/jobs/b', '/jobs/b/new');
    await zk.client.create('/jobs/e', 'x', { mode: 'ephemeral' });
    const asked: string[] = [];
    const prompts = { confirm: async (message: string) => asked.push(message) < 0 } as unknown as Place['prompts'];
    const ran = await zk.shell(Find, ['/jobs', '--min-depth', '1', '--delete'], { tty: true, prompts });
    expect(asked).toEqual(['delete 4 znodes found in /jobs?']);
    expect(ran.stderr).toContain('/jobs/b/new');
    expect(ran.stderr).toContain(`ephemeral /jobs/e of session 0x${zk.client.sessionId.toString(16)}`);
    expect(ran.code).toBe(1);
    const alone = await zk.alone(Find, ['/jobs', '--delete']);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    await zk.client.delete('/jobs/e');
    expect(await zk.tree()).toEqual(['/jobs', '/jobs/a', '/jobs/b', '/jobs/b/new']);
  });

  it('leaves what has children that were not found, says so, and exits 6', async () => {
    await plant('/jobs/x', '/jobs/x/y', '/jobs/x/y/keep', '/jobs/x/z');
    const argv = ['/jobs/x', '--not', 'name=keep', '--delete'];
    const dry = await zk.shell(Find, [...argv, '--dry-run']);
    expect(dry.stdout.split('\n').slice(-3)).toEqual([
      '5 bytes of data',
      '2 znodes found will stay: there are others below',
      '',
    ]);
    const ran = await zk.shell(Find, [...argv, '--yes']);
    expect([ran.code, ran.stdout.split('\n')]).toEqual([
      6,
      ['deleted 1 znode, 2 are left:', '/jobs/x: NOT_EMPTY', '/jobs/x/y: NOT_EMPTY', ''],
    ]);
    const json = await zk.shell(Find, ['/jobs/x', '--name', 'y', '--delete', '--yes', '-o', 'json']);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      6,
      {
        path: '/jobs/x',
        paths: [],
        kept: ['/jobs/x/y'],
        bytes: 0,
        ephemerals: [],
        deleted: 0,
        gone: 0,
        failed: 1,
        failures: [{ path: '/jobs/x/y', code: 'NOT_EMPTY', message: expect.stringContaining('/jobs/x/y') }],
        dryRun: false,
      },
    ]);
  });

  it('leaves what has changed since it was found, and counts what others have deleted', async () => {
    const many = Array.from({ length: 1500 }, (_, i) => `/jobs/m/n${String(i).padStart(4, '0')}`);
    await zk.client.create('/jobs/m');
    await zk.client.multi(many.map((path) => ({ type: 'create', path })));
    const prompts = {
      confirm: async () => {
        await zk.client.setData('/jobs/m/n0700', 'changed');
        await zk.client.create('/jobs/m/n0800/child');
        await zk.client.delete('/jobs/m/n0900');
        await zk.client.delete('/jobs/m/n1000');
        await zk.client.create('/jobs/m/n1000', 'of somebody else');
        return true;
      },
    } as unknown as Place['prompts'];
    const ran = await zk.shell(Find, ['/jobs/m', '--delete', '-o', 'json'], { tty: true, prompts });
    const { deleted, gone, failures } = JSON.parse(ran.stdout);
    expect([ran.code, deleted, gone]).toEqual([6, 1496, 1]);
    expect(failures.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual([
      ['/jobs/m/n1000', 'BAD_VERSION'],
      ['/jobs/m/n0800', 'NOT_EMPTY'],
      ['/jobs/m/n0700', 'BAD_VERSION'],
      ['/jobs/m', 'NOT_EMPTY'],
    ]);
    expect((await zk.client.getChildren('/jobs/m')).children.sort()).toEqual(['n0700', 'n0800', 'n1000']);
  });

  it('never touches /zookeeper, nor the root', { timeout: 120_000 }, async () => {
    const { connectString } = await ephemeralEnsemble({ servers: 1 });
    const client = await connect(connectString);
    const session = async () => client;
    for (const path of ['/a', '/a/b', '/zookeeper2']) await client.create(path);
    const refused = await runCommand(Find, ['/zookeeper', '--delete', '--yes'], { session });
    expect([refused.code, refused.stderr]).toEqual([8, expect.stringContaining('does not touch /zookeeper')]);
    const ran = await runCommand(Find, ['/', '--min-depth', '1', '--delete', '--yes'], { session });
    expect([ran.code, ran.stdout]).toEqual([0, 'deleted 3 znodes\n']);
    const root = await runCommand(Find, ['/', '--delete', '--yes'], { session });
    expect([root.code, root.stdout]).toEqual([6, 'deleted 0 znodes, 1 are left:\n/: NOT_EMPTY\n']);
    expect((await runCommand(Find, ['/', '--path', '/zookeeper/*'], { session })).stdout).toContain(
      '/zookeeper/quota\n',
    );
    await client.close();
  });
});

describe('find --delete through a network that fails', () => {
  const zk = useChroot('find-cut');

  it('goes on when the connection is back, and counts as its own what it has deleted', async () => {
    const paths = Array.from({ length: 3000 }, (_, i) => `/n${i}`);
    await zk.client.multi(paths.map((path) => ({ type: 'create', path })));
    const [host = '', port = ''] = zk.client.servers.split(':');
    const proxy = await TcpProxy.start({ host, port: Number(port) });
    const client = await connect(`127.0.0.1:${proxy.port}${zk.client.chroot}`);
    const found: Doomed[] = [];
    for await (const { path, stat } of find(client, '/', { tests: [], minDepth: 1, unreadable: () => {} })) {
      if (stat !== undefined) found.push({ path, stat });
    }
    let transactions = 0;
    // The answer to the second transaction is kept back until it is done, and then lost with the connection.
    const cut = async (ops: Parameters<Client['multi']>[0], options: object) => {
      if (++transactions !== 2) return client.multi(ops, options);
      proxy.pause('down');
      const asked = client.multi(ops, options);
      asked.catch(() => {});
      await until('the deletion', async () => (await zk.client.exists('/'))?.numChildren === 1000);
      proxy.cut();
      proxy.resume('down');
      return asked;
    };
    const meddled = new Proxy(client, {
      get: (target, name) => {
        const value = name === 'multi' ? cut : Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const outcome = await deleteFound(meddled, planFoundDeletion(found));
    expect(transactions).toBeGreaterThan(3);
    expect([outcome.deleted, outcome.gone, outcome.failures.count]).toEqual([3000, 0, 0]);
    expect(await zk.tree()).toEqual([]);
    await client.close();
    await proxy.stop();
  });
});
