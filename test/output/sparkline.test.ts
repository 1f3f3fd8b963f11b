import { expect, it } from 'vitest';
import { sparkline } from '../../src/output/sparkline.ts';

it('is a row of bars from zero to the greatest value, the newest at the end', () => {
  expect(sparkline([0, 1, 2, 4, 8], 8)).toBe('   ▁▂▃▅█');
  expect(sparkline([8, 0, 4], 2)).toBe('▁█');
});

it('has a gap where there is no value, and a floor where all are zero', () => {
  expect(sparkline([1, undefined, 1], 3)).toBe('█ █');
  expect(sparkline([0, 0], 3)).toBe(' ▁▁');
  expect(sparkline([1, 2], 0)).toBe('');
});
