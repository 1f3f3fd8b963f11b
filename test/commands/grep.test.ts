import { beforeAll, describe, expect, it } from 'vitest';
import Grep from '../../commands/grep.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { grep } from '../../src/znodes/grep.ts';
import { compilePattern } from '../../src/znodes/grep-pattern.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedRelease } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const VALUES: Record<string, string | Buffer | null> = {
  '/app': null,
  '/app/a': 'host=db-1\nport=5432\nhost=db-2\n',
  '/app/a/config': '{"host": "db-1", "offset": 12345678901234567890, "list": ["db-1", 2]}',
  '/app/b': Buffer.from('\xff\x00binary host=db-1', 'latin1'),
  '/app/c': 'nothing here',
  '/app/empty': '',
  '/app/long': `${'x'.repeat(3000)}host=db-9${'y'.repeat(3000)}`,
};
const maven = await mavenIsThere();

describe('grep', () => {
  const zk = useChroot('grep');
  const lines = async (...argv: string[]) => {
    const { code, stdout, stderr } = await zk.shell(Grep, argv);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.split('\n').slice(0, -1);
  };

  beforeAll(async () => {
    for (const [path, data] of Object.entries(VALUES)) await zk.client.create(path, data);
  });

  it.each<[string[], string[]]>([
    [
      ['db-[12]'],
      [
        '/app/a:host=db-1',
        '/app/a:host=db-2',
        `/app/a/config:${VALUES['/app/a/config']}`,
        '/app/b: binary value matches at 0xe',
      ],
    ],
    [
      ['host=db-1', '/app', '-n'],
      ['/app/a:1:host=db-1', '/app/b: binary value matches at 0x9'],
    ],
    [
      ['db-[12]', '/app', '-l'],
      ['/app/a', '/app/a/config', '/app/b'],
    ],
    [
      ['host', '/app/a', '-c'],
      ['/app/a:2', '/app/a/config:1'],
    ],
    [['HOST=DB-2', '-i'], ['/app/a:host=db-2']],
    [['-F', '[', '/app'], [`/app/a/config:${VALUES['/app/a/config']}`]],
    [
      ['-w', 'db', '/app/a', '--only-matching', '-m', '1'],
      ['/app/a:db', '/app/a/config:db', '/app/a/config:db'],
    ],
    [['-v', 'host', '/app/a'], ['/app/a:port=5432']],
    [['-a', 'binary .*', '--only-matching'], ['/app/b:binary host=db-1']],
    [
      ['-l', '--', '-[12]', '/app/a'],
      ['/app/a', '/app/a/config'],
    ],
    [['--hex', 'ff 00'], ['/app/b: binary value matches at 0x0']],
    [['--hex', '646220', '-v', '/app/c'], ['/app/c: binary value does not match']],
    [['db', '--name', 'con*', '--name', 'x', '-l'], ['/app/a/config']],
    [
      ['db', '--max-depth', '1', '/app/a', '-l'],
      ['/app/a', '/app/a/config'],
    ],
    [['db', '--max-depth', '0', '/app/a', '-l'], ['/app/a']],
    [['db', '--json', '/host'], ['/app/a/config:db-1']],
    [['db', '--json', 'list'], ['/app/a/config:["db-1",2]']],
    [['^1234567890123456789.$', '--json', 'offset'], ['/app/a/config:12345678901234567890']],
  ])('%j', async (argv, found) => expect(await lines(...argv)).toEqual(found));

  it('exits 3 where nothing matches, or there is no znode', async () => {
    expect(await zk.shell(Grep, ['no such text'])).toEqual({ code: 3, stdout: '', stderr: '' });
    expect((await zk.shell(Grep, ['x', '/nothing'])).code).toBe(3);
  });

  it('cuts long lines on a terminal, around the match', async () => {
    const { stdout } = await zk.shell(Grep, ['db-9'], { tty: true, columns: 60 });
    expect(stdout).toMatch(/^\/app\/long:…x+host=db-9y+…\n$/);
    expect(stdout.length).toBeLessThanOrEqual(61);
    const coloured = await zk.shell(Grep, ['db-2', '-n'], { tty: true, env: { NO_COLOR: '', FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain('host=\u001b[31mdb-2\u001b[39m');
  });

  it('has offsets in bytes and the matches in JSON', async () => {
    const items = async (...argv: string[]) => JSON.parse((await zk.shell(Grep, [...argv, '-o', 'json'])).stdout);
    expect(await items('db-[12]', '/app/a', '--max-depth', '0')).toEqual([
      { path: '/app/a', line: 1, offset: 5, text: 'host=db-1', matches: ['db-1'] },
      { path: '/app/a', line: 3, offset: 25, text: 'host=db-2', matches: ['db-2'] },
    ]);
    expect(await items('db', '/app/b')).toEqual([{ path: '/app/b', offset: 14, binary: true }]);
    expect(await items('db', '/app/b', '-l')).toEqual([{ path: '/app/b' }]);
    expect(await items('db', '/app/b', '-c')).toEqual([{ path: '/app/b', count: 1 }]);
    expect(await items('o', '/app/c', '--only-matching')).toEqual([
      { path: '/app/c', line: 1, offset: 1, text: 'o', matches: ['o'] },
    ]);
    const csv = await zk.shell(Grep, ['port', '-o', 'csv']);
    expect(csv.stdout).toBe('path,line,offset,count,text\n/app/a,2,10,,port=5432\n');
  });

  it('passes over large values, and says so', async () => {
    const ran = await zk.shell(Grep, ['host', '--max-size', '1k', '-l']);
    expect(ran).toEqual({
      code: 0,
      stdout: '/app/a\n/app/a/config\n/app/b\n',
      stderr: 'note: passed over 1 value larger than 1k\n',
    });
  });

  it('gives up on a pattern that would take years, and names the znode', { timeout: 30_000 }, async () => {
    const zeros = await zk.client.create('/slow', `${'0'.repeat(80)}x`);
    const ran = await zk.shell(Grep, ['^(0+)+$']);
    expect([ran.code, ran.stdout]).toEqual([7, '']);
    expect(ran.stderr).toContain('the pattern takes too long on the value of "/slow"');
    await zk.client.delete(zeros.path);
  });

  it('searches what it may read, names what it may not, and exits 4', async () => {
    await zk.client.create('/shut', 'host', { acl: [{ scheme: 'ip', id: '10.9.9.9', perms: 31 }] });
    const ran = await zk.shell(Grep, ['port']);
    expect([ran.code, ran.stdout]).toEqual([4, '/app/a:port=5432\n']);
    expect(ran.stderr).toContain('warning: getData "/shut": not permitted by the ACL');
    await zk.client.delete('/shut');
  });

  it('says how many znodes went away meanwhile', async () => {
    await zk.client.create('/going');
    const names = Array.from({ length: 3000 }, (_, i) => `/going/n${i}`);
    await zk.client.multi(names.map((path) => ({ type: 'create', path, data: 'here' })));
    const deleting = new Proxy(zk.client, {
      get: (client, name) => {
        const value = Reflect.get(client, name, client);
        if (name !== 'getChildren' && name !== 'multiRead')
          return typeof value === 'function' ? value.bind(client) : value;
        return async (...args: unknown[]) => {
          const result = await value.apply(client, args);
          if (JSON.stringify(args[0]).includes('getChildren')) await client.delete('/going/n2999').catch(() => {});
          return result;
        };
      },
    });
    const ran = await zk.shell(Grep, ['here', '/going', '-l'], { session: async () => deleting });
    expect([ran.code, ran.stdout.split('\n').length - 1, ran.stderr]).toEqual([
      0,
      2999,
      'note: 1 znode went away meanwhile\n',
    ]);
    await zk.client.multi(names.slice(0, -1).map((path) => ({ type: 'delete', path })));
    await zk.client.delete('/going');
  });

  it.each([
    [['('], 'bad pattern "("'],
    [['--hex', 'xyz'], 'is not bytes in hexadecimal'],
    [['x', '--max-size', 'big'], '--max-size: "big" is no size'],
    [['x', '--json', 'a..b'], 'bad pointer'],
    [['x', '--hex', '-F'], 'cannot also be provided'],
    [[], 'missing argument: pattern'],
  ])('refuses %j', async (argv, message) => {
    const ran = await zk.shell(Grep, argv);
    expect(ran.stderr).toContain(message);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
  });

  it('finds the same with single requests', async () => {
    const found = async (oneByOne: boolean) => {
      const matches = [];
      const pattern = compilePattern('o');
      for await (const match of grep(zk.client, '/', pattern, { oneByOne, unreadable: () => {} })) matches.push(match);
      return matches;
    };
    expect(await found(true)).toEqual(await found(false));
  });

  it.skipIf(!maven)('finds the same on a server without multiRead', { timeout: 120_000 }, async () => {
    const client = await connect((await sharedRelease('3.5.10')).connectString);
    await client.create('/grep-old');
    for (const [path, data] of Object.entries(VALUES)) await client.create(`/grep-old${path}`, data);
    const old = await runCommand(Grep, ['db-[12]', '/grep-old'], { session: async () => client });
    const here = await zk.shell(Grep, ['db-[12]', '/']);
    expect(old).toEqual({ ...here, stdout: here.stdout.replaceAll(/^\//gm, '/grep-old/') });
    await client.close();
  });
});
