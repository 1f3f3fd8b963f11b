import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeLine, type UnreadableNode } from '../../src/znodes/ndjson-format.ts';
import { readExport } from '../../src/znodes/ndjson-reader.ts';
import { ExportWriter } from '../../src/znodes/ndjson-writer.ts';
import type { TreeNode } from '../../src/znodes/node-kind.ts';
import { OPEN, treeOf } from '../support/trees.ts';

const HEADER = { root: '/app', acl: true, stat: false };

function node(path: string, more: Partial<TreeNode> = {}): TreeNode {
  return { path, data: null, kind: { mode: 'persistent' }, acl: OPEN, ...more };
}

async function written(nodes: readonly (TreeNode | UnreadableNode)[], header = HEADER): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const writer = new ExportWriter({ write: async (bytes) => void chunks.push(bytes) });
  writer.header(header);
  for (const each of nodes) {
    if ('unreadable' in each) writer.unreadable(each.path, each.unreadable);
    else if (writer.node(each)) await writer.flush();
  }
  await writer.end();
  return Buffer.concat(chunks);
}

async function* inPieces(bytes: Buffer, size = bytes.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, { verify = true, size = bytes.length } = {}) {
  const { header, batches } = await readExport(inPieces(bytes, Math.max(1, size)), { name: 'f.ndjson', verify });
  const nodes: (TreeNode | UnreadableNode)[] = [];
  for await (const batch of batches) nodes.push(...batch);
  return { header, nodes };
}

