import { beforeAll, describe, expect, it } from 'vitest';
import Tree from '../../commands/tree.ts';
import { connect } from '../../src/client/connect.ts';
import { displayWidth } from '../../src/output/display-width.ts';
import { useChroot } from '../support/chroot.ts';

const UTF8 = { env: { LANG: 'en_US.UTF-8' } };

describe('tree', () => {
  const zk = useChroot('tree-command');

  beforeAll(async () => {
    for (const path of ['/app', '/app/a', '/app/a/x', '/app/a/y', '/app/b']) await zk.client.create(path, '12345');
    await zk.client.create('/app/c', null, { mode: 'ephemeral' });
    await zk.client.create('/odd');
    const names = ['a b', '...', '日本語'.repeat(30), '\u202egnp.exe', 'x'.repeat(300), 'e\u0301'];
    for (const name of names) await zk.client.create(`/odd/${name}`, `${name}\n\u001b[31mred`);
    await zk.client.create('/odd/bytes', Buffer.from([0xff, 0]));
    await zk.client.create('/odd/empty', '');
  });

  it('draws the tree and adds it up', async () => {
    const lines = ['/app', '├── a', '│   ├── x', '│   └── y', '├── b', '└── c  (ephemeral)', ''];
    expect(await zk.shell(Tree, ['/app'], UTF8)).toEqual({
      code: 0,
      stdout: `${[...lines, '6 znodes, depth 2, 25 bytes of data, 1 ephemeral'].join('\n')}\n`,
      stderr: '',
    });
    expect((await zk.shell(Tree, [], { ...UTF8, cwd: '/app/a' })).stdout).toMatch(/^\/app\/a\n├── x\n└── y\n/);
  });

  it.each([
    ['--ascii', ['--ascii'], { LANG: 'en_US.UTF-8' }],
    ['a locale without UTF-8', [], { LANG: 'en_US.UTF-8', LC_ALL: 'C' }],
    ['no locale', [], {}],
  ])('draws in ASCII with %s', async (_, flags, env) => {
    const { stdout } = await zk.shell(Tree, ['/app', '-L', '1', ...flags], { env });
    expect(stdout).toBe(
      [
        '/app',
        '|-- a  ... 2 children',
        '|-- b',
        '`-- c  (ephemeral)',
        '',
        '4 znodes, depth 1, 15 bytes of data, 1 ephemeral, at least 2 more not shown',
        '',
      ].join('\n'),
    );
  });

  it('has the columns that are asked for before the branches', async () => {
    const owner = `0x${zk.client.sessionId.toString(16)}`;
    const { stdout } = await zk.shell(Tree, ['/app', '--counts', '--sizes', '-L', '1'], UTF8);
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '    BELOW      SIZE  PATH',
      '        5        25  /app',
      '        2        15  ├── a  … 2 children',
      '        0         5  ├── b',
      '        0         0  └── c  (ephemeral)',
    ]);
    const now = Number((await zk.client.exists('/app'))!.mtime) + 90_000;
    const long = await zk.shell(Tree, ['/app', '--stat'], { ...UTF8, tty: true, now, columns: 100 });
    expect(long.stdout.split('\n')[0]).toBe('    DATA  VERSION  CHILDREN   MODIFIED  PATH');
    expect(long.stdout).toContain(`  └── c  (ephemeral ${owner})\n`);
    expect(long.stdout).toMatch(/^ {5}5 B {8}0 {9}3 {2} {0,4}1m\d+s ago {2}\/app$/m);
  });

  it('shows how data begins, on one line and harmless', async () => {
    const { stdout } = await zk.shell(Tree, ['/odd', '--data', '--ascii']);
    expect(stdout).toContain('|-- a b  a b\\n\\x1b[31mred\n');
    expect(stdout).toContain('|-- bytes  (2 bytes, no text)\n');
    expect(stdout).toContain('|-- empty  (empty)\n');
    expect(stdout).toContain(`  ${'x'.repeat(60)}...\n`);
  });

  it.each([40, 80])('stays within a terminal of %i columns, at any depth', async (columns) => {
    const deep = `/deep${'/level'.repeat(60)}`;
    if ((await zk.client.exists('/deep')) === undefined) {
      const levels = Array.from({ length: 61 }, (_, i) => `/deep${'/level'.repeat(i)}`);
      await zk.client.multi(levels.map((path) => ({ type: 'create', path })));
    }
    expect(await zk.client.exists(deep)).toBeDefined();
    for (const argv of [['/deep'], ['/odd', '--data'], ['/odd', '-s', '-d'], ['/app', '--counts', '-s']]) {
      const { code, stdout } = await zk.shell(Tree, argv, { ...UTF8, tty: true, columns });
      const lines = stdout.split('\n').slice(0, -3);
      expect([code, argv, lines.filter((line) => displayWidth(line) > columns)]).toEqual([0, argv, []]);
      expect(stdout).not.toMatch(/[\u001b\u202e]/);
    }
    const { stdout } = await zk.shell(Tree, ['/deep'], { ...UTF8, tty: true, columns });
    expect(stdout).toMatch(/^…\d+ {1,}└── level$/m);
  });

  it('colours by kind', async () => {
    const { stdout } = await zk.shell(Tree, ['/app', '-L', '1'], {
      ...UTF8,
      tty: true,
      env: { FORCE_COLOR: '1', LANG: 'C.UTF-8' },
    });
    expect(stdout).toContain('\u001b[36ma\u001b[39m');
    expect(stdout).toContain('\u001b[35mc\u001b[39m');
  });

  it('leaves out what has no children, and refuses a limit then', async () => {
    const { stdout } = await zk.shell(Tree, ['/app', '--no-leaves'], UTF8);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      '/app',
      '├── a',
      '│   └── … 2 without children',
      '└── … 2 without children',
    ]);
    expect((await zk.shell(Tree, ['/app', '--no-leaves', '--limit', '3'])).code).toBe(2);
  });

  it('is a flat list in JSON, NDJSON, CSV and tables, the znodes alone', async () => {
    const { stdout } = await zk.shell(Tree, ['/app', '-o', 'ndjson', '-d', '--sizes', '--limit', '1']);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found.map(({ path, depth }) => [path, depth])).toEqual([
      ['/app', 0],
      ['/app/a', 1],
      ['/app/a/x', 2],
    ]);
    expect(Object.keys(found[0])).toEqual([
      'path',
      'depth',
      'stat',
      'data',
      'treeZnodes',
      'treeBytes',
      'treeEphemerals',
    ]);
    expect(found[0]).toMatchObject({
      stat: { numChildren: 3, ephemeralOwner: '0' },
      data: { utf8: '12345' },
      treeZnodes: 6,
      treeBytes: 25,
      treeEphemerals: 1,
    });
    const plain = JSON.parse((await zk.shell(Tree, ['/app', '-o', 'json'])).stdout);
    expect(plain).toHaveLength(6);
    expect(Object.keys(plain[0])).toEqual(['path', 'depth', 'stat']);
    const csv = (await zk.shell(Tree, ['/app', '-o', 'csv'])).stdout.split('\n');
    expect(csv[0]).toBe('path,depth,children,bytes,version,modified,ephemeralOwner');
    expect(csv).toHaveLength(8);
  });

  it('marks what the ACL hides, names it and exits 4', async () => {
    const owner = await connect(zk.servers, { auth: [{ scheme: 'digest', auth: 'owner:secret' }] });
    await owner.create('/acl');
    await owner.create('/acl/hidden', null, { acl: [{ scheme: 'auth', id: '', perms: 31 }] });
    await owner.create('/acl/open');
    await owner.close();
    const { code, stdout, stderr } = await zk.shell(Tree, ['/acl'], UTF8);
    expect(stdout).toMatch(/^\/acl\n├── hidden {2}not permitted\n└── open\n/);
    expect(stderr).toMatch(/^warning: getData "\/acl\/hidden": not permitted by the ACL\n$/);
    expect(code).toBe(4);
  });

  it('exits 3 where there is no znode, with nothing on stdout', async () => {
    const stderr = 'error: getData "/nothing": the node does not exist\n';
    expect(await zk.alone(Tree, ['/nothing', '--stat'])).toEqual({ code: 3, stdout: '', stderr });
  });
});
