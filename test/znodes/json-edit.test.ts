import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteValue, mergePatch, setValue } from '../../src/znodes/json-edit.ts';
import { exactValue } from '../../src/znodes/json-exact.ts';
import { parsePointer } from '../../src/znodes/json-pointer.ts';
import { duplicateKey, scanJson } from '../../src/znodes/json-scan.ts';

const set = (text: string, pointer: string, value: string, parents = false) =>
  setValue(scanJson(text), parsePointer(pointer), scanJson(value), { parents }).text;
const del = (text: string, pointer: string) => deleteValue(scanJson(text), parsePointer(pointer)).text;
const merge = (text: string, patch: string) => mergePatch(scanJson(text), scanJson(patch)).text;

describe('reading JSON', () => {
  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '01',
      '-',
      '1.',
      '.5',
      '1e5',
      '-0',
      'true',
      'nul',
      ' ',
    ];
    const more = ['null', '\n', '"\\u00e9"', '"\\x"', '\t', 'NaN', '\ufeff', '"\u0001"', "'a'", '1.5E-3', '\u00a0'];
    const texts = fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 9 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        expect(readable(() => scanJson(text))).toBe(readable(() => JSON.parse(text)));
      }),
      { numRuns: 5000 },
    );
    const spaced = fc.tuple(fc.json(), fc.constantFrom(undefined, 1, '\t'));
    fc.assert(
      fc.property(spaced, ([json, indent]) => {
        const doc = scanJson(JSON.stringify(JSON.parse(json), undefined, indent));
        expect(JSON.stringify(exactValue(doc, doc.root))).toBe(JSON.stringify(JSON.parse(json)));
      }),
    );
  });

  it.each([
    ['{"a": 1,\n "b" 2}', '"2" stands where a colon should be (line 2, column 6)'],
    ['{"a": 1', 'it ends where a comma or } should be (line 1, column 8)'],
    ['', 'it ends where a value should be (line 1, column 1)'],
    ['[1,]', '"]" stands where a value should be (line 1, column 4)'],
    ['{a: 1}', '"a" stands where a key in double quotes should be (line 1, column 2)'],
    ['1 2', '"2" stands where the end should be (line 1, column 3)'],
    ['"ab', 'a string has no end (line 1, column 1)'],
    ['["\\q"]', 'a backslash begins no escape of JSON (line 1, column 3)'],
    ['\ufeff{}', 'a byte order mark stands before it (line 1, column 1)'],
    ['['.repeat(100_000), 'it is nested more than 500 deep (line 1, column 501)'],
  ])('says where %j is no JSON', (text, message) => {
    expect(() => scanJson(text)).toThrow(message);
  });

  it('reads strings of any length', () => {
    const text = JSON.stringify(`${'x'.repeat(5_000_000)}\n${'"'.repeat(100_000)}`);
    expect(scanJson(text).root.end).toBe(text.length);
  });

  it('finds keys that stand twice', () => {
    expect(duplicateKey(scanJson('{"a": [{"b": 1, "c": {"b": 2}}], "b": 3}').root)).toBeUndefined();
    expect(duplicateKey(scanJson('[{"b": 1, "\\u0062": 2}]').root)?.key).toBe('b');
  });

  it('gives numbers that a double cannot hold as they are written', () => {
    const text = '[9007199254740993, 1.10, 0.1, -0, 1e400, 1E3, 12345678901234567890, 0.1000000000000000055, 1e-400]';
    const doc = scanJson(text);
    const strings = ['12345678901234567890', '0.1000000000000000055', '1e-400'];
    expect(exactValue(doc, doc.root)).toEqual(['9007199254740993', 1.1, 0.1, -0, '1e400', 1000, ...strings]);
  });
});

function readable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

describe('a JSON pointer', () => {
  const names = (text: string) => parsePointer(text).map(({ name }) => name);

  it.each([
    ['', []],
    ['.', []],
    ['/', ['']],
    ['/a/b', ['a', 'b']],
    ['/a~1b/m~0n/~01', ['a/b', 'm~n', '~1']],
    ['/a.b/0/-', ['a.b', '0', '-']],
    ['a.b[0].c', ['a', 'b', '0', 'c']],
    ['.a', ['a']],
    ['a."x.y".z', ['a', 'x.y', 'z']],
    ['a["x]"][-]', ['a', 'x]', '-']],
    ['[0][1]', ['0', '1']],
    ['"a\\"b"', ['a"b']],
    ['dark-mode.ä ö', ['dark-mode', 'ä ö']],
  ])('%j is %j', (text, steps) => expect(names(text)).toEqual(steps));

  it.each(['/a~2', '/~', 'a..b', 'a.', 'a[', 'a[x]', 'a[01]', 'a"b"', '"a"b', '"\\q"', 'a]'])('is not %j', (text) => {
    expect(() => parsePointer(text)).toThrow(/bad pointer/);
  });
});

