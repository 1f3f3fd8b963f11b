import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  entriesOf,
  parseProperties,
  printProperties,
  removeProperty,
  setProperty,
} from '../../src/config/properties-file.ts';
import { javaCompiles } from './java.ts';

/** What matters to java.util.Properties, and a little of what does not. */
const PIECES = [
  'a',
  'b',
  'tickTime',
  '=',
  ':',
  ' ',
  '\t',
  '\f',
  '\\',
  '\n',
  '\r',
  '\r\n',
  '#',
  '!',
  '\\u0041',
  '\\u',
  'n',
  '\xe9',
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(''));
const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one).toString('latin1'));

const settings = (file: string) => new Map(entriesOf(parseProperties(file)).map(({ key, value }) => [key, value]));

describe('a properties file', () => {
  it('is printed byte for byte as it was read', () => {
    fc.assert(
      fc.property(fc.oneof(text, bytes), (file) => {
        expect(printProperties(parseProperties(file))).toBe(file);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a=1', 'a', '1'],
    ['  a = 1  ', 'a', '1  '],
    ['a:1', 'a', '1'],
    ['a 1', 'a', '1'],
    ['a', 'a', ''],
    ['a = = 1', 'a', '= 1'],
    ['a\\=b=1', 'a=b', '1'],
    ['dataDir=C:\\zk\\data', 'dataDir', 'C:zkdata'],
    ['a=1 \\\n   2', 'a', '1 2'],
    ['a=1\\\\\nb=2', 'a', '1\\'],
    ['a=\\u00e9', 'a', 'é'],
    ['a=1 # 2', 'a', '1 # 2'],
    ['a=1\\\r\n#2', 'a', '1#2'],
  ])('reads %j', (line, key, value) => {
    expect(settings(line).get(key)).toBe(value);
  });

  it('knows the lines of its entries', () => {
    const file = parseProperties('# head\r\n\r\na=1\\\r\n  2\r\n!x\r\nb=3');
    expect(entriesOf(file).map(({ key, line }) => [key, line])).toEqual([
      ['a', 3],
      ['b', 6],
    ]);
  });

  it('is malformed where a \\u lacks its digits', () => {
    expect(parseProperties('a=1\nb=C:\\users\n')[1]).toMatchObject({ kind: 'malformed', line: 2 });
  });

  it.skipIf(!javaCompiles)(
    'is read as java.util.Properties reads it',
    () => {
      const files = [...fc.sample(text, 3000), ...fc.sample(bytes, 500)];
      const answers = readByJava(files);
      for (const [index, file] of files.entries()) expect(answerOf(file), JSON.stringify(file)).toBe(answers[index]);
    },
    60_000,
  );
});

describe('an edit of a properties file', () => {
  it('touches only the value', () => {
    const file = '# a\r\n tickTime : 2000\r\ninitLimit=10\r\n';
    expect(printProperties(setProperty(parseProperties(file), 'tickTime', '3000'))).toBe(
      '# a\r\n tickTime : 3000\r\ninitLimit=10\r\n',
    );
  });

  it('changes the entry that counts when there are two', () => {
    expect(printProperties(setProperty(parseProperties('a=1\na=2\n'), 'a', '3'))).toBe('a=1\na=3\n');
  });

  it('appends a new key, with the line ends of the file and none after it where there was none', () => {
    expect(printProperties(setProperty(parseProperties('a=1\r\n'), 'b', '2'))).toBe('a=1\r\nb=2\r\n');
    expect(printProperties(setProperty(parseProperties('a=1'), 'b', '2'))).toBe('a=1\nb=2');
    expect(printProperties(setProperty([], 'b', '2'))).toBe('b=2\n');
    expect(printProperties(setProperty(parseProperties('\na\\\r'), 'b', '2'))).toBe('\na\\\r\rb=2\r');
  });

  it('takes a key out with all its entries', () => {
    expect(printProperties(removeProperty(parseProperties('a=1\n#\nb=2\na=3\n'), 'a'))).toBe('#\nb=2\n');
  });

  it('can be read back, and leaves every other entry as it was', () => {
    fc.assert(
      fc.property(text, fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 12 }), (file, key, value) => {
        const before = parseProperties(file);
        const after = printProperties(setProperty(before, key, value));
        const read = settings(after);
        expect(read.get(key)).toBe(value);
        // A backslash alone at the end is an empty key to Java, and nothing once a line follows.
        for (const [other, old] of settings(file)) if (other !== key && other !== '') expect(read.get(other)).toBe(old);
      }),
      { numRuns: 2000 },
    );
  });
});

function answerOf(file: string): string {
  const pieces = parseProperties(file);
  if (pieces.some(({ kind }) => kind === 'malformed')) return 'refused';
  const last = new Map(entriesOf(pieces).map(({ key, value }) => [key, value]));
  return sorted(['read', ...[...last].map(([key, value]) => `${hex(key)}=${hex(value)}`)].join(' '));
}

function readByJava(files: readonly string[]): string[] {
  const frames = files.map((file) => Buffer.from(file, 'latin1'));
  const input = Buffer.concat([int(frames.length), ...frames.flatMap((frame) => [int(frame.length), frame])]);
  const source = fileURLToPath(new URL('ReadProperties.java', import.meta.url));
  const { stdout, stderr } = spawnSync('java', ['-XX:TieredStopAtLevel=1', source], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (stdout === '') throw new Error(stderr);
  return stdout.trimEnd().split('\n').map(sorted);
}

function sorted(line: string): string {
  const [word = '', ...pairs] = line.split(' ');
  return [word, ...pairs.sort()].join(' ');
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function hex(value: string): string {
  return [...Array(value.length).keys()].map((i) => value.charCodeAt(i).toString(16).padStart(4, '0')).join('');
}
