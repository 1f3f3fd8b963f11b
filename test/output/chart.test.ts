import { expect, it } from 'vitest';
import { type Chart, lineChart } from '../../src/output/chart.ts';

const FROM = Date.UTC(2026, 0, 2, 3, 4, 0);

function draw(values: (number | undefined)[], more: Partial<Chart> = {}): string {
  const points = values.map((value, i) => ({ at: FROM + 1000 * i, value }));
  const to = FROM + 1000 * (values.length - 1);
  const series = [{ name: 'one', slot: 0, points }];
  return lineChart({ title: 'Requests', unit: '/s', from: FROM, to, series, format: String, ...more }).toString();
}

it('draws a line from edge to edge, the greatest value on the scale below the top', () => {
  expect(draw([0, 50, 100])).toContain('<polyline class="line s0" points="58,172 283,92 508,12"/>');
});

it('parts the line where there is no value, and draws a lone one as a dot', () => {
  const svg = draw([0, 100, undefined, 100, undefined]);
  expect(svg.match(/<polyline/g)).toHaveLength(1);
  expect(svg).toContain('<circle class="dot s0" cx="395.5" cy="12" r="3"/>');
});

it('says at each moment what all have there', () => {
  expect(draw([1, undefined])).toContain('<title>Requests (/s), 03:04:00Z\none: 1</title>');
  expect(draw([1, undefined])).toContain('<title>Requests (/s), 03:04:01Z\none: not told</title>');
});

it('draws nothing of nothing', () => {
  const svg = draw([], { to: FROM, series: [] });
  expect(svg).toMatch(/^<svg class="chart"[\s\S]*<\/svg>$/);
  expect(svg).not.toMatch(/NaN|Infinity|polyline/);
});

it('escapes names', () => {
  const svg = draw([1], { title: '<b>', series: [{ name: '"><script>', slot: 9, points: [{ at: FROM, value: 1 }] }] });
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('class="dot s1"');
});
