import { shortName } from '../../ensemble/member.ts';
import type { Point } from '../../ensemble/sampling/history.ts';
import { type Chart, lineChart, swatch } from '../../output/chart.ts';
import { type Html, html } from '../../output/html.ts';
import { byteSize } from '../../output/times.ts';
import { latencyOf } from '../top/figures.ts';
import type { Report } from './report.ts';

interface Metric extends Pick<Chart, 'title' | 'unit' | 'level' | 'whole'> {
  value(point: Point): number | bigint | undefined;
  format?(value: number, step?: number): string;
  note?: string;
}

const METRICS: readonly Metric[] = [
  {
    title: 'Requests',
    unit: 'packets/s in',
    value: ({ rates }) => rates?.received,
    note: 'Packets from clients, pings and our own four-letter words among them.',
  },
  {
    title: 'Transactions',
    unit: 'transactions/s',
    value: ({ rates }) => rates?.transactions,
    note: 'Applied by each member: the writes and sessions of the whole ensemble.',
  },
  {
    title: 'Latency',
    unit: 'ms',
    value: latencyOf,
    note: 'Mean of the requests since the look before; where that is not told, since the server began to serve.',
  },
  { title: 'Outstanding requests', unit: 'requests', value: ({ facts }) => facts.outstanding?.value, whole: true },
  { title: 'Connections', unit: 'connections', value: ({ facts }) => facts.connections?.value, whole: true },
  { title: 'Lag', unit: 'transactions', value: ({ lag }) => lag, whole: true, note: 'Behind the leader.' },
  { title: 'Znodes', unit: 'znodes', value: ({ facts }) => facts.znodes?.value, whole: true, level: true },
  {
    title: 'Data',
    unit: 'bytes',
    value: ({ facts }) => facts.dataSize?.value,
    whole: true,
    format: bytes,
    level: true,
  },
  { title: 'Ephemerals', unit: 'znodes', value: ({ facts }) => facts.ephemerals?.value, whole: true, level: true },
  { title: 'Watches', unit: 'watches', value: ({ facts }) => facts.watches?.value, whole: true, level: true },
];

/** A chart of each metric that some member told, and the titles of the others. */
export function charts({ history, begun, ended }: Report): { drawn: readonly Html[]; untold: readonly string[] } {
  const drawn: Html[] = [];
  const untold: string[] = [];
  for (const { title, unit, level, whole, note, value, format = figure } of METRICS) {
    const all = history.map(({ member, points }, slot) => ({
      name: shortName(member),
      slot,
      points: points.map((point) => ({ at: point.at, value: numberOf(value(point)) })),
    }));
    const series = all.filter(({ points }) => points.some((point) => point.value !== undefined));
    if (series.length === 0) {
      untold.push(title);
      continue;
    }
    const chart = lineChart({ title, unit, level, whole, series, format, from: begun, to: ended });
    const legend = series.map(({ name, slot }) => html`<span class="key">${swatch(slot)}${name}</span>`);
    drawn.push(html`<figure><figcaption><h3>${title} <small>${unit}</small></h3><div class="legend">${legend}</div></figcaption>
${chart}${note === undefined ? undefined : html`<p class="note">${note}</p>`}</figure>
`);
  }
  return { drawn, untold };
}

/** What is told apart by its last digits has all of them. */
function figure(value: number, step = 0): string {
  if (value >= 10_000 && step >= value / 100) return `${value / 1000}k`;
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 1 });
}

function bytes(value: number, step?: number): string {
  return step === undefined || step < value / 20 ? `${value.toLocaleString('en')} B` : byteSize(value);
}

function numberOf(value: number | bigint | undefined): number | undefined {
  return value !== undefined && Number.isFinite(Number(value)) ? Number(value) : undefined;
}
