import { moments, scaleOf } from './chart-scale.ts';
import { Html, html } from './html.ts';

/** One line of a chart. */
interface Series {
  name: string;
  /** Which of the page's colours: the same thing has the same one in every chart. */
  slot: number;
  points: readonly { at: number; value: number | undefined }[];
}

export interface Chart {
  title: string;
  /** What the values are, for the axis and the titles. */
  unit: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  series: readonly Series[];
  /** A value as it is read; on the axis its neighbours are a step away, and it must not read like them. */
  format(value: number, step?: number): string;
  /** The axis may begin above zero where the values differ little. */
  level?: boolean | undefined;
  /** There is nothing between two whole numbers. */
  whole?: boolean | undefined;
}

/** How many colours and dashes the page's style has for series. */
const SLOTS = 8;

const WIDTH = 520;
const HEIGHT = 200;
const PLOT = { left: 58, right: 508, top: 12, bottom: 172 };
const Y_STEPS = 4;
const X_TICKS = 5;

/**
 * A chart of lines over time as inline SVG: axes with units, a gap where there is no value, and the values of each moment
 * in a title for who points there. Colours are the page's, by class: `s0`, `s1` and so on, `grid`, `axis`.
 */
export function lineChart(chart: Chart): Html {
  const { title, unit, from, to, series } = chart;
  const values = series.flatMap(({ points }) => points.flatMap(({ value }) => value ?? []));
  const scale = scaleOf(rangeOf(values), Y_STEPS, chart);
  const step = (scale.ticks[1] ?? scale.to) - scale.from;
  const span = Math.max(1, to - from);
  const x = (at: number): number => round(PLOT.left + ((at - from) / span) * (PLOT.right - PLOT.left));
  const y = (value: number): number =>
    round(PLOT.bottom - ((value - scale.from) / (scale.to - scale.from)) * (PLOT.bottom - PLOT.top));
  const rows = scale.ticks.map(
    (tick) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(tick)}" y2="${y(tick)}"/>
<text class="tick" x="${PLOT.left - 6}" y="${y(tick) + 4}" text-anchor="end">${chart.format(tick, step)}</text>`,
  );
  const columns = moments(from, to, X_TICKS).map(
    (at) => html`<line class="axis" x1="${x(at)}" x2="${x(at)}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 4}"/>
<text class="tick" x="${x(at)}" y="${PLOT.bottom + 18}" text-anchor="middle">${timeOfDay(at)}</text>`,
  );
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}, ${unit}">
${rows}<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}"/>
${columns}${series.map((one) => line(one, x, y))}${hovers(chart, x)}</svg>`;
}

/** A line of a series' colour and dashes, for a legend. */
export function swatch(slot: number): Html {
  return html`<svg class="swatch" viewBox="0 0 26 6" aria-hidden="true"><line class="line s${slot % SLOTS}" x1="1" x2="25" y1="3" y2="3"/></svg>`;
}

function rangeOf(values: readonly number[]): { least: number; most: number } {
  return values.reduce(({ least, most }, value) => ({ least: Math.min(least, value), most: Math.max(most, value) }), {
    least: values[0] ?? 0,
    most: values[0] ?? 0,
  });
}

/** Moments without a value part the line; a value between two such is a dot. */
function line({ slot, points }: Series, x: (at: number) => number, y: (value: number) => number): Html {
  const runs: { at: number; value: number }[][] = [[]];
  for (const { at, value } of points) {
    if (value === undefined) runs.push([]);
    else runs.at(-1)?.push({ at, value });
  }
  const kind = `s${slot % SLOTS}`;
  return html`${runs.map((run) => {
    const [first] = run;
    if (first === undefined) return undefined;
    if (run.length === 1) return html`<circle class="dot ${kind}" cx="${x(first.at)}" cy="${y(first.value)}" r="3"/>`;
    const path = run.map(({ at, value }) => `${x(at)},${y(value)}`).join(' ');
    return html`<polyline class="line ${kind}" points="${path}"/>`;
  })}`;
}

/** A band for each moment, with what all series are there. */
function hovers({ title, unit, series, format, from, to }: Chart, x: (at: number) => number): Html {
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const edges = times.map((at, i) => ({
    at,
    left: i === 0 ? x(from) : x((at + (times[i - 1] ?? at)) / 2),
    right: i === times.length - 1 ? x(to) : x((at + (times[i + 1] ?? at)) / 2),
  }));
  const found = series.map(({ name, points }) => ({
    name,
    byTime: new Map(points.map(({ at, value }) => [at, value])),
  }));
  return html`${edges.map(({ at, left, right }) => {
    const told = found.map(({ name, byTime }) => {
      const value = byTime.get(at);
      return `${name}: ${value === undefined ? 'not told' : format(value)}`;
    });
    const text = [`${title} (${unit}), ${timeOfDay(at)}`, ...told].map(
      (part, i) => html`${i === 0 ? '' : NEW_LINE}${part}`,
    );
    const width = round(Math.max(0, right - left));
    return html`<g class="moment"><rect x="${left}" y="${PLOT.top}" width="${width}" height="${PLOT.bottom - PLOT.top}"/><line class="mark" x1="${x(at)}" x2="${x(at)}" y1="${PLOT.top}" y2="${PLOT.bottom}"/><title>${text}</title></g>`;
  })}`;
}

/** A line feed of ours, which is not to be escaped as one from a server is. */
const NEW_LINE = new Html('\n');

/** `03:04:05Z` */
export function timeOfDay(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