/** An export whose end fits its lines, whatever they say. */
function sealed(...lines: string[]): Buffer {
  const [header = '', ...nodes] = lines;
  const body = Buffer.from([header, ...nodes].map((line) => `${line}\n`).join(''));
  const counts = nodes.map((line) => JSON.parse(line) as { unreadable?: string; data?: { utf8?: string } | null });
  const end = {
    zksh: 'end',
    znodes: counts.filter(({ unreadable }) => unreadable === undefined).length,
    unreadable: counts.filter(({ unreadable }) => unreadable !== undefined).length,
    bytes: counts.reduce((sum, { data }) => sum + Buffer.byteLength(data?.utf8 ?? ''), 0),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  return Buffer.concat([body, Buffer.from(`${JSON.stringify(end)}\n`)]);
}

const HEAD = '{"zksh":"export","format":1,"root":"/app","acl":false,"stat":false}';
const line = (path: string, more = '') => `{"path":${JSON.stringify(path)},"data":null${more}}`;

const kind: fc.Arbitrary<TreeNode['kind']> = fc.oneof(
  fc.constantFrom({ mode: 'persistent' } as const, { mode: 'container' } as const),
  fc.record({ mode: fc.constant('persistent_with_ttl' as const), ttl: fc.bigInt(1n, 0xff_ffff_ffffn) }),
  fc.record({ mode: fc.constant('ephemeral' as const), owner: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
);

const acl = fc.array(
  fc.record({
    scheme: fc.constantFrom('world', 'digest', 'ip', 'x509', 'sasl'),
    id: fc.oneof(fc.string(), fc.constantFrom('anyone', 'CN=a,OU=b:c', '10.0.0.0/8', 'ann:Zm9v')),
    perms: fc.oneof(fc.integer({ min: 0, max: 31 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  }),
  { minLength: 1, maxLength: 4 },
);

const tree = treeOf({ kind, acl });

describe('an export', () => {
  it('is read as it was written, whatever the names, data, kinds and ACLs, in whatever pieces', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.integer({ min: 1, max: 400 }), async (nodes, size) => {
        const bytes = await written(nodes);
        const { header, nodes: found } = await read(bytes, { size });
        expect(header).toMatchObject(HEADER);
        expect(found).toEqual(nodes);
        expect((await read(gzipSync(bytes), { size })).nodes).toEqual(nodes);
        expect(await written(found as TreeNode[])).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('has a line a znode that a person can read', () => {
    expect(nodeLine(node('/a', { data: Buffer.from('ü"\n') }))).toBe(
      '{"path":"/a","data":{"utf8":"ü\\"\\n"},"acl":["world:anyone:cdrwa"]}\n',
    );
    expect(nodeLine(node('/b', { data: Buffer.from([255]), acl: undefined, kind: { mode: 'container' } }))).toBe(
      '{"path":"/b","data":{"base64":"/w=="},"mode":"container"}\n',
    );
    expect(nodeLine({ ...node('/c'), acl: null }, '{"version":1}')).toBe(
      '{"path":"/c","data":null,"acl":null,"stat":{"version":1}}\n',
    );
  });

  it('that was cut off anywhere is refused as truncated', async () => {
    const bytes = await written([node('/'), node('/a', { data: Buffer.from('xyz') }), node('/b')]);
    for (let cut = 0; cut < bytes.length - 1; cut++) {
      await expect(read(bytes.subarray(0, cut)), `cut at ${cut}`).rejects.toMatchObject({ code: 'TRUNCATED_EXPORT' });
    }
    // Some editors leave out the last line feed.
    await expect(read(bytes.subarray(0, -1))).resolves.toBeDefined();
  });

  it('that was packed and cut off is refused as truncated', async () => {
    const packed = gzipSync(await written([node('/'), node('/a')]));
    for (const cut of [20, packed.length - 9, packed.length - 1]) {
      await expect(read(packed.subarray(0, cut))).rejects.toMatchObject({ code: 'TRUNCATED_EXPORT' });
    }
    const broken = Buffer.from(packed);
    broken[packed.length >> 1]! ^= 0xff;
    await expect(read(broken)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('is refused when any byte of it has changed', async () => {
    const bytes = await written([
      node('/'),
      node('/a', { data: Buffer.from('xyz') }),
      { path: '/b', unreadable: 'NO_AUTH' },
    ]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      const result = await read(changed).then(
        () => 'taken',
        (error: { exitCode: number; message: string }) => [error.exitCode, error.message.slice(0, 9)],
      );
      // The last line feed may as well be a blank.
      if (at < bytes.length - 1) expect([at, result]).toEqual([at, [2, 'f.ndjson:']]);
    }
  });

  it.each([
    ['no header', [line('/')], 'line 1: it is not the header of an export of zksh'],
    [
      'another format',
      [HEAD.replace('"format":1', '"format":2'), line('/')],
      'line 1: its format is 2, and this zksh reads format 1',
    ],
    ['two headers', [HEAD, line('/'), HEAD], 'line 3: the header of an export stands in the middle of another'],
    ['no root', [HEAD, line('/a')], 'line 2: the first znode must be "/", not "/a"'],
    ['a path that leaves the tree', [HEAD, line('/'), line('/../etc')], 'line 3: bad path "/../etc": .. is not a name'],
    ['a relative path', [HEAD, line('/'), line('a')], 'line 3: bad path "a": it does not start with /'],
    ['an empty name', [HEAD, line('/'), line('/a//b')], 'line 3: bad path "/a//b": it has an empty name (//)'],
    ['a control character', [HEAD, line('/'), line('/a\u0001')], 'U+0001'],
    [
      'a missing parent',
      [HEAD, line('/'), line('/a/b')],
      'line 3: "/a/b" does not come after its parent, in depth-first order',
    ],
    ['a path that stands twice', [HEAD, line('/'), line('/a'), line('/a/b'), line('/a')], 'line 5: "/a" stands twice'],
    ['another order', [HEAD, line('/'), line('/b'), line('/a')], 'line 4: "/a" is out of order, it sorts before "b"'],
    [
      'a branch continued',
      [HEAD, line('/'), line('/a'), line('/b'), line('/a/c')],
      'line 5: "/a/c" does not come after its parent',
    ],
    [
      'a znode below an unreadable one',
      [HEAD, line('/'), '{"path":"/a","unreadable":"NO_AUTH"}', line('/a/b')],
      'line 4: "/a/b" is below what was not readable',
    ],
    ['an unknown field', [HEAD, line('/', ',"akl":[]')], 'line 2: there is no field "akl"'],
    ['an ACL against the header', [HEAD, line('/', ',"acl":[]')], 'line 2: it has an "acl", which the header denies'],
    ['no ACL against the header', [HEAD.replace('"acl":false', '"acl":true'), line('/')], 'line 2: it has no "acl"'],
    [
      'a bad ACL',
      [HEAD.replace('"acl":false', '"acl":true'), line('/', ',"acl":["world:anyone"]')],
      'line 2: the ACL entry "world:anyone" is not scheme:id:perms',
    ],
    ['an unknown mode', [HEAD, line('/', ',"mode":"sequential"')], 'line 2: "mode" "sequential" is none of'],
    ['a TTL of 0', [HEAD, line('/', ',"mode":"persistent_with_ttl","ttl":0')], 'line 2: "ttl" must be a whole number'],
    ['a TTL without its mode', [HEAD, line('/', ',"ttl":5')], 'line 2: "ttl" goes with mode persistent_with_ttl only'],
    ['bad base64', [HEAD, '{"path":"/","data":{"base64":"a*"}}'], 'line 2: "data" must be null'],
    ['half a surrogate pair', [HEAD, '{"path":"/","data":{"utf8":"\\ud800"}}'], 'line 2: "data" must be null'],
    ['no data', [HEAD, '{"path":"/"}'], 'line 2: "data" must be null'],
    ['a list', [HEAD, '[]'], 'line 2: it is no JSON object'],
  ])('with %s is refused, naming the line', async (_, lines, message) => {
    await expect(read(sealed(...lines))).rejects.toMatchObject({
      code: 'BAD_EXPORT',
      exitCode: 2,
      message: expect.stringContaining(`f.ndjson: `),
    });
    await expect(read(sealed(...lines))).rejects.toThrow(message);
  });

  it('that is no JSON, no UTF-8, or goes on after its end, is refused', async () => {
    const whole = sealed(HEAD, line('/'));
    await expect(read(Buffer.concat([whole, Buffer.from(line('/a'))]))).rejects.toThrow('line 4: it stands after');
    await expect(read(Buffer.from('hello\n'))).rejects.toThrow('line 1: it is no JSON');
    const binary = Buffer.concat([Buffer.from(`${HEAD}\n${line('/')}\n`), Buffer.from([0xff, 0x0a])]);
    await expect(read(binary)).rejects.toThrow('line 3: it is no UTF-8');
    await expect(read(Buffer.alloc(0))).rejects.toThrow('f.ndjson: it is empty');
  });

  it('that was edited is taken when that is said, as long as its lines make sense', async () => {
    const lines = Buffer.from(`${HEAD}\n${line('/')}\n${line('/a')}\n`);
    expect((await read(lines, { verify: false })).nodes).toHaveLength(2);
    const edited = Buffer.from(sealed(HEAD, line('/'), line('/a')).toString().replace('"/a"', '"/b"'));
    await expect(read(edited)).rejects.toThrow('do not have the checksum');
    expect((await read(edited, { verify: false })).nodes).toHaveLength(2);
    await expect(read(Buffer.from(`${HEAD}\n${line('/')}\n${line('/')}\n`), { verify: false })).rejects.toThrow(
      'line 3',
    );
  });
});
