import { describe, expect, it } from 'vitest';
import { parseLine } from '../../src/shell/statement.ts';

describe('a line of statements', () => {
  it('is empty for blanks and comments', () => {
    expect(parseLine('')).toEqual([]);
    expect(parseLine('  # nothing')).toEqual([]);
  });

  it('splits at ; and && with or without a blank before', () => {
    expect(parseLine('ls /; get /a && stat /a;')).toMatchObject([
      { words: ['ls', '/'], after: ';' },
      { words: ['get', '/a'], after: ';' },
      { words: ['stat', '/a'], after: '&&' },
    ]);
  });

  it('pipes into a system command that keeps its own quotes and pipes', () => {
    expect(parseLine(`get /a | jq '.a; .b' | wc -l && ls /`)).toMatchObject([
      { words: ['get', '/a'], sink: { kind: 'pipe', command: `jq '.a; .b' | wc -l` } },
      { words: ['ls', '/'], after: '&&' },
    ]);
  });

  it('redirects into a file, over it or after it', () => {
    expect(parseLine('get /a > out.txt')).toMatchObject([{ sink: { kind: 'file', path: 'out.txt', append: false } }]);
    expect(parseLine('get /a >>"my file"')).toMatchObject([{ sink: { kind: 'file', path: 'my file', append: true } }]);
  });

  it('takes all that follows a leading ! as one system command', () => {
    expect(parseLine('!ls | wc -l; date')).toMatchObject([{ kind: 'system', command: 'ls | wc -l; date' }]);
    expect(parseLine('ls / && !date')).toMatchObject([{ words: ['ls', '/'] }, { kind: 'system', after: '&&' }]);
  });

  it.each([
    ['; ls', 'nothing before ; at column 1'],
    ['ls / ;;', 'nothing before ; at column 7'],
    ['ls / &&', 'nothing after && at column 6'],
    ['ls / |', 'no command after | at column 6'],
    ['| wc', 'no command before | at column 1'],
    ['ls / >', 'no file name after > at column 6'],
    ['ls / > a | wc', 'the output can go to one place only at column 10'],
    ['ls / || ls', '|| is not an operator of zksh at column 6'],
    ['ls / ; !!', '!! stands at the beginning of a line only at column 8'],
    ['!', 'no command after ! at column 1'],
  ])('refuses %s', (line, message) => {
    expect(() => parseLine(line)).toThrow(message);
  });
});
