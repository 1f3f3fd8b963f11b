import { describe, expect, it } from 'vitest';
import { compilePattern, type PatternOptions } from '../../src/znodes/grep-pattern.ts';
import { type SearchOptions, searchBytes } from '../../src/znodes/grep-search.ts';
import { createTimeLimit } from '../../src/znodes/grep-time-limit.ts';

type Options = PatternOptions & SearchOptions;

/** Each line that matches with the matches in brackets, or the offset in bytes that are no text. */
function hits(data: string | Buffer, pattern: string, options: Options = {}): string[] {
  const found = searchBytes(Buffer.from(data), compilePattern(pattern, options), options);
  if (found === undefined) return [];
  if (found.kind === 'bytes') return found.hits.map(({ offset, length }) => `${offset}+${length}`);
  return found.hits.map(({ line, offset, text, spans }) => {
    const marked = spans
      .toReversed()
      .reduce((all, [from, to]) => `${all.slice(0, from)}[${all.slice(from, to)}]${all.slice(to)}`, text);
    return `${line}@${offset}:${marked}`;
  });
}

describe('grep in text', () => {
  it.each<[string, string, Options, string[]]>([
    ['one\ntwo\nthree\n', 't.', {}, ['2@4:[tw]o', '3@8:[th]ree']],
    ['abcabc', 'b', {}, ['1@1:a[b]ca[b]c']],
    ['a.c abc', 'a.c', { fixed: true }, ['1@0:[a.c] abc']],
    ['Ärger ÄRGER', 'ärger', { ignoreCase: true }, ['1@0:[Ärger] [ÄRGER]']],
    ['ABC', 'b', { fixed: true, ignoreCase: true }, ['1@1:A[B]C']],
    ['für fürs für', 'für', { word: true }, ['1@0:[für] fürs [für]']],
    ['port=2181 port=21811', '2181', { word: true, fixed: true }, ['1@5:port=[2181] port=21811']],
    ['ä b', 'b', {}, ['1@3:ä [b]']],
    ['😀x', '^.x$', {}, ['1@0:[😀x]']],
    ['a\nb\n\nc', 'b', { invert: true }, ['1@0:a', '3@4:', '4@5:c']],
    ['a\na\na', 'a', { max: 2 }, ['1@0:[a]', '2@2:[a]']],
    ['a\n', '^$', {}, []],
    ['a\n\n', '^$', {}, ['2@2:[]']],
    ['x-1', 'x\\-1', {}, ['1@0:[x-1]']],
    ['', '', {}, []],
    ['a\nb', 'a\\nb', {}, []],
  ])('%j for %j %j', (data, pattern, options, found) => expect(hits(data, pattern, options)).toEqual(found));

  it('looks at each line from its start, whatever was found before', () => {
    expect(hits('xa\nax\nxa', 'a', {})).toEqual(['1@1:x[a]', '2@3:[a]x', '3@7:x[a]']);
  });
});

describe('grep in bytes', () => {
  const binary = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('für\nhost=a\n'), Buffer.from([0xfe])]);

  it.each<[string, Options, string[]]>([
    ['host', {}, ['7+4']],
    ['für', {}, ['2+4']],
    ['für', { fixed: true }, ['2+4']],
    ['FÜR', { ignoreCase: true }, []],
    ['^host=.$', {}, ['7+6']],
    ['none', {}, []],
    ['none', { invert: true }, ['undefined+0']],
    ['host', { invert: true }, []],
    ['ff00', { hex: true }, ['0+2']],
    ['0xFE', { hex: true }, ['14+1']],
    ['0a', { hex: true }, ['6+1', '13+1']],
    ['host', { asText: true }, ['2@7:[host]=a']],
  ])('for %j %j', (pattern, options, found) => expect(hits(binary, pattern, options)).toEqual(found));

  it('takes text with null bytes for binary too', () => {
    expect(hits('a\0host', 'host')).toEqual(['2+4']);
    expect(hits('ä\0host', 'host', { asText: true })).toEqual(['1@3:ä\0[host]']);
  });

  it('finds bytes in text as well', () => expect(hits('abc', '6263', { hex: true })).toEqual(['1+2']));
});

describe('a pattern', () => {
  it.each([
    ['(', {}, 'bad pattern "("'],
    ['[b-a]', {}, 'bad pattern "[b-a]"'],
    ['abc', { hex: true }, '"abc" is not bytes in hexadecimal'],
    ['zz', { hex: true }, '"zz" is not bytes in hexadecimal'],
    ['', { hex: true }, '"" is not bytes in hexadecimal'],
  ])('%j %j is refused', (pattern, options, message) => {
    expect(() => compilePattern(pattern, options)).toThrow(message);
  });

  it('is ended when it would take years', () => {
    const limit = createTimeLimit();
    const endless = () => /^(a+)+$/u.test(`${'a'.repeat(60)}b`);
    expect(limit.run(endless, 20)).toBe(false);
    let ran = false;
    expect(limit.run(() => (ran = true), 10_000)).toBe(true);
    expect(ran).toBe(true);
    const failing = () => {
      throw new RangeError('mine');
    };
    expect(() => limit.run(failing, 10_000)).toThrow('mine');
  });
});
