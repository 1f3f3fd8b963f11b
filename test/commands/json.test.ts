import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import JsonDel from '../../commands/json/del.ts';
import JsonGet from '../../commands/json/get.ts';
import JsonMerge from '../../commands/json/merge.ts';
import JsonSet from '../../commands/json/set.ts';
import type { Client } from '../../src/client/client.ts';
import { useChroot } from '../support/chroot.ts';

const CHANGES = { set: JsonSet, del: JsonDel, merge: JsonMerge } as const;
type Change = keyof typeof CHANGES;

const CONFIG = '{\n  "offset": 9007199254740993,\n  "hosts": [ {"port": 2181} ],\n  "name": "b\\u00e4r"\n}\n';

describe('json get', () => {
  const zk = useChroot('json-get');

  it('prints a value as it is written, indented', async () => {
    await zk.client.create('/c', CONFIG);
    expect((await zk.alone(JsonGet, ['/c'])).stdout).toBe(
      '{\n  "offset": 9007199254740993,\n  "hosts": [\n    {\n      "port": 2181\n    }\n  ],\n  "name": "b\\u00e4r"\n}\n',
    );
    expect(await zk.shell(JsonGet, ['/c', '/hosts/0/port'])).toEqual({ code: 0, stdout: '2181\n', stderr: '' });
    expect((await zk.shell(JsonGet, ['/c', 'hosts[0]'])).stdout).toBe('{\n  "port": 2181\n}\n');
    expect((await zk.shell(JsonGet, ['/c', 'name'])).stdout).toBe('"b\\u00e4r"\n');
  });

  it('prints a string bare, and all else as it stands, with -o raw', async () => {
    expect((await zk.shell(JsonGet, ['/c', 'name', '-o', 'raw'])).stdout).toBe('bär');
    expect((await zk.shell(JsonGet, ['/c', 'hosts', '-o', 'raw'])).stdout).toBe('[ {"port": 2181} ]');
  });

  it('never gives another number than the one that is there', async () => {
    const all = JSON.parse((await zk.shell(JsonGet, ['/c', '', '-o', 'json'])).stdout);
    expect(all.value).toEqual({ offset: '9007199254740993', hosts: [{ port: 2181 }], name: 'bär' });
    const one = JSON.parse((await zk.shell(JsonGet, ['/c', '/offset', '-o', 'json'])).stdout);
    expect(one).toEqual({
      path: '/c',
      pointer: '/offset',
      version: 0,
      text: '9007199254740993',
      value: '9007199254740993',
    });
    expect((await zk.shell(JsonGet, ['/c', '/offset', '-o', 'yaml'])).stdout).toContain('value: "9007199254740993"');
  });

  it.each([
    [['/c', '/nothing'], 3, 'error: "/c": /nothing is not there'],
    [['/c', '/hosts/1'], 3, 'error: "/c": /hosts/1 is not there: the array has 1 elements'],
    [['/c', '/offset/x'], 3, 'error: "/c": /offset is a number and holds nothing'],
    [['/c', 'a..b'], 2, 'error: bad pointer "a..b": it cannot be read from character 2 on'],
    [['/none'], 3, 'getData "/none": the node does not exist'],
    [['/'], 3, 'error: "/" has no data'],
    [
      ['/text'],
      1,
      'error: the data of "/text" cannot be used as JSON: "h" stands where a value should be (line 1, column 1)',
    ],
    [['/bytes'], 1, 'it is no UTF-8 text'],
    [['/bom'], 1, 'a byte order mark stands before it'],
    [['/twice', '/b/a'], 1, 'the key "a" stands twice in one object (line 1, column 17)'],
    [['/twice', ''], 1, 'the key "a" stands twice'],
  ])('says of %j what is wrong', async (argv, code, message) => {
    if ((await zk.client.exists('/text')) === undefined) {
      await zk.client.create('/text', 'hello');
      await zk.client.create('/bytes', Buffer.from([0x22, 0xff, 0x22]));
      await zk.client.create('/bom', '\ufeff{}');
      await zk.client.create('/twice', '{"b": {"a": {}, "a": 1}, "c": 5}');
    }
    const ran = await zk.shell(JsonGet, argv);
    expect(ran.stderr).toContain(message);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
  });

  it('reads past a key that stands twice where the pointer does not lead', async () => {
    expect((await zk.shell(JsonGet, ['/twice', '/c'])).stdout).toBe('5\n');
  });
});