describe('changing JSON', () => {
  const odd = '{\n\t"port" : 2181 ,\n\t"epoch":12345678901234567890,"ratio": 1.0e+2,\n\n\t"list": [1,  2]\n}\n\n';

  it('leaves every other character as it is', () => {
    expect(set(odd, '/port', '2182')).toBe(odd.replace('2181', '2182'));
    expect(set(odd, '/epoch', '12345678901234567891')).toBe(odd.replace('890,', '891,'));
    expect(set(odd, '/list/-', '3')).toBe(odd.replace('1,  2', '1,  2,  3'));
    expect(set(odd, '/list/0', '"x"')).toBe(odd.replace('[1', '["x"'));
    expect(set(odd, '/new', 'true')).toBe(odd.replace('[1,  2]', '[1,  2],\n\n\t"new" : true'));
    expect(del(odd, '/port')).toBe(odd.replace('"port" : 2181 ,\n\t', ''));
    expect(del(odd, '/epoch')).toBe(
      odd.replace('\n\t"epoch":12345678901234567890,', '\n\t').replace('\n\t"ratio', '"ratio'),
    );
    expect(del(odd, '/list')).toBe(odd.replace(',\n\n\t"list": [1,  2]', ''));
    expect(merge(odd, '{"epoch": 5, "none": null}')).toBe(odd.replace('12345678901234567890', '5'));
  });

  it('changes nothing where the value is the same but for blanks', () => {
    expect(set('{"a": [1, {"b": 2}]}\n', '/a', '[1,{"b":2}]')).toBe('{"a": [1, {"b": 2}]}\n');
    expect(merge('{"a": {"b": [1]}}', '{"a": {"b": [ 1 ]}, "x": {"y": null}}')).toBe('{"a": {"b": [1]}, "x": {}}');
    expect(merge('{"a": {"b": 1}}', '{"a": {"b": 1}}')).toBe('{"a": {"b": 1}}');
  });

  it.each([
    ['{}', '/a', '1', '{"a":1}'],
    ['{"a":1}', '/b', '{"c":[1,2]}', '{"a":1,"b":{"c":[1,2]}}'],
    ['{"a": 1}', '/b', '[1,2]', '{"a": 1, "b": [1, 2]}'],
    ['{ "a": 1 }', '/b', '2', '{ "a": 1, "b": 2 }'],
    ['[]', '-', '1', '[1]'],
    ['[[],[]]', '/1/-', '1', '[[],[1]]'],
    ['{\n  "a": {}\n}\n', '/a/b', '[1]', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}\n'],
    ['{\n  "a": 1\n}', '/b', '{}', '{\n  "a": 1,\n  "b": {}\n}'],
    ['{\r\n "a": 1\r\n}', '/b', '[2]', '{\r\n "a": 1,\r\n "b": [\r\n  2\r\n ]\r\n}'],
    ['{\n  "a": [1, 2]\n}', '/a', '[3,4,5]', '{\n  "a": [3, 4, 5]\n}'],
    ['{\n  "a": 1\n}', '/a', '{"b":1}', '{\n  "a": {\n    "b": 1\n  }\n}'],
    ['  {"a":1}\n', '', ' {"b": 2} ', '  {"b": 2}\n'],
    ['{\n"a":1\n}', '/b', '2', '{\n"a":1,\n"b":2\n}'],
  ])('lays out in %j at %s %s like what is around it', (text, pointer, value, after) => {
    expect(set(text, pointer, value)).toBe(after);
  });

  it('creates what is missing on the way only when asked to', () => {
    expect(() => set('{"a":{}}', '/a/b/c', '1')).toThrow('/a/b is not there');
    expect(set('{"a":{}}', '/a/b/c', '1', true)).toBe('{"a":{"b":{"c":1}}}');
    expect(set('{"a":[]}', '/a/-/c', '1', true)).toBe('{"a":[{"c":1}]}');
    expect(set('{}', 'a.b[0].c', '1', true)).toBe('{"a":{"b":[{"c":1}]}}');
    expect(set('{}', '/a/0', '1', true)).toBe('{"a":{"0":1}}');
    expect(() => set('{}', 'a[3]', '1', true)).toThrow('/a is not there');
  });

  it.each([
    ['{"a":1}', '/a/b', '/a is a number and holds nothing'],
    ['{"a":[1]}', '/a/1', '/a/1 is not there: the array has 1 elements'],
    ['{"a":[1]}', '/a/x', '/a is an array, and "x" is no index'],
    ['{"a":[1]}', '/a/00', '/a is an array, and "00" is no index'],
    ['{"a":{"0":1}}', 'a[0]', '/a is an object, and [0] counts elements'],
  ])('refuses in %j to set or remove %s', (text, pointer, message) => {
    expect(() => set(text, pointer, '1')).toThrow(message);
    expect(() => del(text, pointer)).toThrow(message);
  });

  it('removes the only item, the first, the last and one between', () => {
    expect(del('{ "a": 1 }', '/a')).toBe('{}');
    expect(del('[\n  1,\n  2,\n  3\n]', '/0')).toBe('[\n  2,\n  3\n]');
    expect(del('[\n  1,\n  2,\n  3\n]', '/1')).toBe('[\n  1,\n  3\n]');
    expect(del('[\n  1,\n  2,\n  3\n]', '/2')).toBe('[\n  1,\n  2\n]');
    expect(() => del('{}', '')).toThrow('not the whole value');
    expect(() => del('[1]', '/-')).toThrow('is not there');
  });

  it('gives on random values what changing the parsed value gives, with long numbers kept', () => {
    fc.assert(
      fc.property(
        fc.object({
          maxDepth: 3,
          withNullPrototype: false,
          values: [fc.integer(), fc.string(), fc.boolean(), fc.constant(null)],
        }),
        fc.constantFrom(undefined, 2, '\t'),
        fc.jsonValue({ maxDepth: 2 }),
        fc.nat(),
        (given, indent, value, pick) => {
          const object = { ...JSON.parse(JSON.stringify(given)), long: 0 } as Record<string, unknown>;
          const text = JSON.stringify(object, undefined, indent).replace(
            /"long":( ?)0/,
            '"long":$1123456789012345678901',
          );
          const keys = Object.keys(object).filter((key) => key !== 'long');
          const key = keys[pick % keys.length] ?? 'fresh';
          const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          const wanted = JSON.parse(JSON.stringify(value));
          const after = set(text, pointer, JSON.stringify(value));
          expect(after).toContain('123456789012345678901');
          const expected = Object.fromEntries([
            ...Object.entries(JSON.parse(text)).filter(([k]) => k !== key),
            [key, wanted],
          ]);
          expect(JSON.parse(after)).toEqual(expected);
          // A text that JSON.stringify wrote stays one that it would write.
          if (wanted === null || typeof wanted !== 'object') {
            expect(after.replace('123456789012345678901', '0')).toBe(
              JSON.stringify(JSON.parse(after.replace('123456789012345678901', '0')), undefined, indent),
            );
          }
          if (keys.includes(key)) {
            expect(JSON.parse(del(text, pointer))).toEqual(
              Object.fromEntries(Object.entries(JSON.parse(text)).filter(([k]) => k !== key)),
            );
          }
        },
      ),
    );
  });
});

describe('a merge patch', () => {
  // The examples of RFC 7386, appendix A.
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('on %s: %s', (text, patch, after) => expect(merge(text, patch)).toBe(after));

  it('gives on random objects what the definition gives', () => {
    const tree = fc.object({
      maxDepth: 3,
      maxKeys: 4,
      key: fc.constantFrom('a', 'b', 'c', '__proto__'),
      values: [fc.integer(), fc.constant(null), fc.string()],
    });
    fc.assert(
      fc.property(tree, tree, fc.constantFrom(undefined, 2), (target, patch, indent) => {
        const [a, b] = [JSON.stringify(target, undefined, indent), JSON.stringify(patch)];
        expect(JSON.stringify(JSON.parse(merge(a, b)))).toBe(JSON.stringify(defined(JSON.parse(a), JSON.parse(b))));
      }),
    );
  });
});

/** RFC 7386, section 2. */
function defined(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, defined(result.get(key), value));
  }
  return Object.fromEntries(result);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
