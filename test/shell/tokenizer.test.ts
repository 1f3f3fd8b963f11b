import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord } from '../../src/shell/quoting.ts';
import { tokenize } from '../../src/shell/tokenizer.ts';

function words(line: string): string[] {
  return tokenize(line).map((token) => token.value);
}

describe('words of a shell line', () => {
  it.each([
    ['get /a', ['get', '/a']],
    ['  get \t/a  ', ['get', '/a']],
    ['create /a "two words"', ['create', '/a', 'two words']],
    ["create /a 'two words'", ['create', '/a', 'two words']],
    ['create /a ""', ['create', '/a', '']],
    ['get /two\\ words', ['get', '/two words']],
    ['create /a "say \\"hi\\""', ['create', '/a', 'say "hi"']],
    ["create /a 'no \\n escapes'", ['create', '/a', 'no \\n escapes']],
    ["create $'/tab\\there' $'\\x41\\u0042\\u{1F600}'", ['create', '/tab\there', 'AB😀']],
    ['create "/a"\'b\'', ['create', '/ab']],
    ['ls --exec="echo hi"', ['ls', '--exec=echo hi']],
  ])('%s', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it.each([
    ['set /a {"k":1}', ['set', '/a', '{"k":1}']],
    ["set /a don't", ['set', '/a', "don't"]],
    ['set /a C:\\temp', ['set', '/a', 'C:\\temp']],
    ['set /a \\d+', ['set', '/a', '\\d+']],
    ['set /colour #ff0000', ['set', '/colour', '#ff0000']],
    ['reconfig -add server.5=h:1:2;3', ['reconfig', '-add', 'server.5=h:1:2;3']],
    ['set /a x->y', ['set', '/a', 'x->y']],
    ['set /a a|b&&c', ['set', '/a', 'a|b&&c']],
  ])('keep the meaning zkCli gives them: %s', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it('end at a comment', () => {
    expect(words('ls / # all of it')).toEqual(['ls', '/']);
    expect(words('#!/usr/bin/env zksh')).toEqual([]);
    expect(words('ls / ; #done')).toEqual(['ls', '/', ';']);
  });

  it('carry their place in the line', () => {
    expect(tokenize('get "/a b"')).toEqual([
      { kind: 'word', value: 'get', start: 0, end: 3, open: undefined },
      { kind: 'word', value: '/a b', start: 4, end: 10, open: undefined },
    ]);
  });

  it('with an unclosed quote are refused with its column, and read to the end leniently', () => {
    expect(() => tokenize('get "/a b')).toThrow('unclosed " quote at column 5');
    expect(tokenize('get "/a b', true).at(-1)).toMatchObject({ value: '/a b', open: '"', end: 9 });
    expect(() => tokenize("get $'/a")).toThrow("unclosed $' quote at column 5");
  });

  it('any text survives being quoted and read back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (values) => {
        // Only a lone `#` or an operator at the start could be taken for something else, so a command goes first.
        expect(words(['get', ...values.map(quoteWord)].join(' '))).toEqual(['get', ...values]);
      }),
    );
  });

  it('a lenient reading never throws and stays inside the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab/ "\'\\$;|&>#!=-\t\n') }), (line) => {
        let last = 0;
        for (const token of tokenize(line, true)) {
          expect(token.start).toBeGreaterThanOrEqual(last);
          expect(token.end).toBeGreaterThan(token.start);
          expect(token.end).toBeLessThanOrEqual(line.length);
          last = token.end;
        }
      }),
    );
  });
});
