import { describe, expect, it } from 'vitest';
import { tokenize } from '../../src/shell/tokenizer.ts';
import { parseArguments, parseScript, type ScriptReader } from '../../src/znodes/multi-script.ts';

const reader: ScriptReader = {
  words: (line) => tokenize(line).flatMap((token) => (token.kind === 'word' ? [token.value] : [])),
  path: (typed) => typed,
  data: async (typed, base64) => Buffer.from(typed, base64 ? 'base64' : 'utf8'),
};

const bytes = (text: string) => Buffer.from(text);

async function one(line: string): Promise<unknown> {
  const [only] = await parseArguments([line], reader);
  return only?.op;
}

async function refusal(line: string): Promise<string> {
  return one(line).then(
    (op) => `accepted: ${JSON.stringify(op)}`,
    (error: Error) => error.message,
  );
}

describe('an operation of a transaction, as zkCli writes it', () => {
  it.each([
    ['create /a', { type: 'create', path: '/a', data: null, mode: 'persistent' }],
    ['create /a "two words"', { type: 'create', path: '/a', data: bytes('two words'), mode: 'persistent' }],
    ['create -e -s /a/n- x', { type: 'create', path: '/a/n-', data: bytes('x'), mode: 'ephemeral_sequential' }],
    ['create -es /a/n- x', { type: 'create', path: '/a/n-', data: bytes('x'), mode: 'ephemeral_sequential' }],
    ['create /a x -c', { type: 'create', path: '/a', data: bytes('x'), mode: 'container' }],
    ['create -t 500 /a', { type: 'create', path: '/a', data: null, mode: 'persistent_with_ttl', ttl: 500 }],
    [
      'create -s -t 500 /a',
      { type: 'create', path: '/a', data: null, mode: 'persistent_sequential_with_ttl', ttl: 500 },
    ],
    [
      'create /a x world:anyone:r',
      {
        type: 'create',
        path: '/a',
        data: bytes('x'),
        mode: 'persistent',
        acl: [{ perms: 1, scheme: 'world', id: 'anyone' }],
      },
    ],
    ['set -v 3 /a {"k":1}', { type: 'setData', path: '/a', data: bytes('{"k":1}'), version: 3 }],
    ['set /a -- -5', { type: 'setData', path: '/a', data: bytes('-5'), version: undefined }],
    ['set -b /a AP8=', { type: 'setData', path: '/a', data: Buffer.from([0, 255]), version: undefined }],
    ['set /a ""', { type: 'setData', path: '/a', data: bytes(''), version: undefined }],
    ['delete -v 0 /a', { type: 'delete', path: '/a', version: 0 }],
    ['delete /a', { type: 'delete', path: '/a', version: undefined }],
    ['check /a 4', { type: 'check', path: '/a', version: 4 }],
    ['check -v 4 /a', { type: 'check', path: '/a', version: 4 }],
    ['check /a -1', { type: 'check', path: '/a', version: -1 }],
  ])('%s', async (line, op) => {
    expect(await one(line)).toEqual(op);
  });

  it.each([
    ['rm /a', 'operation 1: "rm" is no operation of a transaction'],
    ['create', 'operation 1: create with 0 arguments'],
    ['create /a b c d', 'operation 1: create with 4 arguments'],
    ['create -c -e /a', 'operation 1: -c does not go with -s or -e: a container is neither'],
    ['create -e -t 5 /a', 'operation 1: -t does not go with -c or -e: only persistent nodes have a time to live'],
    ['create -t 0 /a', 'operation 1: "0" is no time to live'],
    ['create -x /a', 'operation 1: create has no flag -x'],
    ['create /a x world:anyone:q', 'operation 1: bad ACL entry "world:anyone:q": "q" is no permission'],
    ['set /a', 'operation 1: set with 1 argument'],
    ['set -v', 'operation 1: set: -v needs a value'],
    ['set -v 1.5 /a x', 'operation 1: a version is a whole number, or -1 for any, not "1.5"'],
    ['set -v 9999999999 /a x', 'operation 1: a version is a whole number, or -1 for any, not "9999999999"'],
    ['check /a', 'operation 1: check needs a path and one version'],
    ['check -v 1 /a 2', 'operation 1: check needs a path and one version'],
    ['   ', 'operation 1 is empty'],
  ])('refuses %s', async (line, message) => {
    expect(await refusal(line)).toBe(message);
  });
});

