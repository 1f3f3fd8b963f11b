import { expect, it } from 'vitest';
import { keysOf } from '../../src/output/keys.ts';

it('names what is no character, in both cursor key modes', () => {
  expect(keysOf('q\r\x1b[A\x1bOB\x1b[5~\x7f\x03\x1a\x1b')).toEqual([
    'q',
    'enter',
    'up',
    'down',
    'page up',
    'backspace',
    'ctrl-c',
    'ctrl-z',
    'escape',
  ]);
});

it('leaves out what it does not know, whole', () => {
  expect(keysOf('\x1b[1;5Cj\x1b[200~x\x1bOP\x00k')).toEqual(['j', 'x', 'k']);
});

it('takes a character beyond the first plane for one key', () => {
  expect(keysOf('ä😀')).toEqual(['ä', '😀']);
});