describe('json set, del and merge', () => {
  const zk = useChroot('json-set');
  let n = 0;
  const fresh = async (text: string | Buffer | null = CONFIG) => (await zk.client.create(`/c${n++}`, text)).path;

  it('change one value and nothing else', async () => {
    const path = await fresh();
    const ran = await zk.alone(JsonSet, [path, '/hosts/0/port', '2182']);
    expect(ran).toEqual({ code: 0, stdout: `${path} is written: version 1\n`, stderr: '' });
    expect(await zk.text(path)).toBe(CONFIG.replace('2181', '2182'));
    await zk.shell(JsonSet, [path, 'name', '5', '--string']);
    expect(await zk.text(path)).toContain('"name": "5"\n}\n');
    await zk.shell(JsonSet, [path, 'name', '@-', '--string']);
    expect(await zk.text(path)).toContain('"name": "@-"');
    expect((await zk.shell(JsonDel, [path, 'hosts'])).code).toBe(0);
    expect(await zk.text(path)).toBe('{\n  "offset": 9007199254740993,\n  "name": "@-"\n}\n');
    await zk.shell(JsonMerge, [path, '{"name": null, "on": true, "hosts": {"a": [1]}}']);
    expect(await zk.text(path)).toBe(
      '{\n  "offset": 9007199254740993,\n  "on": true,\n  "hosts": {\n    "a": [\n      1\n    ]\n  }\n}\n',
    );
  });

  it('take negative numbers, and values from stdin and files', async () => {
    const path = await fresh('{"a":1}');
    expect((await zk.alone(JsonSet, [path, 'a', '-5'])).code).toBe(0);
    expect(await zk.text(path)).toBe('{"a":-5}');
    await zk.alone(JsonSet, [path, 'a', '-'], { stdin: '{"long": 12345678901234567890}\n' });
    expect(await zk.text(path)).toBe('{"a":{"long":12345678901234567890}}');
    const file = join(tmpdir(), `zksh-json-${process.pid}.json`);
    await writeFile(file, '{"a": null, "b": [1]}');
    await zk.alone(JsonMerge, [path, '--file', file]);
    expect(await zk.text(path)).toBe('{"b":[1]}');
    await zk.alone(JsonMerge, [path, '-'], { stdin: '{"b": 2}' });
    await zk.alone(JsonMerge, [path, '-f', '-'], { stdin: '{"c": 3}' });
    await zk.alone(JsonSet, [path, 'd', `@${file}`]);
    expect(await zk.text(path)).toBe('{"b":2,"c":3,"d":{"a":null,"b":[1]}}');
    const ran = await zk.shell(JsonMerge, [path, '-'], { stdin: '{}' });
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringContaining('in the shell, stdin is where commands come from'),
    ]);
  });

  it('show with --dry-run what would change, and with -o raw the new text', async () => {
    const path = await fresh();
    const argv = [path, '{"offset": 7, "name": null, "x": {"y": [1, 2]}}', '--dry-run'];
    expect((await zk.shell(JsonMerge, argv)).stdout.split('\n')).toEqual([
      `Would change ${path}:`,
      '  ~ /offset: 9007199254740993 -> 7',
      '  - /name: "b\\u00e4r"',
      '  + /x: {"y":[1,2]}',
      '',
    ]);
    const raw = await zk.shell(JsonSet, [path, '/offset', '8', '--dry-run', '-o', 'raw']);
    expect(raw.stdout).toBe(CONFIG.replace('9007199254740993', '8'));
    const { stdout } = await zk.shell(JsonDel, [path, '/offset', '--dry-run', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      path,
      changed: true,
      differences: [{ pointer: '/offset', before: '9007199254740993' }],
      text: CONFIG.replace('\n  "offset": 9007199254740993,', ''),
      dryRun: true,
    });
    expect(await zk.text(path)).toBe(CONFIG);
  });

  it('write nothing where there is nothing to change', async () => {
    const path = await fresh();
    const same = await zk.shell(JsonSet, [path, 'hosts', '[{"port":2181}]', '-o', 'json']);
    expect(JSON.parse(same.stdout)).toEqual({ path, changed: false, differences: [], text: CONFIG, dryRun: false });
    expect((await zk.shell(JsonMerge, [path, '{"none": null}'])).stdout).toContain('is unchanged');
    expect((await zk.client.exists(path))?.version).toBe(0);
  });

  it('begin in a znode without data where they are told to', async () => {
    const path = await fresh(null);
    expect((await zk.shell(JsonSet, [path, '/a/b', '1'])).code).toBe(3);
    expect((await zk.shell(JsonDel, [path, '/a'])).code).toBe(3);
    expect((await zk.shell(JsonSet, [path, 'a.b[-]', '1', '--parents'])).code).toBe(0);
    expect(await zk.text(path)).toBe('{"a":{"b":[1]}}');
    const empty = await fresh('');
    expect((await zk.shell(JsonSet, [empty, '', '{ "a": 1 }'])).code).toBe(0);
    expect(await zk.text(empty)).toBe('{ "a": 1 }');
    const merged = await fresh('');
    expect((await zk.shell(JsonMerge, [merged, '{"a": {"b": null, "c": 1}}'])).code).toBe(0);
    expect(await zk.text(merged)).toBe('{"a":{"c":1}}');
  });

  it.each<[Change, string[], number, string]>([
    ['set', ['/a/b', '1'], 3, '/a is not there'],
    ['del', ['/a'], 3, '/a is not there'],
    ['del', [''], 2, 'json del takes out a part'],
    ['set', ['/a', 'text'], 2, 'error: the value is not JSON: "t" stands where a value should be (line 1, column 1)'],
    ['set', ['/a', '{"x":1,"x":2}'], 2, 'the key "x" stands twice'],
    ['merge', ['{'], 2, 'the patch is not JSON'],
    ['merge', [], 2, 'a merge needs one patch'],
  ])('refuse with %s %j and change nothing', async (name, argv, code, message) => {
    const path = await fresh();
    const ran = await zk.shell(CHANGES[name], [path, ...argv]);
    expect(ran.stderr).toContain(message);
    expect([ran.code, ran.stdout]).toEqual([code, '']);
    expect(await zk.text(path)).toBe(CONFIG);
  });

  it.each(['{"a":1,"b":{"c":1,"c":2}}', '\ufeff{"a":1}', '{"a":1} # odd', '\u0000'])('refuse %j', async (text) => {
    const path = await fresh(text);
    for (const [name, argv] of [
      ['set', ['a', '2']],
      ['del', ['a']],
      ['merge', ['{"a":2}']],
    ] as const) {
      const { code, stderr } = await zk.shell(CHANGES[name], [path, ...argv, '-o', 'json']);
      expect([code, JSON.parse(stderr).error.code]).toEqual([1, 'NOT_JSON']);
    }
    expect(await zk.text(path)).toBe(text);
  });

  it('change only the version asked for', async () => {
    const path = await fresh('{"a":1}');
    expect((await zk.shell(JsonSet, [path, 'a', '2', '-v', '3'])).code).toBe(6);
    expect((await zk.shell(JsonSet, [path, 'a', '2', '--version', '0'])).code).toBe(0);
    expect((await zk.shell(JsonSet, [path, 'a', '2', '-v', '0'])).code).toBe(6);
    expect((await zk.shell(JsonSet, [path, 'a', '3', '-v', '-1'])).code).toBe(0);
    expect(await zk.text(path)).toBe('{"a":3}');
  });

  describe('while others write', () => {
    /** Each time the value was read, somebody else writes the next of these before it is written back. */
    const meddled = (writes: (string | undefined)[]): Client =>
      new Proxy(zk.client, {
        get: (client, name) => {
          const value = Reflect.get(client, name, client);
          if (name !== 'setData') return typeof value === 'function' ? value.bind(client) : value;
          return async (path: string, data: string, options: object) => {
            const text = writes.shift();
            if (text !== undefined) await zk.client.setData(path, text);
            return client.setData(path, data, options);
          };
        },
      });

    it.each<[string, Change, string[], string, string]>([
      ['another member', 'set', ['a', '2'], '{"a":1,"b":7}', '{"a":2,"b":7}'],
      ['the layout', 'del', ['a'], '{ "a": 1, "c": 1 }', '{ "c": 1 }'],
      ['elsewhere', 'merge', ['{"a":5,"d":{"e":1}}'], '{"a":1,"x":0}', '{"a":5,"x":0,"d":{"e":1}}'],
    ])('make the change anew when it was %s', async (_, name, argv, meanwhile, after) => {
      const path = await fresh('{"a":1,"b":1}');
      const session = async () => meddled([meanwhile, meanwhile]);
      expect((await zk.shell(CHANGES[name], [path, ...argv], { session })).code).toBe(0);
      expect(await zk.text(path)).toBe(after);
    });

    it('append behind what others have appended', async () => {
      const path = await fresh('[1]');
      const session = async () => meddled(['[1,2]', '[1,2,3]']);
      expect((await zk.shell(JsonSet, [path, '[-]', '9'], { session })).code).toBe(0);
      expect(await zk.text(path)).toBe('[1,2,3,9]');
    });

    it.each<[Change, string[], string]>([
      ['set', ['a', '2'], '{"a":9,"l":[1,2]}'],
      ['set', ['new', '2'], '{"a":1,"l":[1,2],"new":3}'],
      ['del', ['a'], '{"l":[1,2]}'],
      ['del', ['l[0]'], '{"a":1,"l":[0,1,2]}'],
      ['merge', ['{"x":1,"a":2}'], '{"a":9,"l":[1,2]}'],
    ])(
      'do not overwrite with %s %j the same value that somebody else has just written',
      async (name, argv, meanwhile) => {
        const path = await fresh('{"a":1,"l":[1,2]}');
        const ran = await zk.shell(CHANGES[name], [path, ...argv], { session: async () => meddled([meanwhile]) });
        expect(ran.code).toBe(6);
        expect(ran.stderr).toContain('Somebody else has just changed the same value');
        expect(await zk.text(path)).toBe(meanwhile);
      },
    );

    it('give up after ten tries, and at once where a version is pinned', async () => {
      const path = await fresh('{"a":1}');
      const writes = Array.from({ length: 20 }, (_, i) => `{"a":1,"b":${i}}`);
      expect((await zk.shell(JsonSet, [path, 'a', '2'], { session: async () => meddled(writes) })).code).toBe(6);
      expect(writes).toHaveLength(10);
      const { version = 0 } = (await zk.client.exists(path)) ?? {};
      const pinned = await zk.shell(JsonSet, [path, 'a', '2', '-v', `${version}`], {
        session: async () => meddled(writes),
      });
      expect([pinned.code, writes.length]).toEqual([6, 9]);
      expect(await zk.text(path)).toBe('{"a":1,"b":10}');
    });
  });
});
