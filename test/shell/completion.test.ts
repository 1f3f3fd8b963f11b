import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCompletion, layOut } from '../../src/shell/completion.ts';
import { completionTarget } from '../../src/shell/completion-target.ts';
import { tokenize } from '../../src/shell/tokenizer.ts';
import type { CommandInfo } from '../../src/shell/vocabulary.ts';

const vocabulary: CommandInfo[] = [
  {
    name: 'get',
    flags: [
      { words: ['-s', '--stat'], description: '', value: undefined },
      { words: ['-o', '--output'], description: '', value: ['json', 'text'] },
      { words: ['-C', '--context'], description: '', value: 'context' },
    ],
    args: ['path'],
  },
  { name: 'context add', flags: [], args: ['none'] },
  { name: 'context use', flags: [], args: ['context'] },
  { name: 'local stop', flags: [], args: ['member'] },
  { name: 'cp', flags: [], args: ['path', 'path'] },
  { name: 'help', flags: [], args: ['command'] },
  { name: 'quit', flags: [], args: [] },
];

/** What may stand at the `^`. */
function at(text: string) {
  const cursor = text.indexOf('^');
  return completionTarget(text.replace('^', ''), cursor, vocabulary);
}

describe('what may stand at the cursor', () => {
  it('the name of a command, at the beginning of any statement', () => {
    const names = ['get', 'context', 'local', 'cp', 'help', 'quit'];
    for (const line of ['^', 'ge^', 'quit ; ge^', 'quit && ^', '  ^']) expect(at(line)).toMatchObject({ words: names });
  });

  it('what is in a topic', () => {
    expect(at('context ^')).toMatchObject({ words: ['add', 'use'], value: 'none' });
    expect(at('help context ^')).toMatchObject({ words: ['add', 'use'] });
  });

  it('a flag, or the value of one', () => {
    const words = ['-s', '--stat', '-o', '--output', '-C', '--context'];
    expect(at('get -^')).toMatchObject({ words });
    expect(at('get /a --^')).toMatchObject({ words, typed: '--' });
    expect(at('get --output ^')).toMatchObject({ words: [], value: ['json', 'text'] });
    expect(at('get -C pr^')).toMatchObject({ value: 'context', typed: 'pr' });
    expect(at('get --context="pr^')).toMatchObject({ value: 'context', typed: 'pr', open: '"', from: 14 });
  });

  it('an argument, by its place', () => {
    expect(at('get ^')).toMatchObject({ value: 'path' });
    expect(at('get -o json --stat /a^')).toMatchObject({ value: 'path', typed: '/a', from: 19 });
    expect(at('cp /a /b^')).toMatchObject({ value: 'path', typed: '/b' });
    expect(at('context use pr^')).toMatchObject({ value: 'context' });
    expect(at('local stop ^')).toMatchObject({ value: 'member' });
    expect(at('get -- -^')).toMatchObject({ value: 'path', typed: '-' });
  });

  it('a quoted argument, with what its quotes mean', () => {
    expect(at('get "/two w^')).toMatchObject({ typed: '/two w', open: '"', from: 4 });
    expect(at("get '/two w^")).toMatchObject({ typed: '/two w', open: "'", from: 4 });
    expect(at(String.raw`get /two\ w^`)).toMatchObject({ typed: '/two w', open: undefined, from: 4 });
  });

  it('a file after > and nothing in system commands and comments', () => {
    expect(at('get /a > ou^')).toMatchObject({ value: 'file', typed: 'ou' });
    for (const line of ['!ls ^', 'get /a | gre^', '# get ^', 'get /a # and ^']) expect(at(line)).toBeUndefined();
  });
});

describe('what Tab puts there', () => {
  const target = { from: 4, typed: '', open: undefined, words: [], value: 'path' } as const;
  const paths = (...values: string[]) => values.map((value) => ({ value, goesOn: false }));

  it('the only candidate, finished with a blank unless more may follow in the same word', () => {
    expect(chooseCompletion(target, paths('/a'))).toMatchObject({ from: 4, text: '/a ' });
    expect(chooseCompletion(target, [{ value: '/a/', goesOn: true }])).toMatchObject({ text: '/a/' });
  });

  it('what all candidates begin with, and their last parts to choose from', () => {
    const completion = chooseCompletion(target, paths('/app/one', '/app/only', '/app/onto'));
    expect(completion).toEqual({ from: 4, text: '/app/on', candidates: ['one', 'only', 'onto'] });
  });

  it('quotes where the name needs them, left open while it goes on', () => {
    expect(chooseCompletion(target, paths('/two words'))).toMatchObject({ text: '"/two words" ' });
    expect(chooseCompletion(target, [{ value: '/two words/', goesOn: true }])).toMatchObject({ text: '"/two words/' });
    expect(chooseCompletion({ ...target, open: "'" }, paths('/plain'))).toMatchObject({ text: "'/plain' " });
    expect(chooseCompletion({ ...target, open: "'" }, paths("/it's"))).toMatchObject({ text: '"/it\'s" ' });
    expect(chooseCompletion(target, paths('/bell\x07'))).toMatchObject({ text: String.raw`$'/bell\x07' ` });
  });

  it('never a control character among what it lists', () => {
    expect(chooseCompletion(target, paths('/a\x1b[2J', '/b')).candidates).toEqual(['a\\x1b[2J', 'b']);
  });

  it('a word that the shell reads back as the candidate, whatever it is called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.constantFrom('"', "'", "$'", undefined),
        (name, open) => {
          const { text } = chooseCompletion({ ...target, open }, paths(`/${name}`));
          expect(tokenize(`get ${text}`).map(({ value }) => value)).toEqual(['get', `/${name}`]);
        },
      ),
    );
  });

  it('stops listing at two hundred', () => {
    const many = Array.from({ length: 500 }, (_, n) => `/n${n}`);
    const { candidates } = chooseCompletion(target, paths(...many));
    expect(candidates).toHaveLength(201);
    expect(candidates.at(-1)).toBe('… 300 more');
  });
});

describe('candidates on the screen', () => {
  it('stand in columns, to be read downwards', () => {
    expect(layOut(['a', 'bb', 'ccc', 'd', 'e'], 12)).toBe('a    d\nbb   e\nccc');
  });

  it('stand below each other where the screen is narrow, and count wide characters twice', () => {
    expect(layOut(['aaaaaaaa', 'b'], 6)).toBe('aaaaaaaa\nb');
    expect(layOut(['日本', 'b'], 80)).toBe('日本  b');
  });
});