describe('an operation of a transaction, as JSON', () => {
  it.each([
    [
      { operation: 'create', path: '/a' },
      { type: 'create', path: '/a', data: null, mode: 'persistent' },
    ],
    [
      { operation: 'create', path: '/a', data: { base64: 'AP8=' }, mode: 'persistent_with_ttl', ttl: 9 },
      { type: 'create', path: '/a', data: Buffer.from([0, 255]), mode: 'persistent_with_ttl', ttl: 9 },
    ],
    [
      { operation: 'create', path: '/a', acl: [{ perms: 31, scheme: 'auth', id: '' }, 'world:anyone:r'] },
      {
        type: 'create',
        path: '/a',
        data: null,
        mode: 'persistent',
        acl: [
          { perms: 31, scheme: 'auth', id: '' },
          { perms: 1, scheme: 'world', id: 'anyone' },
        ],
      },
    ],
    [
      { operation: 'set', path: '/a', data: { utf8: 'x\ny' } },
      { type: 'setData', path: '/a', data: bytes('x\ny') },
    ],
    [
      { operation: 'set', path: '/a', data: null, version: 2 },
      { type: 'setData', path: '/a', data: null, version: 2 },
    ],
    [
      { operation: 'delete', path: '/a', version: -1 },
      { type: 'delete', path: '/a', version: -1 },
    ],
    [
      { operation: 'check', path: '/a', version: 0 },
      { type: 'check', path: '/a', version: 0 },
    ],
  ])('%j', async (json, op) => {
    expect(await one(JSON.stringify(json))).toEqual(op);
  });

  it.each([
    ['{"operation": "set"', /^operation 1: it is no JSON: /],
    [
      '{"operation": "create", "path": "/a", "acl": [{"perms": 1, "scheme": "digest", "id": "ops:pw"}]}',
      /^operation 1: bad ACL entry "digest:ops:\*{8}": its id is not user:HASH/,
    ],
    ['{"operation": "get", "path": "/a"}', /"operation" must be create, set, delete or check, not "get"$/],
    ['{"operation": "set", "data": "x"}', /"path" must be a string$/],
    ['{"operation": "set", "path": "/a"}', /set needs "data"$/],
    ['{"operation": "set", "path": "/a", "data": 5}', /"data" must be a string, null/],
    ['{"operation": "set", "path": "/a", "data": {"base64": "a%c"}}', /"data" must be a string, null/],
    ['{"operation": "set", "path": "/a", "data": "x", "vresion": 3}', /set has no field "vresion"$/],
    ['{"operation": "delete", "path": "/a", "version": "3"}', /"version" must be a whole number from -1 to 2147483647/],
    ['{"operation": "check", "path": "/a"}', /check needs "version"$/],
    ['{"operation": "create", "path": "/a", "mode": "temporary"}', /"mode" must be one of persistent, /],
    ['{"operation": "create", "path": "/a", "acl": []}', /"acl" must be text/],
  ])('refuses %s', async (line, message) => {
    expect(await refusal(line)).toMatch(message);
  });
});

describe('a script of a transaction', () => {
  it('skips blank lines and comments and remembers where each operation stood', async () => {
    const script = '# first\n\ncreate /a\r\n  set /a x  # why\n{"operation":"delete","path":"/b"}\n';
    const ops = await parseScript(script, reader);
    expect(ops.map(({ line, text, op }) => [line, text, op.type])).toEqual([
      [3, 'create /a', 'create'],
      [4, 'set /a x  # why', 'setData'],
      [5, '{"operation":"delete","path":"/b"}', 'delete'],
    ]);
  });

  it('names the line of a fault', async () => {
    await expect(parseScript('create /a\n\nset /b\n', reader)).rejects.toThrow('line 3: set with 1 argument');
  });
});
