import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import Diff from '../../commands/diff.ts';
import Export from '../../commands/export.ts';
import Import from '../../commands/import.ts';
import { useChroot } from '../support/chroot.ts';

const HIDDEN = [{ scheme: 'digest', id: 'ann:HGzdhR0gkQNjkgHH8iWH2nlMxdw=', perms: 31 }];

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zksh-export-'));
  return () => rm(directory, { recursive: true });
});

const file = (name: string) => join(directory, name);

describe('export', () => {
  const zk = useChroot('export');

  beforeAll(async () => {
    await zk.client.create('/app', null);
    await zk.client.create('/app/a', 'text');
    await zk.client.create('/app/a/b', Buffer.from([255]));
    await zk.client.create('/app/c', '');
  });

  const NODES = [
    '{"path":"/","data":null,"acl":["world:anyone:cdrwa"]}',
    '{"path":"/a","data":{"utf8":"text"},"acl":["world:anyone:cdrwa"]}',
    '{"path":"/a/b","data":{"base64":"/w=="},"acl":["world:anyone:cdrwa"]}',
    '{"path":"/c","data":{"utf8":""},"acl":["world:anyone:cdrwa"]}',
  ];

  it('writes NDJSON to stdout, and nothing else there', async () => {
    const { code, stdout, stderr } = await zk.alone(Export, ['/app']);
    const lines = stdout.split('\n');
    expect([code, stderr]).toEqual([0, 'exported /app: 4 znodes, 5 B of data\n']);
    expect(lines[0]).toBe('{"zksh":"export","format":1,"root":"/app","acl":true,"stat":false}');
    expect(lines.slice(1, 5)).toEqual(NODES);
    expect(lines[5]).toMatch(/^{"zksh":"end","znodes":4,"unreadable":0,"bytes":5,"sha256":"[0-9a-f]{64}"}$/);
    expect((await zk.alone(Export, ['/app', '-', '-q', '-o', 'ndjson'])).stdout).toBe(stdout);
    expect((await zk.shell(Export, ['app', '-q'], { cwd: '/' })).stdout).toBe(stdout);
    expect((await zk.shell(Export, ['-q'], { cwd: '/app' })).stdout).toBe(stdout);
  });

  it('writes a file that only its owner can read, whole or not at all', async () => {
    const whole = (await zk.alone(Export, ['/app', '-q'])).stdout;
    const { code, stdout } = await zk.alone(Export, ['/app', file('app.ndjson')]);
    expect([code, stdout]).toEqual([0, `${file('app.ndjson')}: 4 znodes, 5 bytes of data\n`]);
    expect(await readFile(file('app.ndjson'), 'utf8')).toBe(whole);
    expect((await stat(file('app.ndjson'))).mode & 0o777).toBe(0o600);
    // A failure leaves what was there, and no other file.
    const { code: failed } = await zk.alone(Export, ['/no/such', file('app.ndjson')]);
    expect(failed).toBe(3);
    expect(await readFile(file('app.ndjson'), 'utf8')).toBe(whole);
    expect(await readdir(directory)).toEqual(['app.ndjson']);
  });

  it('follows a link to the file, and writes what is no file as it is', async () => {
    await writeFile(file('target'), 'old');
    await symlink(file('target'), file('link'));
    await zk.alone(Export, ['/app', file('link'), '--no-acl']);
    expect(await readFile(file('target'), 'utf8')).toContain('"acl":false');
    expect((await zk.alone(Export, ['/app', '/dev/null'])).code).toBe(0);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    for (const name of ['link', 'target']) await rm(file(name));
    const { code, stderr } = await zk.alone(Export, ['/app', directory]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`cannot write ${directory}: `)]);
  });

  it.skipIf(!existsSync('/dev/full')).each([[], ['--gzip']])('fails when the disk is full %j', async (...flags) => {
    const { code, stderr } = await zk.alone(Export, ['/app', '/dev/full', ...flags, '-o', 'json']);
    expect([code, JSON.parse(stderr).error]).toEqual([
      1,
      expect.objectContaining({ code: 'CANNOT_WRITE_FILE', message: expect.stringContaining('ENOSPC') }),
    ]);
  });

  it('packs by the name or when told to, with the same bytes inside', async () => {
    const { stdout } = await zk.alone(Export, ['/app', '-q']);
    await zk.alone(Export, ['/app', file('app.ndjson.gz')]);
    expect(gunzipSync(await readFile(file('app.ndjson.gz'))).toString()).toBe(stdout);
    await zk.alone(Export, ['/app', file('packed'), '--gzip']);
    expect(await readFile(file('packed'))).toEqual(await readFile(file('app.ndjson.gz')));
    await zk.alone(Export, ['/app', file('plain.gz'), '--no-gzip']);
    expect(await readFile(file('plain.gz'), 'utf8')).toBe(stdout);
  });

  it('reports in JSON on an export to a file', async () => {
    const { stdout } = await zk.alone(Export, ['/app', file('j.ndjson'), '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      root: '/app',
      file: file('j.ndjson'),
      znodes: 4,
      bytes: 5,
      unreadable: 0,
      hiddenAcls: 0,
      vanished: 0,
      changed: 0,
      acl: true,
      gzip: false,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { code, stderr } = await zk.alone(Export, ['/app', '-o', 'json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining("an export is NDJSON, it can't be json")]);
  });

  it('has the stats, and the time and zxid, with --stat', async () => {
    const { stdout } = await zk.alone(Export, ['/app', '-q', '--stat', '--no-acl']);
    const [header, root] = stdout.split('\n').map((line) => JSON.parse(line || '{}'));
    expect(header).toMatchObject({
      stat: true,
      acl: false,
      time: '2026-01-02T03:04:05.000Z',
      zxid: expect.stringMatching(/^\d+$/),
    });
    expect(root.stat).toMatchObject({ version: 0, numChildren: 2, ephemeralOwner: '0' });
    await writeFile(file('stat.ndjson'), stdout);
    expect((await zk.alone(Import, [file('stat.ndjson'), '/from-stat', '--acl', 'world:anyone:r'])).stdout).toBe(
      'imported into /from-stat: 4 created\n',
    );
  });

  it('lists what the ACL hides and exits 4, unless told to skip it', async () => {
    await zk.client.create('/partly');
    await zk.client.create('/partly/hidden', null, { acl: HIDDEN });
    const { code, stderr } = await zk.alone(Export, ['/partly', file('partly')]);
    expect([code, stderr]).toEqual([4, 'warning: cannot read /partly/hidden: NO_AUTH\n']);
    expect(await readFile(file('partly'), 'utf8')).toContain('{"path":"/hidden","unreadable":"NO_AUTH"}\n');
    expect((await zk.alone(Export, ['/partly', file('partly'), '--skip-unreadable'])).code).toBe(0);
    const root = await zk.alone(Export, ['/partly/hidden', file('none')]);
    expect([root.code, root.stderr]).toEqual([4, expect.stringContaining('not permitted by the ACL')]);
  });

  it('shows a terminal nothing that drives it', async () => {
    await zk.client.create('/evil', '\u001b[2J\u202e\u009b');
    const { stdout } = await zk.alone(Export, ['/evil'], { tty: true });
    expect(stdout).not.toMatch(/[\u001b\u202e\u009b]/);
    expect(stdout).toContain('\\u202e');
    const packed = await zk.alone(Export, ['/evil', '--gzip'], { tty: true });
    expect([packed.code, packed.stderr]).toEqual([2, expect.stringContaining('noise on a terminal')]);
  });
});

describe('import', () => {
  const zk = useChroot('import');
  const exportTo = async (path: string, name: string) => {
    await zk.alone(Export, [path, file(name)]);
    return file(name);
  };

  beforeAll(async () => {
    await zk.client.create('/app', null);
    for (let i = 0; i < 20; i++) await zk.client.create(`/app/n${i}`, `value ${i}`);
    await exportTo('/app', 'import.ndjson');
  });

  it('creates what an export holds, from a file or stdin, where it was or elsewhere', async () => {
    const there = await zk.alone(Import, [file('import.ndjson')]);
    expect([there.code, there.stdout]).toEqual([0, 'imported into /app: 0 created, 21 there already\n']);
    const elsewhere = await zk.alone(Import, [file('import.ndjson'), '/x/y', '--parents', '-o', 'json']);
    expect(JSON.parse(elsewhere.stdout)).toEqual({
      root: '/x/y',
      created: 21,
      already: 0,
      overwritten: 0,
      kept: 0,
      pruned: 0,
      conflicts: 0,
      ephemerals: 0,
      unreadable: 0,
      dryRun: false,
    });
    const stdin = await readFile(file('import.ndjson'), 'utf8');
    expect((await zk.alone(Import, ['-', '/piped'], { stdin })).stdout).toBe('imported into /piped: 21 created\n');
    expect(await zk.text('/piped/n7')).toBe('value 7');
    const shell = await zk.shell(Import, ['-', '/piped']);
    expect([shell.code, shell.stderr]).toEqual([2, expect.stringContaining('stdin is where commands come from')]);
  });

  it('does nothing with a file that is cut off, damaged or missing', async () => {
    const whole = await readFile(file('import.ndjson'));
    const cases: [string, Buffer, string][] = [
      ['cut', whole.subarray(0, -200), 'TRUNCATED_EXPORT'],
      ['damaged', Buffer.from(whole.toString().replace('value 7', 'value 8')), 'BAD_EXPORT'],
      ['other', Buffer.from('hello\n'), 'BAD_EXPORT'],
      ['version', Buffer.from(whole.toString().replace('"format":1', '"format":9')), 'BAD_EXPORT'],
    ];
    for (const [name, bytes, error] of cases) {
      await writeFile(file(name), bytes);
      const { code, stderr } = await zk.alone(Import, [file(name), '/never', '-o', 'json']);
      expect([code, JSON.parse(stderr).error.code]).toEqual([2, error]);
    }
    expect((await zk.alone(Import, [file('missing'), '/never'])).stderr).toContain(`cannot read ${file('missing')}`);
    expect((await zk.alone(Import, [directory, '/never'])).stderr).toContain('it is a directory');
    expect(await zk.client.exists('/never')).toBeUndefined();
    const edited = await zk.alone(Import, [file('damaged'), '/edited', '--no-verify']);
    expect([edited.code, await zk.text('/edited/n7')]).toEqual([0, 'value 8']);
    const { code, stderr } = await zk.alone(Import, ['-', '/half'], { stdin: whole.subarray(0, -200).toString() });
    expect([code, stderr]).toEqual([2, expect.stringContaining('stdin: it ends')]);
  });

  it('ends at a line that no export has, though the checksum is right, and says how far it came', async () => {
    const lines = (await readFile(file('import.ndjson'), 'utf8')).trimEnd().split('\n');
    lines[15] = (lines[15] ?? '').replace('"path":"/', '"path":"/../');
    const body = `${lines.slice(0, -1).join('\n')}\n`;
    const end = { ...JSON.parse(lines.at(-1) ?? ''), sha256: createHash('sha256').update(body).digest('hex') };
    await writeFile(file('crafted'), `${body}${JSON.stringify(end)}\n`);
    const { code, stderr } = await zk.alone(Import, [file('crafted'), '/crafted']);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${file('crafted')}: line 16: bad path "/../`)]);
    expect(
      (await zk.tree()).filter((path) => path.startsWith('/crafted') || !path.startsWith('/')).length,
    ).toBeLessThan(15);
  });

  it('shows with --dry-run what it would do, and does nothing', async () => {
    await zk.alone(Import, [file('import.ndjson'), '/dry', '-q']);
    await zk.client.delete('/dry/n1');
    await zk.client.setData('/dry/n2', 'other');
    await zk.client.create('/dry/surplus');
    const before = await zk.tree();
    const { code, stdout, stderr } = await zk.alone(Import, [file('import.ndjson'), '/dry', '--dry-run', '--prune']);
    expect([code, stdout, stderr]).toEqual([
      6,
      'Would import into /dry: 1 created, 19 there already, 1 in conflict\n',
      'warning: "/dry/n2" is there already, with other data\n',
    ]);
    const over = await zk.alone(Import, [file('import.ndjson'), '/dry', '--dry-run', '--overwrite']);
    expect([over.code, over.stdout]).toEqual([
      0,
      'Would import into /dry: 1 created, 19 there already, 1 overwritten\n',
    ]);
    expect(await zk.tree()).toEqual(before);
  });

  it('names conflicts and exits 6, and asks before it overwrites or deletes', async () => {
    await zk.alone(Import, [file('import.ndjson'), '/conflict', '-q']);
    await zk.client.setData('/conflict/n2', 'other');
    await zk.client.create('/conflict/surplus', 'x');
    const { code, stderr } = await zk.alone(Import, [file('import.ndjson'), '/conflict']);
    expect([code, stderr]).toEqual([
      6,
      [
        'error: imported into /conflict, but not all: 0 created, 20 there already, 1 failed: "/conflict/n2" is there already, with other data',
        '  See what differs with diff; --overwrite takes what the export has, --skip-existing leaves what is there.',
        '',
      ].join('\n'),
    ]);
    const asked = await zk.alone(Import, [file('import.ndjson'), '/conflict', '--overwrite', '--prune']);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(asked.stderr).toContain('overwrite 1 and delete 1 znodes at and below /conflict');
    expect(asked.stderr).toContain('delete /conflict/surplus');
    expect(await zk.text('/conflict/n2')).toBe('other');
    const done = await zk.alone(Import, [file('import.ndjson'), '/conflict', '--overwrite', '--prune', '--yes']);
    expect(done.stdout).toBe('imported into /conflict: 0 created, 20 there already, 1 overwritten, 1 deleted\n');
    expect(await zk.client.exists('/conflict/surplus')).toBeUndefined();
    expect((await zk.alone(Diff, [`@${file('import.ndjson')}`, '/conflict'])).code).toBe(0);
  });

  it('refuses an export without ACLs until it is told which ACL to give', async () => {
    await zk.alone(Export, ['/app', file('no-acl'), '--no-acl']);
    const { code, stderr } = await zk.alone(Import, [file('no-acl'), '/no-acl']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('has no ACLs: it was exported with --no-acl')]);
    await zk.alone(Import, [file('no-acl'), '/no-acl', '--acl', 'world:anyone:cdr']);
    expect((await zk.client.getAcl('/no-acl/n3')).acl).toEqual([{ scheme: 'world', id: 'anyone', perms: 13 }]);
  });

  it('says where a file can not be read for want of permission', async () => {
    await writeFile(file('closed'), '');
    await chmod(file('closed'), 0);
    const { code, stderr } = await zk.alone(Import, [file('closed')]);
    // root reads everything: then it is the content that is wrong.
    expect([code, stderr]).toEqual([2, expect.stringMatching(/cannot read|it is empty/)]);
  });
});

describe('diff', () => {
  const zk = useChroot('diff');

  beforeAll(async () => {
    for (const top of ['/a', '/b']) {
      await zk.client.create(top, null);
      await zk.client.create(`${top}/same`, 'x');
      await zk.client.create(`${top}/text`, 'one\ntwo\nthree');
    }
    await zk.alone(Export, ['/a', file('a.ndjson')]);
  });

  it('prints nothing and exits 0 for the same tree, on the ensemble or in a file', async () => {
    expect(await zk.alone(Diff, ['/a', '/b'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.alone(Diff, ['/a', `@${file('a.ndjson')}`])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.alone(Diff, [`@${file('a.ndjson')}`, `@${file('a.ndjson')}`])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const stdin = await readFile(file('a.ndjson'), 'utf8');
    expect(await zk.alone(Diff, ['-', '/b'], { stdin })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await zk.alone(Diff, ['/a', '--to-server', zk.servers])).toEqual({ code: 0, stdout: '', stderr: '' });
    const there = await zk.shell(Diff, ['same', '--to-server', zk.servers], { cwd: '/a' });
    expect(there).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('finds each kind of change, and exits 8', async () => {
    const differs = async (flags: string[] = []) => {
      const { code, stdout, stderr } = await zk.alone(Diff, ['/a', '/b', ...flags]);
      return [code, stdout, stderr];
    };
    await zk.client.create('/b/new', 'xy');
    expect(await differs()).toEqual([8, '+ /b/new (2 bytes)\n', '']);
    await zk.client.delete('/b/new');
    await zk.client.create('/a/old', null);
    expect(await differs()).toEqual([8, '- /a/old (never set)\n', '']);
    await zk.client.delete('/a/old');
    await zk.client.setAcl('/b/same', [{ scheme: 'world', id: 'anyone', perms: 1 }]);
    expect(await differs()).toEqual([8, '~ /a/same acl (world:anyone:cdrwa -> world:anyone:r)\n', '']);
    expect(await differs(['--no-acl'])).toEqual([0, '', '']);
    await zk.client.setData('/b/text', 'one\n2\nthree');
    expect(await differs(['--no-acl'])).toEqual([8, '~ /a/text data (13 -> 11 bytes)\n', '']);
    expect(await differs(['--no-acl', '--data'])).toEqual([
      8,
      '~ /a/text data (13 -> 11 bytes)\n    @@ -2 +2 @@\n    -two\n    +2\n',
      '',
    ]);
    await zk.client.create('/b/e', null, { mode: 'ephemeral' });
    await zk.client.create('/a/e', null);
    expect((await differs(['--no-acl']))[1]).toContain('~ /a/e mode (persistent -> ephemeral)\n');
    const json = await zk.alone(Diff, ['/a', `/b`, '-o', 'json', '--data']);
    expect(JSON.parse(json.stdout)).toEqual([
      {
        change: 'changed',
        path: '/e',
        from: '/a/e',
        to: '/b/e',
        differs: ['mode'],
        mode: { from: 'persistent', to: 'ephemeral' },
      },
      {
        change: 'changed',
        path: '/same',
        from: '/a/same',
        to: '/b/same',
        differs: ['acl'],
        acl: {
          from: [{ scheme: 'world', id: 'anyone', perms: 'cdrwa' }],
          to: [{ scheme: 'world', id: 'anyone', perms: 'r' }],
        },
      },
      {
        change: 'changed',
        path: '/text',
        from: '/a/text',
        to: '/b/text',
        differs: ['data'],
        bytes: { from: 13, to: 11 },
        lines: ['@@ -2 +2 @@', '-two', '+2'],
      },
    ]);
    expect((await zk.alone(Diff, ['/a', '/b', '-o', 'csv'])).stdout.split('\n')[0]).toBe('change,path,differs,from,to');
  });

  it('says what nobody can compare, with exit code 4 when nothing else differs', async () => {
    for (const top of ['/h1', '/h2']) {
      await zk.client.create(top);
      await zk.client.create(`${top}/h`, null, { acl: HIDDEN });
    }
    expect(await zk.alone(Diff, ['/h1', '/h2'])).toEqual({ code: 4, stdout: '? /h1/h NO_AUTH\n', stderr: '' });
  });

  it('says so where it can not compare', async () => {
    await zk.alone(Export, ['/b', file('b.ndjson'), '--no-acl']);
    expect((await zk.alone(Diff, ['/b', `@${file('b.ndjson')}`])).stderr).toContain('ACLs are not compared');
    expect((await zk.alone(Diff, ['/a'])).stderr).toContain('diff needs two things to compare');
    expect((await zk.alone(Diff, ['-', '-'])).stderr).toContain('stdin can be only one of the two');
    expect((await zk.alone(Diff, ['/a', '@x', '--to-server', zk.servers])).code).toBe(2);
    expect((await zk.alone(Diff, ['/a', '/nothing'])).code).toBe(3);
    expect((await zk.alone(Diff, ['/a', `@${file('nothing')}`])).stderr).toContain('cannot read');
  });
});
