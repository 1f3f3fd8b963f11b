import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { Screen, type Terminal } from '../../src/output/screen.ts';

function terminal(columns = 40, rows = 5) {
  const written: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    columns,
    rows,
    writableNeedDrain: false,
    write: (text: string) => written.push(text) > 0,
  });
  return {
    stream,
    screen: (onResize = () => {}) => new Screen(stream as unknown as Terminal, onResize),
    take: () => written.splice(0).join(''),
  };
}

it('takes the terminal and gives it back, once each', () => {
  const { screen, take } = terminal();
  const one = screen();
  one.open();
  one.open();
  expect(take()).toBe('\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J');
  one.close();
  one.close();
  expect(take()).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l');
  one.draw(['late']);
  expect(take()).toBe('');
});

it('writes the lines that changed, and clears what is below the last', () => {
  const { screen, take } = terminal();
  const one = screen();
  one.open();
  take();
  one.draw(['a', 'b', 'c']);
  expect(take()).toBe('\x1b[1;1H\x1b[Ka\x1b[2;1H\x1b[Kb\x1b[3;1H\x1b[Kc\x1b[4;1H\x1b[J');
  one.draw(['a', 'B', 'c']);
  expect(take()).toBe('\x1b[2;1H\x1b[KB');
  one.draw(['a']);
  expect(take()).toBe('\x1b[2;1H\x1b[J');
  one.draw(['a']);
  expect(take()).toBe('');
});

it('never writes more lines than there are, and all of them after a resize', () => {
  const { stream, screen, take } = terminal(40, 2);
  let resized = 0;
  const one = screen(() => {
    resized += 1;
  });
  one.open();
  take();
  one.draw(['a', 'b', 'c']);
  expect(take()).toBe('\x1b[1;1H\x1b[Ka\x1b[2;1H\x1b[Kb');
  stream.emit('resize');
  expect(resized).toBe(1);
  one.draw(['a', 'b', 'c']);
  expect(take()).toContain('\x1b[Ka');
  one.close();
  stream.emit('resize');
  expect(resized).toBe(1);
});

it('leaves out a drawing while the terminal is behind', () => {
  const { stream, screen, take } = terminal();
  const one = screen();
  one.open();
  take();
  stream.writableNeedDrain = true;
  one.draw(['a']);
  stream.writableNeedDrain = false;
  expect(take()).toBe('');
  one.draw(['a']);
  expect(take()).toContain('\x1b[Ka');
});
